"""Traccar Client in three generations, and the parameter set of scripts."""

from __future__ import annotations

import json

import pytest

from tracker.core.model import Ping
from tracker.protocols import osmand
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest

NOW_MS = 1_781_342_131_000
QUERY = (
    "id=car017&timestamp=1781342130&lat=47.05048&lon=8.31064&speed=29.16&bearing=128.0&altitude=436.0&accuracy=5.0"
    "&batt=83.0&charge=true"
)
FORM = (
    b"id=car017&lat=47.05048&lon=8.31064&timestamp=1781342130&accuracy=5.0&altitude=436.0&speed=29.16&bearing=128.0"
    b"&batt=83&charge=true"
)
JSON = (
    b'{"location":{"timestamp":"2026-06-13T09:15:30.000Z","coords":{"latitude":47.05048,"longitude":8.31064,'
    b'"accuracy":5,"speed":15.0,"heading":128,"altitude":436},"is_moving":true,"odometer":18200,"event":"",'
    b'"battery":{"level":0.83,"is_charging":true},"activity":{"type":"in_vehicle"},"extras":{}},"device_id":"car017"}'
)


def get(query: str) -> Decoded:
    return osmand.decode(HttpRequest("GET", query, {}, b""), NOW_MS)


def post(body: bytes, query: str = "") -> Decoded:
    return osmand.decode(HttpRequest("POST", query, {}, body), NOW_MS)


def reasons(decoded: Decoded) -> list[str]:
    assert decoded.answer == HttpAnswer(200, b"")
    assert decoded.pings == []
    return [refusal.reason for refusal in decoded.refusals]


@pytest.mark.parametrize("decoded", [get(QUERY), post(b"", QUERY), post(FORM), post(JSON)])
def test_the_same_fix_in_every_generation(decoded: Decoded) -> None:
    (ping,) = decoded.pings
    assert ping.speed_mps == pytest.approx(15.0, abs=0.002)
    assert ping == Ping(
        device="car017",
        fix_time_ms=1_781_342_130_000,
        lat=47.05048,
        lon=8.31064,
        accuracy_m=5.0,
        speed_mps=ping.speed_mps,
        bearing_deg=128.0,
        altitude_m=436.0,
        battery_pct=83.0,
    )
    assert decoded.answer == HttpAnswer(200, b"")


@pytest.mark.parametrize(
    "body",
    [
        b"id=car017&notificationToken=abc:def",
        b"",
        b"id=car017&timestamp=1781342130&batt=50",
        b'{"location":{"timestamp":"2026-06-13T09:15:30.000Z","extras":{"heartbeat":true}},"device_id":"car017"}',
    ],
)
def test_a_request_without_a_place_is_a_heartbeat(body: bytes) -> None:
    assert reasons(post(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        FORM + b"&alarm=sos",
        JSON.replace(b'"extras":{}', b'"extras":{"alarm":"sos"}'),
        JSON.replace(b'"event":""', b'"alarm":"sos"'),
        b"id=car017&timestamp=1781342130&alarm=sos",
        b"id=car017&timestamp=soon&alarm=sos&lat=nowhere&lon=1",
    ],
)
def test_sos_comes_through_with_and_without_a_place(body: bytes) -> None:
    (ping,) = post(body).pings
    assert ping.sos


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("lat=91&lon=8&timestamp=1781342130", "latitude out of range"),
        ("lat=47&lon=-181&timestamp=1781342130", "longitude out of range"),
        ("lat=NaN&lon=8", "not a number"),
        ("lat=1e999&lon=8", "not a number"),
        ("lat=&lon=8", "not a number"),
        ("lat=4_6.5&lon=8", "not a number"),
        ("lat=%EF%BC%94%EF%BC%97&lon=8", "not a number"),
        ("lat=46,5&lon=8", "not a number"),
        ("lat=0&lon=0", "null island"),
        ("lat=47", "half a place"),
        ("lat=47&lon=8&timestamp=0", "time before 2000"),
        ("lat=47&lon=8&timestamp=4102444800", "time in the future"),
        ("lat=47&lon=8&timestamp=noon", "not a time"),
        ("lat=47&lat=48&lon=8", "ambiguous"),
        ("lat=%ff&lon=8", "not readable"),
    ],
)
def test_permanently_bad_content_gets_the_success_answer_and_a_reason(query: str, reason: str) -> None:
    assert reasons(get(query)) == [reason]


def test_a_place_or_time_that_differs_in_query_and_body_is_ambiguous() -> None:
    assert reasons(post(FORM, "lat=12")) == ["ambiguous"]
    assert reasons(post(FORM, "timestamp=1781342131")) == ["ambiguous"]
    assert len(post(FORM, "lat=47.05048").pings) == 1


def test_the_setup_link_as_the_address_does_not_hide_what_the_app_appends() -> None:
    """Old apps keep the query of the address that somebody pasted, and put their own parameters behind it."""
    setup = "id=17&accuracy=high&interval=10&distance=100&angle=30&heartbeat=60"
    (in_form,) = post(FORM, setup).pings
    (in_query,) = get(f"{setup}&{FORM.decode()}").pings
    assert (in_form.device, in_form.accuracy_m, in_form.lat) == ("car017", 5.0, 47.05048)
    assert in_query == in_form


def test_an_ambiguous_sos_comes_through_without_its_place() -> None:
    (ping,) = get("lat=47&lat=48&lon=8&alarm=sos").pings
    assert (ping.sos, ping.lat, ping.fix_time_ms) == (True, None, None)


def test_several_locations_in_one_request() -> None:
    """The SDK of app 9 can batch, though the app asks it not to."""
    (location,) = [json.loads(JSON)["location"]]
    decoded = post(json.dumps({"location": [location, 7, location], "device_id": "car017"}).encode())
    assert [ping.lat for ping in decoded.pings] == [47.05048] * 2
    assert [refusal.reason for refusal in decoded.refusals] == ["wrong type"]


@pytest.mark.parametrize("bad", ["speed=-1", "speed=9999", "speed=fast", "bearing=720", "accuracy=-1", "accuracy=1e9"])
def test_a_bad_field_is_emptied_and_the_fix_stays(bad: str) -> None:
    (ping,) = get(f"lat=47&lon=8&timestamp=1781342130&{bad}").pings
    assert (ping.speed_mps, ping.bearing_deg, ping.accuracy_m) == (None, None, None)


def test_the_place_may_come_as_one_parameter_and_the_id_under_its_other_name() -> None:
    (ping,) = get("deviceid=car017&location=47.05048,8.31064&heading=12&valid=false").pings
    assert (ping.device, ping.lat, ping.lon, ping.bearing_deg, ping.valid) == ("car017", 47.05048, 8.31064, 12.0, False)


def test_unknown_is_not_zero_in_json() -> None:
    (ping,) = post(
        JSON.replace(b"15.0", b"-1").replace(b'"heading":128', b'"heading":-1').replace(b"0.83", b"-1")
    ).pings
    assert (ping.speed_mps, ping.bearing_deg, ping.battery_pct) == (None, None, None)


def test_an_array_of_flat_objects_keeps_its_good_ones() -> None:
    flat = {"id": "car017", "lat": 47.05048, "lon": 8.31064, "timestamp": 1781342130, "speed": 29.16}
    decoded = post(json.dumps([flat, flat | {"lat": 91}, flat | {"timestamp": 1781342120}, "x"]).encode())
    assert [ping.fix_time_ms for ping in decoded.pings] == [1_781_342_130_000, 1_781_342_120_000]
    assert [refusal.reason for refusal in decoded.refusals] == ["latitude out of range", "wrong type"]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"a":' * 60_000,
        b'{"lat":' + b"1" * 4301 + b"}",
        b'{"lat":NaN}',
        b'{"a":1,"a":2}',
        b'{"a":"\xff"}',
        b"[" + b"1e5," * 100_000 + b"1]",
        b"[" + b"[]," * 100_000 + b"1]",
    ],
)
def test_hostile_json_is_not_readable(body: bytes) -> None:
    assert reasons(post(body)) == ["not readable"]
