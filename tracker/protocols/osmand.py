"""Traccar Client in its three generations, and the OsmAnd parameter set that scripts and other apps speak.

Query (app <= 8), JSON (app 9), form body (app 10), and the JSON array of flat objects of a fork, all at one path.
Speed is in knots in parameters and flat objects, in m/s in app 9's JSON. The answer is always an empty 200.
[traccar/traccar: OsmAndProtocolDecoder.java; traccar/traccar-client-sdk: HttpUploader.kt]
"""

from __future__ import annotations

from collections.abc import Mapping

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.numbers import KNOT_MPS, any_number, any_time_ms, coordinate, json_number, scaled, short_text
from tracker.protocols.strict import Ambiguous, Unreadable, load_json, load_parameters


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one request: a location, a batch of them, a heartbeat or a token upload."""
    collector = Collector(received_at_ms)
    raw = request.body or request.query.encode("utf-8", "replace")
    try:
        if request.body.lstrip()[:1] in (b"{", b"["):
            _add_json(collector, load_json(request.body))
        else:
            add_parameters(collector, load_parameters(request.query, request.body), raw, KNOT_MPS)
    except Ambiguous as error:
        collector.refuse(Reason.AMBIGUOUS, raw, str(error))
    except Unreadable as error:
        collector.refuse(Reason.SYNTAX, raw, str(error))
    return Decoded(collector.pings, collector.refusals, note=collector.note)


def add_parameters(collector: Collector, values: Mapping[str, object], source: object, speed_unit_mps: float) -> None:
    """Take in one location given as parameters: text from a query or form, or a flat JSON object."""
    alarm = short_text(values.get("alarm"))
    sos = alarm is not None and alarm.lower() == "sos"
    lat, lon = _place(values)
    time, time_ms = values.get("timestamp"), any_time_ms(values.get("timestamp"))
    ping = Ping(
        device=short_text(values.get("id") or values.get("deviceid")),
        fix_time_ms=time_ms,
        lat=lat,
        lon=lon,
        accuracy_m=any_number(values.get("accuracy")),
        speed_mps=scaled(any_number(values.get("speed")), speed_unit_mps),
        bearing_deg=any_number(values.get("bearing", values.get("heading"))),
        altitude_m=any_number(values.get("altitude")),
        valid=values.get("valid") is None or _flag(values["valid"]),
        sos=sos,
        battery_pct=any_number(values.get("batt")),
        event=_event(None if sos else alarm, values.get("mock")) if lat is not None else None,
    )
    unreadable = time is not None and time_ms is None and lat is not None
    collector.add(ping, source, Reason.TIME if unreadable else None)


def _add_json(collector: Collector, document: object) -> None:
    for item in document if isinstance(document, list) else [document]:
        if not isinstance(item, dict):
            collector.refuse(Reason.TYPE, item, "not an object")
        elif "location" in item and not isinstance(item["location"], str):
            _add_location(collector, item)
        else:
            add_parameters(collector, item, item, KNOT_MPS)


def _add_location(collector: Collector, item: Mapping[str, object]) -> None:
    """One location of app 9: m/s, level 0..1, -1 for unknown; without `coords` it is a provider or heartbeat event."""
    location = item["location"]
    if not isinstance(location, dict):
        collector.refuse(Reason.TYPE, item, "location is not an object")
        return
    coords, extras, battery = (_object(location.get(name)) for name in ("coords", "extras", "battery"))
    alarm = short_text(location.get("alarm") or extras.get("alarm"))
    sos = alarm is not None and alarm.lower() == "sos"
    time_ms = any_time_ms(location.get("timestamp"))
    ping = Ping(
        device=short_text(item.get("device_id")),
        fix_time_ms=time_ms,
        lat=coordinate(coords.get("latitude"), json_number),
        lon=coordinate(coords.get("longitude"), json_number),
        accuracy_m=json_number(coords.get("accuracy")),
        speed_mps=json_number(coords.get("speed")),
        bearing_deg=json_number(coords.get("heading")),
        altitude_m=json_number(coords.get("altitude")),
        sos=sos,
        battery_pct=scaled(json_number(battery.get("level")), 100),
        event=_event(None if sos else alarm, location.get("mock")) if coords else None,
    )
    unreadable = location.get("timestamp") is not None and time_ms is None and bool(coords)
    collector.add(ping, item, Reason.TIME if unreadable else None)


def _place(values: Mapping[str, object]) -> tuple[float | None, float | None]:
    """`lat` and `lon`, or `location=lat,lon`; NaN for one that is there but is no number."""
    both = values.get("location")
    if isinstance(both, str) and "lat" not in values and "lon" not in values:
        first, _, second = both.partition(",")
        return coordinate(first), coordinate(second)
    return coordinate(values.get("lat")), coordinate(values.get("lon"))


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _flag(value: object) -> bool:
    return value is True or value == 1 or (isinstance(value, str) and value.lower() in ("true", "1"))


def _event(alarm: str | None, mock: object) -> str | None:
    return alarm or ("mock location" if _flag(mock) else None)
