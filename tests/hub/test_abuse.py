"""What broken and hostile clients get: the RFC's close code or an HTTP status, and nothing in the log."""

from __future__ import annotations

import asyncio
import logging
import socket
import zlib
from collections.abc import Iterator

import pytest

from tests.hub.conftest import TOUR, Stage, staged
from tests.hub.raw import (
    BINARY,
    CLOSE,
    CONT,
    FIN,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    Dial,
    frame,
    header,
    request,
)
from tracker.feed import HubLimits
from tracker.front import MAX_HEAD_BYTES
from tracker.wire.frames import FeedState, Folded

LIVE = f"/live/{TOUR}"
WANT = b'{"want":"snapshot"}'
EURO = "€".encode()
DATA_AND_CONTROL = {"continuation": CONT, "text": TEXT, "binary": BINARY, "close": CLOSE, "ping": PING, "pong": PONG}
RESERVED_OPCODES = (0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a client does, it cannot write into our log."""
    caplog.set_level(logging.DEBUG)
    yield
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio" or record.levelno > 10] == []


def deflate_bomb() -> bytes:
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeezed.compress(bytes(50_000_000)) + squeezed.flush()


FRAMES: dict[str, tuple[bytes, int]] = {
    **{f"unmasked {name}": (frame(op, b"x", masked=False), 1002) for name, op in DATA_AND_CONTROL.items()},
    **{f"opcode {op:#x}": (frame(op, b"x"), 1002) for op in RESERVED_OPCODES},
    **{f"opcode {op:#x}, empty": (frame(op), 1002) for op in RESERVED_OPCODES},
    **{
        f"reserved bit {bit:#x} on {name}": (frame(op, b"", first=FIN | bit), 1002)
        for bit in (RSV1, RSV2, RSV3)
        for name, op in DATA_AND_CONTROL.items()
    },
    "all reserved bits": (frame(TEXT, b"x", first=FIN | RSV1 | RSV2 | RSV3), 1002),
    "deflated text without the extension": (frame(TEXT, b"\xaa\x56\x2a\x4f", first=FIN | RSV1), 1002),
    "split ping": (frame(PING, b"x", first=0), 1002),
    "split pong": (frame(PONG, b"x", first=0), 1002),
    "split close": (frame(CLOSE, b"\x03\xe8", first=0), 1002),
    "ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "pong of 126 bytes": (frame(PONG, b"x" * 126), 1002),
    "close of 126 bytes": (frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    "ping of 4 KiB": (frame(PING, b"x" * 4096), 1002),
    "lone continuation": (frame(CONT, b"x"), 1002),
    "lone continuation, not final": (frame(CONT, b"x", first=0), 1002),
    "continuation after a whole message": (frame(TEXT, WANT) + frame(CONT, b"x"), 1002),
    "text within a fragmented text": (frame(TEXT, b"{", first=0) + frame(TEXT, b"}"), 1002),
    "binary within a fragmented text": (frame(TEXT, b"{", first=0) + frame(BINARY, b"}"), 1002),
    "close within a fragmented text": (frame(TEXT, b"{", first=0) + frame(CLOSE, b"\x03\xe8"), 1002),
    "close of one byte": (frame(CLOSE, b"\x03"), 1002),
    **{
        f"close with {code}": (frame(CLOSE, code.to_bytes(2)), 1002)
        for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    **{
        f"close with {code}, which is fine": (frame(CLOSE, code.to_bytes(2) + b"bye"), code)
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    },
    "close without a code": (frame(CLOSE), 1005),
    "close with a bad reason": (frame(CLOSE, b"\x03\xe8\xff\xfe"), 1007),
    "close with half a letter": (frame(CLOSE, b"\x03\xe8" + EURO[:2]), 1007),
    "text of a lone byte 0xff": (frame(TEXT, b"\xff"), 1007),
    "text of a lone continuation byte": (frame(TEXT, b"\x80"), 1007),
    "text with half a letter": (frame(TEXT, EURO[:2]), 1007),
    "text with an overlong slash": (frame(TEXT, b"\xc0\xaf"), 1007),
    "text with a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "text beyond Unicode": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "bad UTF-8 in the second fragment": (frame(TEXT, b'{"', first=0) + frame(CONT, b"\xff"), 1007),
    "a letter cut by the end of the message": (frame(TEXT, EURO[:1], first=0) + frame(CONT, EURO[1:2]), 1007),
    "binary": (frame(BINARY, b"\x00"), 1003),
    "binary, empty": (frame(BINARY), 1003),
    "binary, first fragment": (frame(BINARY, b"\x00", first=0), 1003),
    "text of 4,097 bytes": (frame(TEXT, b"x" * 4097), 1009),
    "text of 64 KiB": (frame(TEXT, b"x" * 65536), 1009),
    "declared length of 2^62": (header(TEXT, 2**62), 1009),
    "declared length of 2^63": (header(TEXT, 2**63), 1009),
    "declared length of 2^64 - 1": (header(BINARY, 2**64 - 1), 1009),
    "ping of declared length 2^62": (header(PING, 2**62), 1009),
    "continuation of declared length 2^62": (frame(TEXT, b"x", first=0) + header(CONT, 2**62, first=0), 1009),
    "fragments of more than 4 KiB together": (
        frame(TEXT, b"x" * 3000, first=0) + frame(CONT, b"x" * 3000, first=0),
        1009,
    ),
    "deflate bomb": (frame(BINARY, deflate_bomb(), first=FIN | RSV1), 1009),
    "small deflate bomb": (frame(TEXT, deflate_bomb()[:4000], first=FIN | RSV1), 1002),
    "10,000 empty fragments": (frame(TEXT, b"", first=0) + frame(CONT, b"", first=0) * 10_000, 1008),
    "10,000 fragments of a letter": (frame(TEXT, b"x", first=0) + frame(CONT, b"x", first=0) * 10_000, 1008),
    "10,000 pings": (frame(PING) * 10_000, 1008),
    "10,000 pongs": (frame(PONG) * 10_000, 1008),
    "100 questions": (frame(TEXT, WANT) * 100, 1008),
    "a word": (frame(TEXT, b"hello"), 1008),
    "an empty text": (frame(TEXT), 1008),
    "an unknown command": (frame(TEXT, b'{"want":"everything"}'), 1008),
    "a pattern": (frame(TEXT, b'{"subscribe":"*"}'), 1008),
    "a list": (frame(TEXT, b'["want","snapshot"]'), 1008),
    "a number of 4,000 digits": (frame(TEXT, b"9" * 4000), 1008),
    "4,000 brackets": (frame(TEXT, b"[" * 4000), 1008),
    "not a number": (frame(TEXT, b"NaN"), 1008),
    "a NUL": (frame(TEXT, b"\0"), 1008),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_a_broken_frame_gets_its_close_code_and_costs_nothing(stage: Stage, name: str, dial: Dial) -> None:
    said, code = FRAMES[name]
    client = await dial(stage.port)
    await client.open(LIVE)
    client.writer.write(said)
    assert await client.close_code() == code
    assert len(stage.feed) == 0


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
async def test_a_message_may_come_in_small_pieces(stage: Stage, at_once: int, dial: Dial) -> None:
    client = await dial(stage.port)
    await client.open(LIVE)
    await client.next_frame()
    said = frame(TEXT, WANT[:5], first=0) + frame(PING, b"between") + frame(CONT, WANT[5:])
    for start in range(0, len(said), at_once):
        client.writer.write(said[start : start + at_once])
        await asyncio.sleep(0)
    assert await client.next_frame() == (FIN | PONG, b"between")
    first, snapshot = await client.next_frame()
    assert first == FIN | BINARY
    assert FeedState().fold(snapshot) is Folded.ANEW


async def test_what_comes_with_the_handshake_is_heard(stage: Stage, dial: Dial) -> None:
    client = await dial(stage.port)
    client.writer.write(request(LIVE) + frame(PING, b"early"))
    assert await client.status() == 101
    await client.next_frame()
    assert await client.next_frame() == (FIN | PONG, b"early")


async def test_what_a_closed_client_goes_on_saying_is_read_and_forgotten(stage: Stage, dial: Dial) -> None:
    """Closing at once would reset the connection, and the client would never see why."""
    client = await dial(stage.port)
    await client.open(LIVE)
    client.writer.write(header(TEXT, 2**62))
    for _ in range(100):
        client.writer.write(b"x" * 10_000)
        await asyncio.sleep(0)
    assert await client.close_code() == 1009


HANDSHAKES: dict[str, tuple[bytes, int]] = {
    "no upgrade": (request(LIVE, ("Upgrade", None)), 426),
    "upgrade to something else": (request(LIVE, ("Upgrade", "h2c")), 426),
    "no connection header": (request(LIVE, ("Connection", None)), 426),
    "connection: close": (request(LIVE, ("Connection", "close")), 426),
    "no key": (request(LIVE, ("Sec-WebSocket-Key", None)), 400),
    "a short key": (request(LIVE, ("Sec-WebSocket-Key", "AAAA")), 400),
    "a key that is no base64": (request(LIVE, ("Sec-WebSocket-Key", "%" * 24)), 400),
    "two keys": (request(LIVE, ("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")), 400),
    "no version": (request(LIVE, ("Sec-WebSocket-Version", None)), 400),
    "version 8": (request(LIVE, ("Sec-WebSocket-Version", "8")), 400),
    "version x": (request(LIVE, ("Sec-WebSocket-Version", "x")), 400),
    "a foreign subprotocol only": (request(LIVE, ("Sec-WebSocket-Protocol", "mqtt")), 400),
    "a broken subprotocol": (request(LIVE, ("Sec-WebSocket-Protocol", ", ,;")), 400),
    "HTTP/1.0": (request(LIVE, line="GET {path} HTTP/1.0"), 505),
    "HTTP/2.0": (request(LIVE, line="GET {path} HTTP/2.0"), 400),
    "no protocol": (request(LIVE, line="GET {path}"), 400),
    "a path beyond ASCII": (request("/live/tür"), 400),
    "a body": (request(LIVE, ("Content-Length", "10")), 400),
    "a chunked body": (request(LIVE, ("Transfer-Encoding", "chunked")), 400),
    "a header without a colon": (request(LIVE).replace(b"Host: ", b"Host "), 400),
    "a header with a space in its name": (request(LIVE, ("X y", "z")), 400),
    "a header with a NUL": (request(LIVE, ("X", "\0")), 400),
    "200 headers": (request(LIVE, *((f"X-{n}", "y") for n in range(200))), 431),
    "a header of 9,000 bytes": (request(LIVE, ("X", "y" * 9_000)), 431),
    "a head of 20,000 bytes": (request(LIVE, ("X", "y" * 20_000)), 431),
    "a head that never ends": (b"GET /live/ HTTP/1.1\r\n" + b"X: y\r\n" * 4_000, 431),
    "a path of 9,000 bytes": (request("/live/" + "x" * 9_000), 414),
    "an unknown tour": (request("/live/nowhere"), 404),
    "no tour": (request("/live/"), 404),
    "a pattern for a tour": (request("/live/*"), 404),
    "a tour's file": (request(f"{LIVE}/../../etc/passwd"), 404),
    "a foreign origin": (request(LIVE, ("Origin", "https://evil.example")), 403),
    "the null origin": (request(LIVE, ("Origin", "null")), 403),
    "an origin that begins like ours": (request(LIVE, ("Origin", "http://127.0.0.1.evil.example")), 403),
    "an origin that ends like ours": (request(LIVE, ("Origin", "http://evil-127.0.0.1")), 403),
    "our host by another scheme": (request(LIVE, ("Origin", "ftp://127.0.0.1")), 403),
    "two origins, one ours": (request(LIVE, ("Origin", "http://127.0.0.1"), ("origin", "http://evil.example")), 403),
    "an origin that is no URL": (request(LIVE, ("Origin", "http://[")), 403),
}


@pytest.mark.parametrize("name", HANDSHAKES)
async def test_a_broken_handshake_gets_its_status(stage: Stage, name: str, dial: Dial) -> None:
    said, status = HANDSHAKES[name]
    client = await dial(stage.port)
    client.writer.write(said)
    assert await client.status() == status
    assert len(stage.feed) == 0


async def test_a_handshake_byte_by_byte_is_a_handshake(stage: Stage, dial: Dial) -> None:
    client = await dial(stage.port)
    for byte in request(LIVE):
        client.writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert await client.status() == 101


@pytest.mark.parametrize(
    "said", [b"", b"G", b"GET /live/", request(LIVE)[:-2], request("/hello")[:-2], b"\x16\x03\x01"]
)
async def test_a_handshake_that_does_not_come_on_is_ended(said: bytes, dial: Dial) -> None:
    async with staged(head_deadline_s=0.05) as stage:
        client = await dial(stage.port)
        client.writer.write(said)
        assert await client.status() == 408
        await client.gone()


async def test_more_handshakes_than_a_second_allows_are_asked_to_come_later(dial: Dial) -> None:
    async with staged(HubLimits(handshakes_per_sweep=2, sweep_s=0.3)) as stage:
        clients = [await dial(stage.port) for _ in range(3)]
        for client in clients:
            client.writer.write(request(LIVE))
        assert sorted([await client.status() for client in clients]) == [101, 101, 503]
        await asyncio.sleep(0.35)
        later = await dial(stage.port)
        await later.open(LIVE)


async def test_one_spectator_too_many_is_asked_to_come_later(dial: Dial) -> None:
    async with staged(HubLimits(spectators=1)) as stage:
        clients = [await dial(stage.port) for _ in range(2)]
        await clients[0].open(LIVE)
        clients[1].writer.write(request(LIVE))
        assert await clients[1].status() == 503


async def test_a_half_open_connection_is_closed(dial: Dial) -> None:
    """A peer that takes everything and never answers a ping: with the real limits after three times 14 s."""
    limits = HubLimits()
    assert (limits.pings_unanswered + 1) * limits.ping_every_sweeps * limits.sweep_s <= 45
    async with staged(HubLimits(sweep_s=0.01)) as stage:
        client = await dial(stage.port)
        await client.open(LIVE)
        await client.next_frame()
        assert [await client.next_frame() for _ in range(2)] == [(FIN | PING, b"")] * 2
        await client.gone()
        assert len(stage.feed) == 0


async def test_who_answers_pings_stays(dial: Dial) -> None:
    async with staged(HubLimits(sweep_s=0.01)) as stage:
        client = await dial(stage.port)
        await client.open(LIVE)
        await client.next_frame()
        for _ in range(6):
            assert await client.next_frame() == (FIN | PING, b"")
            client.writer.write(frame(PONG))
        assert len(stage.feed) == 1


async def test_a_client_that_vanishes_is_forgotten(stage: Stage, dial: Dial) -> None:
    client = await dial(stage.port)
    await client.open(LIVE)
    raw = client.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close resets
    client.writer.transport.abort()
    async with asyncio.timeout(5):
        while len(stage.feed):
            await stage.move()
            await asyncio.sleep(0)


async def test_a_head_may_be_as_long_as_the_limit_says(stage: Stage, dial: Dial) -> None:
    padding = [(f"X-{n}", "y" * 7_000) for n in range(2)]
    said = request(LIVE, *padding)
    assert 14_000 < len(said) < MAX_HEAD_BYTES
    client = await dial(stage.port)
    client.writer.write(said)
    assert await client.status() == 101
