"""Teltonika: codecs, both transports, and the count that empties the unit's memory."""

from __future__ import annotations

import pytest

from tracker.protocols.binary import crc_ibm
from tracker.protocols.contract import Message
from tracker.protocols.stream import Decoder
from tracker.protocols.teltonika import Teltonika

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
LOGIN = bytes.fromhex("000f343930313534323033323337353138")
PACKET = bytes.fromhex("000000000000002308010000019ec043cf500004f41a601c0b556001b40080090036ef0101ef0100000001000070f4")

# The worked examples of the vendor's wiki: real lengths and checksums of each codec (their units had no fix).
WIKI = {
    "8": "000000000000003608010000016b40d8ea30010000000000000000000000000000000105021503010101425e0f01f10000601a014e"
    "0000000000000000010000c7cf",
    "8, two records": "000000000000004308020000016b40d57b480100000000000000000000000000000001010101000000000000016b40"
    "d5c198010000000000000000000000000000000101010101000000020000252c",
    "8 extended": "000000000000004a8e010000016b412cee000100000000000000000000000000000000010005000100010100010011001d"
    "00010010015e2c880002000b000000003544c87a000e000000001dd7e06a00000100002994",
    "16": "000000000000005f10020000016bdbc7833000000000000000000000000000000000000b05040200010000030002000b00270042"
    "563a00000000016bdbc7871800000000000000000000000000000000000b05040200010000030002000b00260042563a0000020000"
    "5fb3",
}
WIKI_UDP = (
    "003dcafe0105000f33353230393330383634303336353508010000016b4f815b300100000000000000000000000000000001030215030101"
    "01425dbc000001"
)


def place(*, satellites: int = 9, priority: int = 0) -> bytes:
    where = round(8.31064e7).to_bytes(4, "big") + round(47.05048e7).to_bytes(4, "big") + (436).to_bytes(2, "big")
    return FIX_MS.to_bytes(8, "big") + bytes([priority]) + where + b"\0\x80" + bytes([satellites]) + b"\0\x36"


def packet(codec: int, records: list[bytes], *, count: int | None = None) -> bytes:
    said = len(records) if count is None else count
    body = bytes([codec, said]) + b"".join(records) + bytes([said])
    return bytes(4) + len(body).to_bytes(4, "big") + body + crc_ibm(body).to_bytes(4, "big")


def read(data: bytes) -> Message:
    (message,) = Decoder(Teltonika()).feed(data, NOW_MS)
    return message


def test_the_specification_to_the_byte() -> None:
    login, message = Decoder(Teltonika()).feed(LOGIN + PACKET, NOW_MS)
    assert (login.answer, login.device) == (b"\x01", "490154203237518")
    (ping,) = message.pings
    assert (ping.lat, ping.lon, ping.altitude_m, ping.speed_mps) == (47.05048, 8.31064, 436.0, 15.0)
    assert (ping.event, message.answer) == ("ignition on", bytes.fromhex("00000001"))


@pytest.mark.parametrize("codec", WIKI)
def test_the_wikis_packets_of_each_codec(codec: str) -> None:
    message = read(bytes.fromhex(WIKI[codec]))
    count = 2 if codec in ("16", "8, two records") else 1
    assert (message.checksum_right, message.answer) == (True, count.to_bytes(4, "big"))
    assert (message.pings, message.refusals) == ([], [])  # no satellites, 0/0: a sign of life


def test_the_wikis_datagram() -> None:
    message = read(bytes.fromhex(WIKI_UDP))
    assert (message.device, message.answer.hex()) == ("352093086403655", "0005cafe010501")


def test_codec_8_extended_and_16_with_values_of_every_size() -> None:
    extended = place() + bytes.fromhex("00ef 0006 0002 00ef00 007153 0001 00423039 0001 0010 00000001 0001 004e")
    extended += bytes(8) + bytes.fromhex("0001 0100 0003 414243")
    (ping,) = read(packet(0x8E, [extended])).pings
    assert (ping.event, ping.battery_pct) == ("ignition off", 83.0)
    sixteen = place() + bytes.fromhex("00ef 05 02 01 00ef01 01 0042 3039 00 00")
    (ping,) = read(packet(0x10, [sixteen])).pings
    assert ping.event == "ignition on"


def test_the_old_codec_says_what_is_there() -> None:
    moment = FIX_MS // 1000 - 1_167_609_600
    record = moment.to_bytes(4, "big") + bytes.fromhex("03 1f 423c33b0 4104f861 01b4 5b 36 09 02 0153 de01")
    (ping,) = read(packet(0x07, [record])).pings
    assert ping.lat == pytest.approx(47.05048, abs=1e-5)
    assert ping.lon == pytest.approx(8.31064, abs=1e-4)
    assert (ping.sos, ping.battery_pct, ping.altitude_m, ping.speed_mps) == (True, 83.0, 436.0, 15.0)


def test_panic_is_sos_and_no_satellites_is_no_fix() -> None:
    empty = bytes(6)
    message = read(packet(0x08, [place(priority=2) + empty, place(satellites=0) + empty]))
    assert [(ping.sos, ping.valid) for ping in message.pings] == [(True, True), (False, False)]


def test_refused_records_count_too_or_the_unit_sends_them_for_ever() -> None:
    bad = bytes(8) + place()[8:] + bytes(6)
    message = read(packet(0x08, [place() + bytes(6), bad]))
    assert (len(message.pings), len(message.refusals), message.answer) == (1, 1, (2).to_bytes(4, "big"))


@pytest.mark.parametrize("count", [0, 1, 3, 255])
def test_a_count_that_is_not_the_number_of_records_is_not_answered(count: int) -> None:
    message = read(packet(0x08, [place() + bytes(6)] * 2, count=count))
    assert (message.pings, len(message.refusals), message.answer) == ([], 1, b"")


@pytest.mark.parametrize("codec", [0x0C, 0x0D, 0x0E])
def test_texts_are_not_counted(codec: int) -> None:
    message = read(packet(codec, [b"\x05\0\0\0\x02ok"]))
    assert (message.pings, message.refusals, message.answer, message.note) == ([], [], b"", f"codec {codec}")


def test_an_unknown_codec_is_refused() -> None:
    assert len(read(packet(0x55, [b""])).refusals) == 1


def test_keep_alives_between_messages_are_nothing() -> None:
    messages = Decoder(Teltonika()).feed(b"\xff\xff" + LOGIN + b"\xff" + PACKET + b"\xff", NOW_MS)
    assert [len(message.pings) for message in messages] == [0, 1]


@pytest.mark.parametrize(
    "start", [b"\0\0\0\0\xff\xff\xff\xff", b"\0\0\0\0\0\0\0\0", b"\0\x0fIMEI?", b"GET / HTTP", b"\0\0\1"]
)
def test_what_no_unit_sends_ends_the_stream_at_once(start: bytes) -> None:
    assert read(start).fatal
