"""Garmin inReach outbound: satellites say SOS in numbers."""

from __future__ import annotations

import json

import pytest

from tracker.core.model import Ping
from tracker.protocols import inreach
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest

NOW_MS = 1_781_342_131_000
POST = (
    b'{"Version":"2.0","Events":[{"imei":"300000000000017","messageCode":0,"freeText":"","timeStamp":1781342130000,'
    b'"addresses":[],"point":{"latitude":47.05048,"longitude":8.31064,"altitude":436,"gpsFix":2,"course":128,'
    b'"speed":54},"status":{"autonomous":0,"lowBattery":0,"intervalChange":0,"resetDetected":0}}]}'
)
POSITION = Ping(
    "300000000000017", 1_781_342_130_000, 47.05048, 8.31064, speed_mps=15.0, bearing_deg=128.0, altitude_m=436.0
)


def post(body: bytes) -> Decoded:
    decoded = inreach.decode(HttpRequest("POST", "", {}, body), NOW_MS)
    assert decoded.answer == HttpAnswer(200, b"")
    return decoded


def post_event(**changes: object) -> Decoded:
    document = json.loads(POST)
    document["Events"][0].update(changes)
    return post(json.dumps(document).encode())


@pytest.mark.parametrize("version", [b"2.0", b"3.0", b"4.0"])
def test_a_position(version: bytes) -> None:
    assert post(POST.replace(b"2.0", version)).pings == [POSITION]


@pytest.mark.parametrize(("level", "event"), [(0, None), (1, "low battery"), (2, None), (True, "low battery")])
def test_a_battery_that_runs_down_is_an_event(level: object, event: str | None) -> None:
    (ping,) = post_event(status={"lowBattery": level}).pings
    assert ping.event == event


@pytest.mark.parametrize("code", [4, 6])
@pytest.mark.parametrize("point", [{"latitude": 47.05048, "longitude": 8.31064}, None])
def test_sos_declared_and_confirmed_with_and_without_a_place(code: int, point: object) -> None:
    (ping,) = post_event(messageCode=code, point=point).pings
    assert ping.sos
    assert (ping.lat is None) == (point is None)


def test_a_cancelled_sos_and_a_text_are_events() -> None:
    assert post_event(messageCode=7).pings[0].event == "sos cancelled"
    assert post_event(messageCode=3, freeText="All fine, tea").pings[0].event == "All fine, tea"


def test_a_reference_point_is_not_where_the_device_is() -> None:
    assert post_event(messageCode=8).pings == []


@pytest.mark.parametrize("code", [2, 10, 11, 12, 14, 20, 63, 64, 67, 99, None, "x"])
def test_any_other_code_is_a_position(code: object) -> None:
    assert post_event(messageCode=code).pings == [POSITION]


def test_without_a_fix_the_place_is_a_sighting() -> None:
    point = {"latitude": 47.05048, "longitude": 8.31064, "gpsFix": 0}
    assert not post_event(point=point).pings[0].valid
    assert post_event(point=point | {"latitude": 0, "longitude": 0}).pings == []


def test_what_is_missing_or_null_is_tolerated() -> None:
    decoded = post(b'{"Version":"2.0","Events":[{"imei":null,"point":null,"timeStamp":null},{}]}')
    assert (decoded.pings, decoded.refusals) == ([], [])


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"Events":{}}', b"not json", b'{"Events":[7]}'])
def test_what_is_no_post_is_quarantined(body: bytes) -> None:
    assert len(post(body).refusals) == 1


def test_a_comma_list_of_imeis_names_the_first() -> None:
    assert post_event(imei="300000000000017,300000000000018").pings[0].device == "300000000000017"
