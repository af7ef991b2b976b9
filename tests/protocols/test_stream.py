"""The laws of all stream protocols: any split, bounded buffers, hostile bytes, checksums flagged or rejected."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core.model import Ping
from tracker.protocols import STREAM_PROTOCOLS
from tracker.protocols.contract import Message
from tracker.protocols.stream import FRAME_LIMIT_BYTES, LOGIN_LIMIT_BYTES, Decoder

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000

# One login (or first message) and one position of the same place for each, made from the specification.
LOGIN = {
    "gps103": b"##,imei:490154203237518,A;",
    "tk103": b"(490154203237BP00HSO)",
    "queclink": b"+ACK:GTHBD,020102,490154203237518,car017,20260613091531,00A1$",
    "nmea": b"IMEI 490154203237518\r\n",
    "h02": b"*HQ,4901542032,HTBT,100#",
    "gt06": bytes.fromhex("78781101049015420323751800000000000164ef0d0a"),
    "teltonika": bytes.fromhex("000f343930313534323033323337353138"),
}
POSITION = {
    "gps103": b"imei:490154203237518,tracker,2606131115,,F,091530.000,A,4703.0288,N,00818.6384,E,29.16,128.0,436.0,"
    b"1,0;",
    "tk103": b"(490154203237BR00260613A4703.0288N00818.6384E054.0091530128.0001000000L00000000)",
    "queclink": b"+RESP:GTFRI,020102,490154203237518,car017,,10,1,1,54.0,128,436.0,8.310640,47.050480,20260613091530,"
    b"0228,0001,1234,0ABC,,83,20260613091531,00A1$",
    "nmea": b"$GPRMC,091530.00,A,4703.0288,N,00818.6384,E,29.16,128.0,130626,,,A*5D\r\n",
    "h02": b"*HQ,4901542032,V1,091530,A,4703.0288,N,00818.6384,E,029.16,128,130626,FFFFFBFF,228,01,1234,5678#",
    "gt06": bytes.fromhex("787822221a060d090f1ec9050c47b000e4423036148000e4011234000abc0100000002f4330d0a"),
    "teltonika": bytes.fromhex(
        "000000000000002308010000019ec043cf500004f41a601c0b556001b40080090036ef0101ef0100000001000070f4"
    ),
}
H02_BINARY = bytes.fromhex("2449015420320915301306264703028806008186384e029128fffffbff000000")
CHECKED = ("gt06", "teltonika", "nmea")
NAMES = sorted(STREAM_PROTOCOLS)
Said = tuple[list[Ping], list[str], bytes, str | None, str | None]


def decoder(name: str, *, strict: bool = False) -> Decoder:
    return Decoder(STREAM_PROTOCOLS[name].codec(), reject_wrong_checksum=strict)


def said(messages: Iterable[Message]) -> list[Said]:
    return [(m.pings, [r.reason for r in m.refusals], m.answer, m.device, m.note) for m in messages]


def fed(name: str, pieces: Iterable[bytes]) -> list[Said]:
    stream = decoder(name)
    return [one for piece in pieces for one in said(stream.feed(piece, NOW_MS))]


def in_bytes(data: bytes) -> Iterable[bytes]:
    return (data[i : i + 1] for i in range(len(data)))


@pytest.mark.parametrize("name", NAMES)
def test_login_and_position_of_the_specification(name: str) -> None:
    login, position = decoder(name).feed(LOGIN[name] + POSITION[name], NOW_MS)
    assert (login.pings, login.refusals, position.refusals) == ([], [], [])
    (ping,) = position.pings
    assert ping.lat == pytest.approx(47.05048, abs=1e-6)
    assert ping.lon == pytest.approx(8.31064, abs=1e-6)
    assert ping.speed_mps == pytest.approx(15.0, abs=0.002)
    assert (ping.fix_time_ms, ping.bearing_deg, ping.valid, ping.sos) == (FIX_MS, 128.0, True, False)
    assert ping.device == position.device == login.device
    assert position.device is not None
    assert position.checksum_right


@pytest.mark.parametrize("name", NAMES)
def test_byte_by_byte_is_the_same(name: str) -> None:
    data = LOGIN[name] + POSITION[name]
    assert fed(name, in_bytes(data)) == fed(name, [data])


def test_h02_byte_by_byte_when_text_and_binary_of_all_lengths_alternate() -> None:
    long_form = H02_BINARY + bytes(13)
    for data in (H02_BINARY * 3 + POSITION["h02"], long_form * 3 + POSITION["h02"], POSITION["h02"] + long_form * 2):
        assert fed("h02", in_bytes(data)) == fed("h02", [data])
        assert len(fed("h02", [data])) == data.count(b"*") + data.count(b"$")


@pytest.mark.parametrize("name", NAMES)
def test_ten_in_one_segment(name: str) -> None:
    messages = decoder(name).feed(LOGIN[name] + POSITION[name] * 10, NOW_MS)
    assert [len(message.pings) for message in messages] == [0] + [1] * 10


@pytest.mark.parametrize("name", NAMES)
def test_a_truncated_message_is_never_a_position_and_never_answered(name: str) -> None:
    position = POSITION[name].rstrip(b"\r\n;")
    for length in range(1, len(position) * 2 // 3):
        for message in decoder(name).finish(position[:length], NOW_MS):
            assert message.pings == []


@pytest.mark.parametrize("name", CHECKED)
def test_a_wrong_checksum_is_flagged_and_refused_only_where_that_is_switched_on(name: str) -> None:
    spoilt = {
        "gt06": POSITION["gt06"].replace(b"\xf4\x33\r\n", b"\xf4\x34\r\n"),
        "teltonika": POSITION["teltonika"][:-1] + b"\0",
        "nmea": POSITION["nmea"].replace(b"*5D", b"*5E"),
    }[name]
    (lenient,) = decoder(name).feed(spoilt, NOW_MS)
    assert (len(lenient.pings), lenient.checksum_right, lenient.note) == (1, False, "wrong checksum")
    (strict,) = decoder(name, strict=True).feed(spoilt, NOW_MS)
    assert (strict.pings, strict.answer, [r.reason for r in strict.refusals]) == ([], b"", ["wrong checksum"])


HOSTILE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512),  # TLS hello
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.9\r\n",
    b"\x79\x79\xff\xff" + bytes(100_000),
    b"\x78\x78\x00\x00\r\n",
    b"\0\0\0\0\xff\xff\xff\xff" + bytes(100_000),
    b"\0\0\0\0\0\0\0\0",
    b"\0\0\0\0\0\0\xff\xff" + bytes(100_000),
    b"\xff" * 100_000,
    b"(" * 100_000,
    b"($" + b")" * 100_000,
    b"*" * 100_000,
    b"$" * 100_000,
    b"," * 100_000,
    b"imei:" * 20_000,
    b"1" * 100_000,
    b"+RESP:GTFRI," + b"8.310640,47.050480,20260613091530," * 3_000,
    b"\x79" * 100_000,
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_give_no_position_and_keep_no_memory(name: str, data: bytes) -> None:
    stream = decoder(name)
    for i in range(0, len(data), 4096):
        for message in stream.feed(data[i : i + 4096], NOW_MS):
            assert message.pings == []
    assert len(stream._buffer) <= (LOGIN_LIMIT_BYTES if stream.device is None else FRAME_LIMIT_BYTES)


@pytest.mark.parametrize("name", NAMES)
def test_a_megabyte_of_noise_leaves_memory_flat(name: str) -> None:
    stream, dice = decoder(name), random.Random(1)
    pieces = [dice.randbytes(4096) for _ in range(256)]
    tracemalloc.start()
    for piece in pieces:
        stream.feed(piece, NOW_MS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("name", ["gt06", "gps103", "teltonika", "queclink"])
def test_nothing_is_read_beyond_what_ends_a_stream(name: str) -> None:
    stream = decoder(name)
    endless = {"teltonika": b"\0\0\0\0\xff\xff\xff\xff", "gt06": b"\x79\x79\xff\xff"}.get(name, b"")
    messages = stream.feed(endless + b"x" * (LOGIN_LIMIT_BYTES + 1), NOW_MS)
    assert messages[-1].fatal
    assert stream.feed(LOGIN[name], NOW_MS) == []


@st.composite
def _mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A few messages of one protocol, some spoilt by changed, lost or added bytes."""
    name = draw(st.sampled_from(NAMES))
    kinds = [LOGIN[name], POSITION[name], *([H02_BINARY] if name == "h02" else [])]
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
        if not data:
            break
    return name, bytes(data)


@given(_mutated(), st.data())
@settings(deadline=None, max_examples=300)
def test_however_it_is_split_and_spoilt_the_messages_are_the_same(
    mutated: tuple[str, bytes], data: st.DataObject
) -> None:
    name, stream = mutated
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert fed(name, pieces) == fed(name, [stream])


@given(st.sampled_from(NAMES), st.binary(max_size=200))
@settings(deadline=None, max_examples=300)
def test_no_bytes_raise(name: str, data: bytes) -> None:
    decoder(name).finish(data, NOW_MS)


@given(st.sampled_from(NAMES), st.text(alphabet="*HQ,imei:()$#;+RESGT0123456789.ANVEWS-LF", max_size=200))
@settings(deadline=None, max_examples=300)
def test_no_text_raises(name: str, text: str) -> None:
    decoder(name).finish(text.encode(), NOW_MS)
