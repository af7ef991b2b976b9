"""OwnTracks over HTTP: locations, transitions, encrypted payloads, and everything that is answered and dropped."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from nacl.secret import SecretBox

from tracker.core.model import Ping
from tracker.protocols import owntracks
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
LOCATION = (
    b'{"_type":"location","tid":"17","lat":47.05048,"lon":8.31064,"tst":1781342130,"vel":54,"cog":128,"alt":436,'
    b'"acc":5,"vac":4,"batt":83,"bs":2,"conn":"m","t":"t","m":2,"created_at":1781342131,'
    b'"topic":"owntracks/tour/car017"}'
)
PASSPHRASE = "a road over the pass"


def post(body: bytes, secret: str = "", headers: dict[str, str] | None = None) -> Decoded:
    decoded = owntracks.decode(HttpRequest("POST", "", headers or {}, body, secret), NOW_MS)
    assert decoded.answer == HttpAnswer(200, b"[]", "application/json")
    return decoded


def with_changes(**changes: object) -> bytes:
    return json.dumps({**json.loads(LOCATION), **changes}).encode()


def reasons(decoded: Decoded) -> list[str]:
    assert decoded.pings == []
    return [refusal.reason for refusal in decoded.refusals]


def encrypted(message: bytes, passphrase: str) -> bytes:
    box = SecretBox(passphrase.encode().ljust(32, b"\0"))
    data = b64encode(box.encrypt(message, bytes(range(24)))).decode()
    return json.dumps({"_type": "encrypted", "data": data}).encode()


LOCATED = Ping(
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


def test_a_location() -> None:
    assert post(LOCATION).pings == [LOCATED]


def test_unknown_is_not_zero() -> None:
    (ping,) = post(with_changes(vel=-1, cog=-1, batt=-1)).pings
    assert (ping.speed_mps, ping.bearing_deg, ping.battery_pct) == (None, None, None)


def test_whole_numbers_may_be_floats() -> None:
    assert post(with_changes(tst=1781342130.0, vel=54.0, alt=436.0, batt=83.0)).pings == [LOCATED]


def test_bridges_may_send_several() -> None:
    decoded = post(b"[" + LOCATION + b",7," + LOCATION + b"]")
    assert (decoded.pings, [refusal.reason for refusal in decoded.refusals]) == ([LOCATED] * 2, ["wrong type"])


def test_a_ping_is_a_sighting_and_no_fix() -> None:
    (ping,) = post(with_changes(t="p")).pings
    assert not ping.valid


def test_a_transition_hints_at_a_passage() -> None:
    message = {"_type": "transition", "event": "enter", "desc": "Sonora", "tst": 1781342130, "wtst": 1, "tid": "17"}
    (ping,) = post(json.dumps(message | {"lat": 47.05048, "lon": 8.31064, "acc": 5}).encode()).pings
    assert (ping.event, ping.lat, ping.fix_time_ms) == ("enter Sonora", 47.05048, FIX_MS)


def test_an_encrypted_location() -> None:
    decoded = post(encrypted(LOCATION, PASSPHRASE), PASSPHRASE)
    assert decoded.pings == [LOCATED]


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (encrypted(LOCATION, PASSPHRASE), ""),
        (encrypted(LOCATION, PASSPHRASE), "another passphrase"),
        (b'{"_type":"encrypted","data":"not base64"}', PASSPHRASE),
        (b'{"_type":"encrypted","data":"AAAA"}', PASSPHRASE),
        (b'{"_type":"encrypted"}', PASSPHRASE),
        (encrypted(b"not json", PASSPHRASE), PASSPHRASE),
    ],
)
def test_what_cannot_be_decrypted_is_quarantined(body: bytes, secret: str) -> None:
    assert reasons(post(body, secret)) == ["cannot be decrypted"]


def test_encrypted_within_encrypted_leads_nowhere() -> None:
    decoded = post(encrypted(encrypted(LOCATION, PASSPHRASE), PASSPHRASE), PASSPHRASE)
    assert (decoded.pings, decoded.note) == ([], "encrypted")


@pytest.mark.parametrize(
    "kind", ["waypoint", "waypoints", "status", "card", "steps", "beacon", "configuration", "dump", "lwt", "cmd", "new"]
)
def test_other_kinds_are_answered_and_leave_no_trace(kind: str) -> None:
    decoded = post(json.dumps({"_type": kind, "tst": 1781342130, "lat": 47, "lon": 8}).encode())
    assert (decoded.pings, decoded.refusals, decoded.note) == ([], [], kind)


def test_an_empty_body_says_that_a_friend_was_deleted() -> None:
    assert reasons(post(b"")) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lat": None}, "half a place"),
        ({"lat": None, "lon": None}, "half a place"),
        ({"lat": True}, "not a number"),
        ({"lat": "47.05048"}, "not a number"),
        ({"tst": -5}, "time before 2000"),
        ({"tst": "1781342130"}, "not a time"),
        ({"tst": 10**30}, "not a time"),
        ({"tst": 10**15}, "time in the future"),
    ],
)
def test_what_is_no_location(change: dict[str, object], reason: str) -> None:
    assert reasons(post(with_changes(**change))) == [reason]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"true"])
def test_what_is_no_object(body: bytes) -> None:
    assert reasons(post(body)) == ["wrong type"]


@pytest.mark.parametrize("body", [b"not json", b"[" * 60_000, b'{"lat":' + b"1" * 4301 + b"}", b'{"tst":NaN}', b"\xff"])
def test_what_is_no_json(body: bytes) -> None:
    assert reasons(post(body)) == ["not readable"]


def test_null_is_no_message() -> None:
    assert reasons(post(b"null")) == ["wrong type"]


def test_hostile_text_is_shortened() -> None:
    (ping,) = post(with_changes(topic=None, tid="<b>\ud800\x00" + "x" * 10_000)).pings
    assert ping.device is not None
    assert len(ping.device) <= 64
    assert ping.device.encode()


def test_overland_in_its_owntracks_mode_counts_from_2001() -> None:
    (ping,) = post(with_changes(tst=1781342130 - 978_307_200)).pings
    assert ping.fix_time_ms == FIX_MS


def test_the_device_comes_from_topic_then_header_then_tid() -> None:
    assert post(with_changes(topic=None), headers={"x-limit-d": "phone"}).pings[0].device == "phone"
    assert post(with_changes(topic=None)).pings[0].device == "17"
