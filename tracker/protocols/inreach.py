"""Garmin inReach, "IPC Outbound": Garmin posts events as JSON, schemas 2.0 to 4.0, and wants exactly 200.

`timeStamp` is in milliseconds, speed in km/h. Unknown fields and codes pass; `point` and `timeStamp` may be missing.
Codes 4 and 6 are SOS, declared and confirmed; 7 cancels it; 8 is a place of interest, not the device's own.
[Garmin: IPC Outbound developer guide 2.0; unicornlines/pyinreach: outbound.py]
"""

from __future__ import annotations

from collections.abc import Mapping

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.numbers import KMH_MPS, coordinate, json_number, scaled, short_text
from tracker.protocols.parameters import Reading
from tracker.protocols.strict import check_batch, load_json

SOS_CODES = (4, 6)
SOS_CANCELLED = 7
REFERENCE_POINT = 8
BATTERY_LOW = 1  # 2: unknown


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one post of one or more events."""
    collector = Collector(received_at_ms)
    with Reading(collector, request):
        document = load_json(request.body) if request.body.strip() else {"Events": []}
        events = document.get("Events", document.get("events")) if isinstance(document, dict) else None
        if not isinstance(events, list):
            collector.refuse(Reason.TYPE, request.body, "no list of events")
            events = []
        for event in check_batch(events):
            _add_event(collector, event)
    return Decoded(collector.pings, collector.refusals, note=collector.note)


def _add_event(collector: Collector, event: object) -> None:
    if not isinstance(event, dict):
        collector.refuse(Reason.TYPE, event, "not an object")
        return
    code = event.get("messageCode")
    if code == REFERENCE_POINT:
        return
    point = event.get("point")
    place: Mapping[str, object] = point if isinstance(point, dict) else {}
    time = json_number(event.get("timeStamp"))
    imei = event.get("imei")
    sos = code in SOS_CODES
    ping = Ping(
        device=short_text(imei.split(",")[0]) if isinstance(imei, str) else None,
        fix_time_ms=None if time is None else round(time),
        lat=coordinate(place.get("latitude"), json_number),
        lon=coordinate(place.get("longitude"), json_number),
        speed_mps=scaled(json_number(place.get("speed")), KMH_MPS),
        bearing_deg=json_number(place.get("course")),
        altitude_m=json_number(place.get("altitude")),
        valid=place.get("gpsFix") != 0,
        sos=sos,
        event=_word(code, event),
    )
    unreadable = time is None and event.get("timeStamp") is not None
    collector.add(ping, event, Reason.TIME if unreadable else None)


def _word(code: object, event: Mapping[str, object]) -> str | None:
    """What was said beside the place: that help is no longer wanted, a text, or that the battery runs down."""
    if code == SOS_CANCELLED:
        return "sos cancelled"
    status = event.get("status")
    low = isinstance(status, dict) and status.get("lowBattery") == BATTERY_LOW
    return short_text(event.get("freeText"), 40) or ("low battery" if low else None)
