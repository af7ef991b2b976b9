"""Overland (iOS, and its Android port): GeoJSON batches. The answer must be JSON with `"result":"ok"`.

Anything else makes the phone keep the whole batch and send it again. lon comes before lat, speed is m/s, -1 unknown,
battery 0..1. Trip summaries and actions are not fixes. [aaronpk/Overland-iOS: README.md, GLManager.m]
"""

from __future__ import annotations

from collections.abc import Mapping

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest
from tracker.protocols.numbers import any_time_ms, coordinate, json_number, scaled, short_text
from tracker.protocols.parameters import Reading
from tracker.protocols.strict import check_batch, load_json

OK = HttpAnswer(200, b'{"result":"ok"}', "application/json")


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one batch; `current`, the newest fix beside a long queue, comes first."""
    collector = Collector(received_at_ms)
    with Reading(collector, request):
        document = load_json(request.body) if request.body.strip() else {"locations": []}
        if not isinstance(document, dict) or not isinstance(document.get("locations"), list):
            collector.refuse(Reason.TYPE, request.body, "no list of locations")
        else:
            current = document.get("current")
            for feature in [*([current] if current else []), *check_batch(document["locations"])]:
                _add_feature(collector, feature)
    return Decoded(collector.pings, collector.refusals, OK, collector.note)


def _add_feature(collector: Collector, feature: object) -> None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(properties, Mapping):
        collector.refuse(Reason.TYPE, feature, "not a feature with properties")
        return
    geometry = feature.get("geometry")
    if properties.get("type") == "trip" or properties.get("action") is not None or geometry is None:
        return
    place = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(place, list) or len(place) not in (2, 3):
        collector.refuse(Reason.TYPE, feature, "not a point of two or three numbers")
        return
    time = properties.get("timestamp")
    altitude = properties.get("altitude", place[2] if len(place) == 3 else None)
    ping = Ping(
        device=short_text(properties.get("device_id") or properties.get("unique_id")),
        fix_time_ms=any_time_ms(time),
        lat=coordinate(place[1], json_number),
        lon=coordinate(place[0], json_number),
        accuracy_m=json_number(properties.get("horizontal_accuracy")),
        speed_mps=json_number(properties.get("speed")),
        bearing_deg=json_number(properties.get("course")),
        altitude_m=json_number(altitude),
        battery_pct=scaled(json_number(properties.get("battery_level")), 100),
    )
    collector.add(ping, feature, Reason.TIME if time is not None and ping.fix_time_ms is None else None)
