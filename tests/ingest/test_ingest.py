"""The way in over real HTTP: who may, what is kept, and what each request is told."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import sqlite3
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO

import pytest

from tests.ingest.conftest import TOUR, Door
from tracker.core.model import Ping
from tracker.protocols import HTTP_PROTOCOLS
from tracker.protocols.contract import Decoded, HttpRequest

FORM = {"id": "whatever", "lat": "47.05048", "lon": "8.31064", "timestamp": "1781342130", "speed": "29.16"}


def batch(count: int, **last: float) -> list[dict[str, float]]:
    pings = [{"lat": 47.05, "lon": 8.31, "fix_time_ms": 1_781_342_130_000 + number} for number in range(count)]
    pings[-1].update(last)
    return pings


async def stored(door: Door) -> list[Ping]:
    return [record.body for record in await door.journal.read(TOUR, 0, 100_000) if isinstance(record.body, Ping)]


async def test_a_phone_s_ping_is_stored_for_the_token_s_device(door: Door) -> None:
    async with door.session.post(door.url("osmand"), data=FORM) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    (ping,) = await stored(door)
    assert (ping.device, ping.fix_time_ms, ping.lat, ping.lon) == ("12", 1_781_342_130_000, 47.05048, 8.31064)
    assert ping.speed_mps == 15.001


@pytest.mark.parametrize("tail", ["/", "/anything/behind", "?lat=47.05048&lon=8.31064&timestamp=1781342130"])
async def test_what_apps_hang_behind_the_token_does_not_matter(door: Door, tail: str) -> None:
    data = None if "?" in tail else FORM
    async with door.session.post(door.url("osmand") + tail, data=data) as answer:
        assert answer.status == 200
    assert len(await stored(door)) == 1


async def test_one_bad_ping_among_ten_is_quarantined_and_the_others_count(door: Door) -> None:
    async with door.session.post(door.url("pings"), json=batch(11, lat=91)) as answer:
        assert answer.status == 200
        assert (await answer.json())["stored"] == 10
    assert len(await stored(door)) == 10
    (refused,) = await door.journal.quarantined(TOUR)
    assert (refused.reason, refused.device, refused.protocol) == ("latitude out of range", "12", "pings")
    assert json.loads(refused.raw)["lat"] == 91
    assert (door.ingest.counters.accepted, door.ingest.counters.quarantined) == (10, 1)


async def test_duplicates_at_the_same_time_count_once(door: Door) -> None:
    async def send() -> int:
        async with door.session.post(door.url("osmand"), data=FORM) as answer:
            return answer.status

    assert await asyncio.gather(*(send() for _ in range(50))) == [200] * 50
    assert len(await stored(door)) == 1
    assert (door.ingest.counters.accepted, door.ingest.counters.repeated) == (1, 49)


async def test_a_large_batch_counts_every_ping(door: Door) -> None:
    pings = batch(1000)
    async with door.session.post(door.url("pings"), json=pings) as answer:
        assert (await answer.json())["stored"] == len(pings)
    assert len(await stored(door)) == len(pings)


async def test_a_heartbeat_is_answered_and_leaves_no_trace(door: Door) -> None:
    for form in ({"id": "12", "batt": "80"}, {"id": "12", "notificationToken": "abc"}):
        async with door.session.post(door.url("osmand"), data=form) as answer:
            assert answer.status == 200
    assert await door.journal.head(TOUR) == (0, 0)


async def test_an_unknown_token_is_refused_before_the_body_and_always_with_the_same_bytes(door: Door) -> None:
    answers = set()
    for token in ("unknown", "A" * 24, door.token[:-1], "%2e%2e%2f", "x" * 4000):
        request = f"POST /in/osmand/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
        answer = await door.raw(request.encode())  # not a byte of the body was sent, and the answer is here
        answers.add(b"\r\n".join(line for line in answer.split(b"\r\n") if not line.startswith(b"Date:")))
    (answer,) = answers
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert door.ingest.counters.rejected == {"unknown token": 5}
    assert await door.journal.head(TOUR) == (0, 0)
    assert await door.journal.quarantined(TOUR) == []


async def test_an_app_that_would_hammer_hears_success_and_is_counted(door: Door) -> None:
    async with door.session.get(door.url("osmandapp", "unknown") + "?lat=47&lon=8") as answer:
        assert answer.status == 200
    assert door.ingest.counters.rejected == {"unknown token": 1}


async def test_a_method_that_the_protocol_lacks_is_refused_with_those_it_has(door: Door) -> None:
    for protocol, method, allowed in (("osmand", "DELETE", "GET, POST"), ("pings", "GET", "POST")):
        async with door.session.request(method, door.url(protocol)) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, allowed)


async def test_an_unknown_protocol_is_not_there(door: Door) -> None:
    async with door.session.post(door.url("carrier-pigeon")) as answer:
        assert answer.status == 404


async def test_a_body_over_the_limit_is_refused_however_it_is_sent(door: Door) -> None:
    limit = HTTP_PROTOCOLS["pings"].body_limit_bytes

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(limit // 65_536 + 2):
            yield b" " * 65_536

    bomb = gzip.compress(b" " * (limit + 1))
    for body, headers in ((BytesIO(b" " * (limit + 1)), {}), (chunks(), {}), (bomb, {"Content-Encoding": "gzip"})):
        async with door.session.post(door.url("pings"), data=body, headers=headers) as answer:
            assert answer.status == 413
    assert door.ingest.counters.rejected == {"body too long": 3}


async def test_a_compressed_body_is_read_and_a_broken_one_is_kept_with_its_reason(door: Door) -> None:
    plain = b'[{"lat":47.05048,"lon":8.31064,"fix_time_ms":1781342130000}]'
    packed = gzip.compress(plain)
    for body, coding in ((packed, "gzip"), (zlib.compress(plain), "deflate"), (packed[:-9], "gzip")):
        headers = {"Content-Encoding": coding}
        async with door.session.post(door.url("pings"), data=BytesIO(body), headers=headers) as answer:
            assert answer.status == 200
    assert len(await stored(door)) == 1
    (broken,) = await door.journal.quarantined(TOUR)
    assert broken.raw == packed[:-9]


async def test_a_bomb_is_not_unpacked_for_anybody(door: Door) -> None:
    """200 kB that hold 50 MB, with a good token and with a wrong one; the loop must hardly feel it."""
    bomb = gzip.compress(b"[" * 50_000_000, 9)
    held_s: list[float] = []

    async def feel() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            held_s.append(time.thread_time() - before)

    feeling = asyncio.create_task(feel())
    for token, status in ((door.token, 413), ("wrong", 401)):
        headers = {"Content-Encoding": "gzip"}
        async with door.session.post(door.url("pings", token), data=BytesIO(bomb), headers=headers) as answer:
            assert answer.status == status
    feeling.cancel()
    assert max(held_s) < 0.1, "of its own CPU time: a busy machine counts for nothing"


async def test_a_body_that_drips_is_given_up(door: Door) -> None:
    head = f"POST /in/osmand/{door.token} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlat="
    assert (await door.raw(head.encode())).startswith(b"HTTP/1.1 408 ")


async def test_a_phone_that_loses_its_network_is_counted_and_not_logged(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(f"POST /in/osmand/{door.token} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlat=".encode())
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.transport.abort()
    async with asyncio.timeout(5):
        while not door.ingest.counters.rejected:
            await asyncio.sleep(0.01)
    assert door.ingest.counters.rejected == {"connection lost": 1}
    assert not [record for record in caplog.records if record.name.startswith("tracker")]
    assert await stored(door) == []


async def test_a_journal_that_cannot_store_means_come_back_later(door: Door) -> None:
    other = sqlite3.connect(door.journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with door.session.post(door.url("osmand"), data=FORM) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    other.execute("ROLLBACK")
    other.close()
    async with door.session.post(door.url("osmand"), data=FORM) as answer:
        assert answer.status == 200
    assert len(await stored(door)) == 1


async def test_a_decoder_s_bug_costs_neither_the_process_nor_the_data(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: HttpRequest, received_at_ms: int) -> Decoded:
        raise ZeroDivisionError

    monkeypatch.setitem(HTTP_PROTOCOLS, "osmand", replace(HTTP_PROTOCOLS["osmand"], decode=broken))
    async with door.session.post(door.url("osmand"), data=b"lat=47&lon=8") as answer:
        assert answer.status == 200
    (kept,) = await door.journal.quarantined(TOUR)
    assert (kept.reason, kept.raw) == ("not readable", b"lat=47&lon=8")


async def test_floods_of_nonsense_write_one_line_without_a_traceback_or_a_token(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    broken_header = f"GET /in/osmand/{door.token} HTTP/1.1\r\nHost: x\r\nAuthorization\0: {door.token}\r\n\r\n"
    with caplog.at_level(logging.DEBUG):
        for _ in range(20):
            assert (await door.raw(broken_header.encode())).startswith(b"HTTP/1.0 400 ")
            await door.raw(b"GET /in/osmand/wrong-token-here HTTP/1.1\r\nHost: x\r\n\r\n")
    lines = [record for record in caplog.records if record.name.startswith("tracker")]
    assert len(lines) == 2
    assert all(record.exc_info is None for record in lines)
    assert door.token not in caplog.text
    assert "wrong-token-here" not in caplog.text


async def test_senders_may_change_while_it_runs(door: Door) -> None:
    door.ingest.senders = {}
    async with door.session.post(door.url("osmand"), data=FORM) as answer:
        assert answer.status == 401
