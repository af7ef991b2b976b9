"""Overland's GeoJSON batches, and the one answer that empties its queue."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tracker.core.model import Ping
from tracker.protocols import overland
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
BATCH = (
    b'{"locations":[{"type":"Feature","geometry":{"type":"Point","coordinates":[8.31064,47.05048]},"properties":{'
    b'"timestamp":"2026-06-13T09:15:30Z","altitude":436,"speed":15,"course":128,"horizontal_accuracy":5,'
    b'"vertical_accuracy":4,"speed_accuracy":0.5,"course_accuracy":3.1,"motion":["driving"],'
    b'"battery_state":"charging","battery_level":0.83,"wifi":"","device_id":"car017",'
    b'"trip_id":"2026-06-13T08:00:00Z"}}]}'
)


def post(document: object) -> Decoded:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    decoded = overland.decode(HttpRequest("POST", "", {}, body), NOW_MS)
    assert decoded.answer == HttpAnswer(200, b'{"result":"ok"}', "application/json")
    return decoded


def feature(**changes: object) -> dict[str, Any]:
    one: dict[str, Any] = copy.deepcopy(json.loads(BATCH)["locations"][0])
    one["properties"].update(changes)
    return one


def test_a_batch() -> None:
    decoded = post(BATCH)
    assert decoded.pings == [
        Ping(
            "car017",
            FIX_MS,
            47.05048,
            8.31064,
            accuracy_m=5.0,
            speed_mps=15.0,
            bearing_deg=128.0,
            altitude_m=436.0,
            battery_pct=83.0,
        )
    ]


def test_unknown_is_not_zero() -> None:
    (ping,) = post({"locations": [feature(speed=-1, course=-1, battery_level=-1, horizontal_accuracy=-1)]}).pings
    assert (ping.speed_mps, ping.bearing_deg, ping.battery_pct, ping.accuracy_m) == (None, None, None, None)


def test_of_a_thousand_points_one_bad_costs_one() -> None:
    features = [feature(timestamp=f"2026-06-13T{8 + i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z") for i in range(1000)]
    features[500]["geometry"]["coordinates"] = [8.31064, 91]
    decoded = post({"locations": features})
    assert len(decoded.pings) == 999
    assert [refusal.reason for refusal in decoded.refusals] == ["latitude out of range"]


def test_the_newest_fix_beside_a_long_queue_comes_first() -> None:
    decoded = post({"locations": [feature()], "current": feature(timestamp="2026-06-13T09:15:31Z")})
    assert [ping.fix_time_ms for ping in decoded.pings] == [FIX_MS + 1000, FIX_MS]


def test_trips_visits_and_actions_are_no_fixes() -> None:
    without_place = {"type": "Feature", "properties": {"timestamp": "2026-06-13T09:15:30Z"}}
    decoded = post({"locations": [feature(type="trip"), feature(action="visit"), without_place]})
    assert (decoded.pings, decoded.refusals) == ([], [])


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [8.31064]},
        {"type": "Point", "coordinates": [1, 2, 3, 4, 5]},
        {"type": "Point"},
        {"type": "LineString", "coordinates": [[8, 47], [9, 48]]},
        {"type": "Point", "coordinates": ["8.31064", "47.05048"]},
        {"type": "Point", "coordinates": [47.05048, 122.4]},
    ],
)
def test_a_geometry_that_is_no_point_costs_its_feature(geometry: object) -> None:
    decoded = post({"locations": [feature() | {"geometry": geometry}, feature()]})
    assert (len(decoded.pings), len(decoded.refusals)) == (1, 1)


@pytest.mark.parametrize(
    ("timestamp", "fix_time_ms"),
    [
        ("2026-06-13T09:15:60Z", FIX_MS + 30_000),
        ("2026-06-13T09:15:30", FIX_MS),
        ("2026-06-13T11:15:30+02:00", FIX_MS),
        ("2026-06-13T09:15:30+25:00", None),
        ("0", None),
    ],
)
def test_times_are_normalised_or_refused(timestamp: str, fix_time_ms: int | None) -> None:
    decoded = post({"locations": [feature(timestamp=timestamp)]})
    assert [ping.fix_time_ms for ping in decoded.pings] == ([] if fix_time_ms is None else [fix_time_ms])
    assert len(decoded.refusals) == (fix_time_ms is None)


@pytest.mark.parametrize("document", [{"locations": []}, b""])
def test_an_empty_batch_is_no_fault(document: object) -> None:
    assert post(document).refusals == []


@pytest.mark.parametrize("document", [{}, [], {"locations": {}}, {"locations": None}, b"not json", 7])
def test_what_is_no_batch_is_quarantined_and_answered(document: object) -> None:
    assert len(post(document).refusals) == 1


def test_features_that_are_not_objects() -> None:
    assert len(post({"locations": [7, None, "x", [], {}]}).refusals) == 5
