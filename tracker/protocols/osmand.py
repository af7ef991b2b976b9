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
from tracker.protocols.numbers import KNOT_MPS, any_time_ms, coordinate, json_number, scaled, short_text
from tracker.protocols.parameters import (
    Dialect,
    Reading,
    add_parameters,
    calls_for_help,
    decode_parameters,
    event_word,
    is_json,
)
from tracker.protocols.strict import check_batch, load_json

DIALECT = Dialect(speeds={"speed": KNOT_MPS})


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one request: a location, a batch of them, a heartbeat or a token upload."""
    if not is_json(request.body):
        return decode_parameters(request, received_at_ms, DIALECT)
    collector = Collector(received_at_ms)
    with Reading(collector, request):
        document = load_json(request.body)
        for item in check_batch(document) if isinstance(document, list) else [document]:
            location = item.get("location") if isinstance(item, dict) else None
            if not isinstance(item, dict) or location is None or isinstance(location, str):
                add_parameters(collector, item, item, DIALECT)
                continue
            for each in check_batch(location) if isinstance(location, list) else [location]:  # the SDK can batch
                _add_location(collector, item, each)
    return Decoded(collector.pings, collector.refusals, note=collector.note)


def _add_location(collector: Collector, item: Mapping[str, object], location: object) -> None:
    """One location of app 9: m/s, level 0..1, -1 for unknown; without `coords` it is a provider or heartbeat event."""
    if not isinstance(location, Mapping):
        collector.refuse(Reason.TYPE, item, "location is not an object")
        return
    coords, extras, battery = (_object(location.get(name)) for name in ("coords", "extras", "battery"))
    alarm = short_text(location.get("alarm") or extras.get("alarm"))
    sos = calls_for_help(alarm)
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
        event=event_word(None if sos else alarm, location.get("mock")) if coords else None,
    )
    unreadable = location.get("timestamp") is not None and time_ms is None and bool(coords)
    collector.add(ping, item, Reason.TIME if unreadable else None)


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
