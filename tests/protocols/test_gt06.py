"""GT06 and its clones: which messages hold a position, what stands behind it, and the ack for each."""

from __future__ import annotations

import pytest

from tracker.protocols.binary import crc_x25
from tracker.protocols.contract import Message
from tracker.protocols.gt06 import POSITIONS, Gt06
from tracker.protocols.stream import Decoder

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
LOGIN = bytes.fromhex("78781101049015420323751800000000000164ef0d0a")
PLACE = bytes.fromhex("1a060d090f1ec9050c47b000e4423036") + (0x1480).to_bytes(2, "big")
CELL = bytes.fromhex("00e4011234000abc")


def frame(kind: int, body: bytes, serial: int = 2, *, long: bool = False) -> bytes:
    inner = (len(body) + 5).to_bytes(2 if long else 1, "big") + bytes([kind]) + body + serial.to_bytes(2, "big")
    return (b"yy" if long else b"xx") + inner + crc_x25(inner).to_bytes(2, "big") + b"\r\n"


def read(data: bytes) -> Message:
    (message,) = Decoder(Gt06()).feed(data, NOW_MS)
    assert message.checksum_right
    return message


def test_the_specification_to_the_byte() -> None:
    stream = Decoder(Gt06())
    (login,) = stream.feed(LOGIN, NOW_MS)
    assert (login.answer.hex(), login.device) == ("787805010001d9dc0d0a", "490154203237518")
    (heartbeat,) = stream.feed(bytes.fromhex("78780a1346060400020003a97d0d0a"), NOW_MS)
    assert (heartbeat.answer.hex(), heartbeat.pings) == ("787805130003cae30d0a", [])
    position = bytes.fromhex("787822221a060d090f1ec9050c47b000e4423036148000e4011234000abc0100000002f4330d0a")
    (message,) = stream.feed(position, NOW_MS)
    (ping,) = message.pings
    assert (ping.device, ping.fix_time_ms, ping.event) == ("490154203237518", FIX_MS, "ignition on")


@pytest.mark.parametrize("kind", sorted(POSITIONS))
def test_every_type_that_begins_with_a_position(kind: int) -> None:
    message = read(frame(kind, PLACE + CELL))
    (ping,) = message.pings
    assert (ping.fix_time_ms, ping.lat, ping.lon, ping.speed_mps) == (FIX_MS, 47.05048, 8.31064, 15.0)
    assert message.answer == frame(kind, b"")


def test_hemispheres_and_no_fix() -> None:
    south_west = PLACE[:-2] + (0x1880).to_bytes(2, "big")
    (ping,) = read(frame(0x22, south_west)).pings
    assert (ping.lat, ping.lon) == (-47.05048, -8.31064)
    (stale,) = read(frame(0x22, PLACE[:-2] + (0x0480).to_bytes(2, "big"))).pings
    assert not stale.valid


@pytest.mark.parametrize(
    ("status", "alarm", "sos", "event"),
    [
        (0x40, 0x01, True, None),
        (0x60, 0x00, True, None),
        (0x42, 0x02, False, "power cut"),
        (0x46, 0x00, False, "ignition on"),
        (0x44, 0x2C, False, "crash"),
    ],
)
@pytest.mark.parametrize("cell", [b"\x09" + CELL, b"\x0a" + CELL + b"\0", b"\0"])
def test_alarms_behind_the_cell(status: int, alarm: int, sos: bool, event: str | None, cell: bytes) -> None:
    (ping,) = read(frame(0x26, PLACE + cell + bytes([status, 3, 4, alarm, 2]))).pings
    assert (ping.sos, ping.event, ping.battery_pct) == (sos, event, 50.0)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (0x13, "6606040102"),
        (0x13, "4606040102"),
        (0x36, "6606040002"),
        (0x19, "00e4011234000abc 4606040102"),
        (0xA5, "00e401 00001234 0000000000000abc 4606040102"),
    ],
)
def test_sos_in_a_status_report_needs_no_place(kind: int, body: str) -> None:
    (ping,) = read(frame(kind, bytes.fromhex(body))).pings
    assert (ping.sos, ping.lat) == (True, None)


def test_the_battery_of_a_heartbeat_goes_with_the_positions_that_follow() -> None:
    stream = Decoder(Gt06())
    _, position = stream.feed(frame(0x13, bytes.fromhex("4603040002")) + frame(0x22, PLACE + CELL), NOW_MS)
    assert [ping.battery_pct for ping in position.pings] == [50.0]


def test_clones_with_another_layout_behind_the_position() -> None:
    vxt01 = read(frame(0x16, PLACE + CELL + bytes.fromhex("4603040000"))).pings
    assert [(ping.battery_pct, ping.event) for ping in vxt01] == [(50.0, "ignition on")]
    lw4g = PLACE + bytes.fromhex("00e401 00001234 0000000000000abc 01 46 04d2 53 04 01") + bytes(19)
    (ping,) = read(frame(0xA2, lw4g)).pings
    assert (ping.battery_pct, ping.sos) == (83.0, True)
    (rfid,) = read(frame(0x17, PLACE + CELL + bytes(9))).pings
    assert rfid.lat == 47.05048


def test_camera_alarms() -> None:
    (ping,) = read(frame(0x95, PLACE[:6] + PLACE[7:15] + PLACE[16:] + b"\x01")).pings
    assert (ping.lat, ping.speed_mps, ping.sos) == (47.05048, None, True)
    (ping,) = read(frame(0x95, b"\xff\xff\x01" + PLACE[:15] + b"\0\x36" + PLACE[16:] + b"\0\x7b\x93")).pings
    assert (ping.lon, ping.speed_mps, ping.event) == (8.31064, 15.0, "crash")
    assert read(frame(0x95, PLACE[:6] + b"\x80")).pings == []


def test_requests_get_what_they_ask_for() -> None:
    assert read(frame(0x8A, b"")).answer == frame(0x8A, bytes([26, 6, 13, 9, 15, 31]))
    assert read(frame(0x2A, PLACE)).answer[:2] == b"yy"


@pytest.mark.parametrize("kind", [0x80, 0x81, 0x82])
def test_replies_to_commands_are_not_answered(kind: int) -> None:
    assert read(frame(kind, b"\x04\0\0\0\0")).answer == b""


def test_the_long_form_with_a_length_for_satellites() -> None:
    message = read(frame(0x32, PLACE, long=True))
    assert (len(message.pings), message.answer) == (1, frame(0x32, b"", long=True))
    assert read(frame(0x32, PLACE[:6] + b"\0" * 12, long=True)).pings == []


def test_a_position_among_modules() -> None:
    position = (FIX_MS // 1000).to_bytes(4, "big") + b"\x09" + (436).to_bytes(2, "big") + PLACE[7:]
    modules = b"\x00\x09\x00\x01\x09" + b"\x00\x33" + len(position).to_bytes(2, "big") + position
    (ping,) = read(frame(0x70, modules, long=True)).pings
    assert (ping.fix_time_ms, ping.lat, ping.altitude_m, ping.speed_mps) == (FIX_MS, 47.05048, 436.0, 15.0)


def test_a_position_in_words() -> None:
    told = b"Current position! Lat:N47.05048,Lon:E8.31064,Course:128.00,Speed:54.00,DateTime:2026-06-13  09:15:30"
    (ping,) = read(frame(0x21, b"\0\0\0\0\x01" + told, long=True)).pings
    assert (ping.fix_time_ms, ping.lat, ping.lon, ping.speed_mps) == (FIX_MS, 47.05048, 8.31064, None)


@pytest.mark.parametrize("moment", ["1a021f090f1e", "ff060d090f1e", "1a060d19ff1e"])
def test_a_moment_that_is_none_is_refused(moment: str) -> None:
    message = read(frame(0x22, bytes.fromhex(moment) + PLACE[6:]))
    assert (message.pings, len(message.refusals), message.answer) == ([], 1, frame(0x22, b""))


def test_a_wrong_length_is_no_message_and_the_next_one_is_found() -> None:
    spoilt = b"xx\x25" + LOGIN[3:]
    messages = Decoder(Gt06()).feed(b"noise" + spoilt + frame(0x22, PLACE) * 2, NOW_MS)
    assert [len(message.pings) for message in messages] == [0, 1, 1]
    assert [message.note for message in messages] == ["not readable", None, None]


def test_an_unknown_type_is_acknowledged_and_leaves_no_trace() -> None:
    message = read(frame(0x94, b"\0\0\0"))
    assert (message.pings, message.refusals, message.answer) == ([], [], frame(0x94, b""))
