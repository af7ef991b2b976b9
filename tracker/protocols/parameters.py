"""One location given as named parameters: query, form, or a flat JSON object. A Dialect says what an app calls things.

The names that apps use overlap and their units do not: `speed` is knots in one and m/s in the next. So every app has
a path and a Dialect of its own, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.numbers import any_number, any_time_ms, coordinate, scaled, short_text
from tracker.protocols.strict import Parameters, Unreadable, check_batch, load_json, load_parameters

_SOS = re.compile(r"sos\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """An app's names for things, lower case, the preferred one first; speeds with their unit in m/s."""

    speeds: Mapping[str, float]
    device: tuple[str, ...] = ("id", "deviceid")
    lat: tuple[str, ...] = ("lat",)
    lon: tuple[str, ...] = ("lon",)
    time: tuple[str, ...] = ("timestamp",)
    accuracy: tuple[str, ...] = ("accuracy",)
    bearing: tuple[str, ...] = ("bearing", "heading")
    altitude: tuple[str, ...] = ("altitude",)
    battery: tuple[str, ...] = ("batt",)
    event: tuple[str, ...] = ("alarm",)


def decode_parameters(request: HttpRequest, received_at_ms: int, dialect: Dialect) -> Decoded:
    """Read a request that holds one location, in the query, a form body, or a flat JSON object; the answer is empty."""
    collector = Collector(received_at_ms)
    with Reading(collector, request):
        if is_json(request.body):
            document = load_json(request.body)
            for item in check_batch(document) if isinstance(document, list) else [document]:
                add_parameters(collector, item, item, dialect)
        else:
            values = load_parameters(request.query, request.body)
            add_parameters(collector, values, source_of(request), dialect)
    return Decoded(collector.pings, collector.refusals, note=collector.note)


class Reading:
    """A `with` block in which an unreadable request becomes a refusal of its bytes."""

    def __init__(self, collector: Collector, request: HttpRequest) -> None:
        self._collector = collector
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, Unreadable):
            return False
        self._collector.refuse(Reason.SYNTAX, source_of(self._request), str(error))
        return True


def source_of(request: HttpRequest) -> bytes:
    """The bytes to keep of a request that cannot be read."""
    return request.body or request.query.encode("utf-8", "replace")


def is_json(body: bytes) -> bool:
    """By the first byte: content types are missing or wrong too often."""
    return body.lstrip()[:1] in (b"{", b"[")


def add_parameters(collector: Collector, values: object, source: object, dialect: Dialect) -> None:
    """Take in one location; refuses what is no table of parameters."""
    if not isinstance(values, Mapping):
        collector.refuse(Reason.TYPE, source, "not an object")
        return
    table = {name.lower(): value for name, value in values.items() if value is not None}
    word = short_text(_first(table, dialect.event))
    sos = calls_for_help(word)
    lat, lon = _first(table, dialect.lat), _first(table, dialect.lon)
    both = table.get("location")
    if isinstance(both, str) and lat is None and lon is None:
        lat, _, lon = both.partition(",")
    time = _first(table, dialect.time)
    ping = Ping(
        device=short_text(_first(table, dialect.device)),
        fix_time_ms=any_time_ms(time),
        lat=coordinate(lat),
        lon=coordinate(lon),
        accuracy_m=any_number(_first(table, dialect.accuracy)),
        speed_mps=_speed(table, dialect.speeds),
        bearing_deg=any_number(_first(table, dialect.bearing)),
        altitude_m=any_number(_first(table, dialect.altitude)),
        valid="valid" not in table or is_set(table["valid"]),
        sos=sos,
        battery_pct=any_number(_first(table, dialect.battery)),
        event=event_word(None if sos else word, table.get("mock")) if lat is not None else None,
    )
    collector.add(ping, source, _trouble(ping, values, time, dialect))


def _trouble(ping: Ping, values: Mapping[str, object], time: object, dialect: Dialect) -> Reason | None:
    """What refuses the whole: a place or time that is said twice and differently, or a time that is none."""
    if isinstance(values, Parameters) and values.ambiguous:
        telling = {"location", *dialect.lat, *dialect.lon, *dialect.time}
        if not telling.isdisjoint(name.lower() for name in values.ambiguous):
            return Reason.AMBIGUOUS
    return Reason.TIME if time is not None and ping.fix_time_ms is None and ping.lat is not None else None


def calls_for_help(word: str | None) -> bool:
    """An alarm "sos", or a note that a driver began with it."""
    return word is not None and _SOS.match(word) is not None


def is_set(value: object) -> bool:
    """True, 1, and their spellings."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() in ("true", "1"))


def event_word(word: str | None, mock: object) -> str | None:
    """What was said beside the place; failing that, that the phone was told to make the place up."""
    return word or ("mock location" if is_set(mock) else None)


def _first(table: Mapping[str, object], names: tuple[str, ...]) -> object:
    for name in names:
        if name in table:
            return table[name]
    return None


def _speed(table: Mapping[str, object], speeds: Mapping[str, float]) -> float | None:
    for name, unit_mps in speeds.items():
        speed = scaled(any_number(table.get(name)), unit_mps)
        if speed is not None:
            return speed
    return None
