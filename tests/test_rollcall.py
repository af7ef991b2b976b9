"""The check list as the page gets it, from a real journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_runner import START_MS, tour
from tracker.catalogue import ServedTour
from tracker.core.model import Ping, RecordKind
from tracker.journal.contract import Entry
from tracker.journal.sqlite import SqliteJournal
from tracker.rollcall import READ_RECORDS, RollCall
from tracker.wire.frames import FeedState
from tracker.wire.rollcall import roll_call
from tracker.wire.tourdocument import tour_document


async def test_a_long_journal_is_read_in_pieces_and_says_how_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tour()
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    await journal.import_tour(plain.slug, tour_document(plain), START_MS)
    first, second = (vehicle.number for vehicle in plain.vehicles[:2])
    pings = [Ping(first, START_MS + 10_000 * n, 38.0, -122.8, 6.0) for n in range(3 * READ_RECORDS - 2)]
    swap: dict[str, object] = {"id": "a-swap-of-mine", "decision": "assign", "device": first, "vehicle": second}
    now_ms = START_MS + 10_000 * len(pings)
    await journal.append(plain.slug, [Entry(RecordKind.PING, ping) for ping in pings], now_ms)
    await journal.append(plain.slug, [Entry(RecordKind.DECISION, swap | {"at_ms": now_ms})], now_ms)
    call = RollCall(ServedTour.of(plain, 1, 10), journal)
    times = iter(range(100))
    with monkeypatch.context() as patched:
        patched.setattr("tracker.rollcall.time.monotonic", lambda: next(times) * 0.6)  # each piece takes a while
        assert await call.read_on() == 100 * READ_RECORDS // (3 * READ_RECORDS - 1)
    assert await call.read_on() == 100
    body = roll_call(plain, call.check.reports(now_ms), call.decided, FeedState(), now_ms)
    device = next(each for each in body["devices"] if each["device"] == first)
    assert (device["of"], device["vehicle"], device["heard_at_ms"]) == (first, second, now_ms)
    assert body["swaps"] == [{"id": "a-swap-of-mine", "device": first, "vehicle": second, "at_ms": now_ms}]
    assert body["vehicles"][0]["seen"] is None, "no feed has said so yet"
    assert await call.read_on() == 100, "nothing new"
    await journal.close()
