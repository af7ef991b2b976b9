"""What is stored is what everyone reads: the laws of the record codec."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.journal.strategies import pings
from tracker.core.model import Calibration, Ping, Record, RecordKind
from tracker.journal.records import (
    EVENT_LIMIT_BYTES,
    Stored,
    checksum,
    decode,
    decode_hint,
    decode_ping,
    encode_body,
    encode_hint,
    encode_ping,
    ping_key,
)

RECEIVED_MS = 1_781_342_131_500
PING = Ping("12", 1_781_342_130_000, 47.05048, 8.31064, 5.0, 15.0, 128.0, 436.0, battery_pct=83.0)


@settings(deadline=None)
@given(pings())
def test_a_ping_read_back_is_near_and_stays_put(ping: Ping) -> None:
    read = decode_ping(encode_ping(ping, ping.device or ""), RECEIVED_MS)
    for name, quantum in (
        ("lat", 1e-7),
        ("lon", 1e-7),
        ("accuracy_m", 0.01),
        ("speed_mps", 0.001),
        ("altitude_m", 0.01),
        ("battery_pct", 0.1),
    ):
        said, kept = getattr(ping, name), getattr(read, name)
        assert (said is None) == (kept is None)
        assert said is None or abs(said - kept) <= quantum * 0.501
    assert (read.device, read.valid, read.sos) == (ping.device, ping.valid, ping.sos)
    again = decode_ping(encode_ping(read, ping.device or ""), RECEIVED_MS)
    assert again == read


@settings(deadline=None)
@given(st.floats(0, 359.9999))
@example(359.999)
def test_a_bearing_stays_below_360(bearing_deg: float) -> None:
    read = decode_ping(encode_ping(replace(PING, bearing_deg=bearing_deg), "12"), RECEIVED_MS)
    assert read.bearing_deg is not None
    assert 0 <= read.bearing_deg < 360
    turned = abs(read.bearing_deg - bearing_deg)
    assert min(turned, 360 - turned) <= 0.0051


@pytest.mark.parametrize(
    "change",
    [
        {"fix_time_ms": 1_781_342_130_001},
        {"lat": 47.0504801},
        {"lon": 8.3106401},
        {"accuracy_m": None},
        {"speed_mps": 15.001},
        {"bearing_deg": 0.0},
        {"valid": False},
        {"sos": True},
        {"event": ""},
        {"event": "fine"},
    ],
)
def test_other_content_is_another_ping(change: dict[str, Any]) -> None:
    assert ping_key(encode_ping(replace(PING, **change), "12")) != ping_key(encode_ping(PING, "12"))


def test_battery_and_altitude_do_not_make_another_ping() -> None:
    other = replace(PING, battery_pct=82.0, altitude_m=None)
    assert ping_key(encode_ping(other, "12")) == ping_key(encode_ping(PING, "12"))


def test_the_token_says_whose_ping_it_is() -> None:
    assert decode_ping(encode_body(RecordKind.PING, PING, "S1"), RECEIVED_MS).device == "S1"


def test_a_ping_without_a_time_gets_the_received_time_and_says_so() -> None:
    payload = encode_ping(replace(PING, fix_time_ms=None), "12")
    assert ping_key(payload) is None
    read = decode_ping(payload, RECEIVED_MS)
    assert (read.fix_time_ms, read.time_given) == (RECEIVED_MS, False)
    assert encode_ping(read, "12") == payload


def test_a_long_event_is_cut_between_characters() -> None:
    read = decode_ping(encode_ping(replace(PING, event="é" * 300), "12"), RECEIVED_MS)
    assert read.event == "é" * (EVENT_LIMIT_BYTES // 2)


@pytest.mark.parametrize("device", ["", "x" * 256, "\ud800"])
def test_a_device_needs_a_name_that_fits(device: str) -> None:
    with pytest.raises(ValueError, match=r"name|surrogates"):
        encode_ping(PING, device)


def test_a_version_of_the_future_is_not_guessed_at() -> None:
    payload = encode_ping(PING, "12")
    with pytest.raises(ValueError, match="version 2"):
        decode_ping(b"\x02" + payload[1:], RECEIVED_MS)


def test_other_kinds_keep_their_kind_and_body() -> None:
    calibration = Calibration("12", -3_600_000)
    note: dict[str, object] = {"type": "note", "vehicle": "12", "text": "broken fan belt"}
    for kind, body in ((RecordKind.CALIBRATION, calibration), (RecordKind.DECISION, note)):
        assert decode(Stored(7, RECEIVED_MS, kind, encode_body(kind, body))) == Record(7, RECEIVED_MS, kind, body)


@settings(deadline=None, max_examples=20)
@given(st.lists(pings(), min_size=1, max_size=5), st.integers(1, 2**40))
def test_a_hint_carries_consecutive_records(batch: list[Ping], first_seq: int) -> None:
    stored = [
        Stored(seq, RECEIVED_MS, RecordKind.PING, encode_ping(ping, ping.device or ""))
        for seq, ping in enumerate(batch, first_seq)
    ]
    assert decode_hint(encode_hint(stored)) == [decode(record) for record in stored]


@pytest.mark.parametrize("message", [b"\x01", b"\x92\x01\x01", b"\x91\x01", b"\x92\x01\x91\x93\x01\x01\xc4\x01\x01"])
def test_what_is_no_hint_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="not a message about journal records"):
        decode_hint(message)


def test_every_flipped_bit_and_every_other_place_changes_the_checksum() -> None:
    payload = encode_ping(PING, "12")
    stored = Stored(7, RECEIVED_MS, RecordKind.PING, payload)
    crc = checksum(1, stored)
    for bit in range(8 * len(payload)):
        flipped = bytearray(payload)
        flipped[bit // 8] ^= 1 << bit % 8
        assert checksum(1, stored._replace(payload=bytes(flipped))) != crc
    assert checksum(2, stored) != crc
    assert checksum(1, stored._replace(seq=8)) != crc
    assert checksum(1, stored._replace(stored_at_ms=RECEIVED_MS + 1)) != crc
    assert checksum(1, stored._replace(kind=RecordKind.DECISION)) != crc
