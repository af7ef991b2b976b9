"""The engine's saved state: the same digest with and without, and no use of one that does not fit."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.golden.make_frames import BASE_MS, small_tour
from tracker import savedstate
from tracker.commands.erase import note
from tracker.core.calibration import Calibrator
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Device, Ping, Record, RecordKind, Tour
from tracker.frozen import Beside, frozen, thawed
from tracker.journal.contract import Entry
from tracker.journal.records import Blank
from tracker.journal.sqlite import SqliteJournal
from tracker.savedstate import SavedState

SLUG = "test-mille"
LONG_AGO = 3_000  # pings back: older than every saved step but the sparse ones


def tour() -> Tour:
    plain = small_tour()
    return replace(plain, vehicles=tuple(replace(v, devices=(Device(v.number),)) for v in plain.vehicles))


def drive(count: int) -> list[Ping]:
    """Two vehicles on the first leg, a ping a second each, with GPS noise; one brakes now and then."""
    course, rng = tour().legs[0].course, Random(4)
    pings = []
    for second in range(count // 2):
        for device, speed_mps in (("1", 11.0), ("44", 9.0)):
            lat, lon = course.point_at(max(0.0, speed_mps * (second - second // 300 * 100)))
            lat, lon = lat + rng.gauss(0, 3e-5), lon + rng.gauss(0, 3e-5)
            pings.append(Ping(device, BASE_MS + second * 1000, lat, lon, 5.0, speed_mps))
    return pings


def feed(engine: Engine, pings: list[Ping]) -> None:
    for ping in pings:
        engine.apply(Record(engine.position + 1, BASE_MS, RecordKind.PING, ping))
        engine.fold(2)
    while not engine.fold():
        pass


def again(engine: Engine, beside: Beside) -> tuple[Engine, Beside]:
    """The engine after a restart."""
    new = Engine(tour())
    (*_, found) = thawed(new, list(frozen(engine, beside)))
    return new, found


def test_an_engine_goes_on_from_its_state_as_if_nothing_had_been() -> None:
    pings = drive(4_000)
    late = [pings.pop(-LONG_AGO), pings.pop(-300), pings.pop(-40)]
    whole = Engine(tour())
    feed(whole, pings + late)
    for cut in (0, 1, 100, 2_600, 3_990):
        before = Engine(tour())
        feed(before, pings[:cut])
        after, _ = again(before, (Calibrator(), {}, {}))
        assert after.views == before.views
        feed(after, pings[cut:] + late)
        assert after.digest() == whole.digest()


def test_an_engine_that_owes_may_be_frozen_too() -> None:
    pings = drive(600)
    whole, owing = Engine(tour()), Engine(tour())
    feed(whole, pings)
    for ping in pings:
        owing.apply(Record(owing.position + 1, BASE_MS, RecordKind.PING, ping))
    owing.fold(100)
    assert again(owing, (Calibrator(), {}, {}))[0].digest() == whole.digest()


def test_what_is_known_of_clocks_is_kept() -> None:
    calibrator, due = Calibrator(), {"1": Calibration("1", 90_000)}
    calibrator.believed(due["1"])
    _, (found, found_due, _) = again(Engine(tour()), (calibrator, due, {}))
    assert (found.error_ms("1"), found_due) == (90_000, due)


def test_a_pickle_from_elsewhere_runs_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "ran",)

    parts = list(frozen(Engine(tour()), (Calibrator(), {}, {})))
    for number in range(2):
        foreign = [pickle.dumps(Evil()) if number == at else part for at, part in enumerate(parts)]
        with pytest.raises(pickle.UnpicklingError, match="no place in a saved state"):
            list(thawed(Engine(tour()), foreign))
    assert not (tmp_path / "ran").exists()


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    await journal.append(SLUG, [Entry(RecordKind.PING, ping) for ping in drive(200)], BASE_MS)
    yield journal
    await journal.close()


async def kept(journal: SqliteJournal, path: Path) -> Engine:
    """An engine that folded the journal, with its state at the path."""
    engine = Engine(tour())
    records = await journal.read(SLUG, 0)
    for record in records:
        engine.apply(record)
    await SavedState(path, tour()).close(engine, (Calibrator(), {}, {}), records[-1])
    return engine


async def test_a_state_that_fits_is_used(journal: SqliteJournal, tmp_path: Path) -> None:
    before = await kept(journal, tmp_path / "state")
    after = Engine(tour())
    assert await SavedState(tmp_path / "state", tour()).resume(after, journal) is not None
    assert after.position == 200
    assert after.digest() == before.digest()


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "gone"])
async def test_a_damaged_state_is_left_alone(journal: SqliteJournal, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "state"
    await kept(journal, path)
    content = path.read_bytes()
    middle = len(content) // 2
    if damage == "gone":
        path.unlink()
    else:
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"cut": content[:middle], "flipped": flipped, "empty": b""}[damage])
    after = Engine(tour())
    assert await SavedState(path, tour()).resume(after, journal) is None
    assert after.position == 0


async def test_a_state_of_other_code_another_tour_or_another_journal_is_left_alone(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    await kept(journal, path)
    other = await SqliteJournal.open(tmp_path / "other.sqlite")
    assert await SavedState(path, tour()).resume(Engine(tour()), other) is None
    await other.append(SLUG, [Entry(RecordKind.PING, ping) for ping in reversed(drive(200))], BASE_MS)
    assert await SavedState(path, tour()).resume(Engine(tour()), other) is None
    await other.close()
    assert await SavedState(path, replace(tour(), start_interval_s=90)).resume(Engine(tour()), journal) is None
    monkeypatch.setattr(savedstate, "CODE", ("core/engine.py",))
    assert await SavedState(path, tour()).resume(Engine(tour()), journal) is None


async def test_a_state_that_remembers_what_was_erased_since_is_left_alone(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    await kept(journal, tmp_path / "state")
    await journal.append(SLUG, [Entry(RecordKind.DECISION, {"decision": "note", "text": "erased"})], BASE_MS)
    assert await SavedState(tmp_path / "state", tour()).resume(Engine(tour()), journal) is not None
    await note(journal, SLUG, Blank.ERASED, vehicle="1", records=3)
    assert await SavedState(tmp_path / "state", tour()).resume(Engine(tour()), journal) is None
    assert not (tmp_path / "state").exists()


async def test_who_is_stopped_while_keeping_keeps_it_all_the_same(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(savedstate, "KEEP_RECORDS", 1)
    monkeypatch.setattr(savedstate, "KEEP_S", 0.0)
    engine = Engine(tour())
    records = await journal.read(SLUG, 0)
    for record in records:
        engine.apply(record)
    saved = SavedState(tmp_path / "state", tour())
    nothing_beside: Beside = (Calibrator(), {}, {})
    keeping = asyncio.create_task(saved.keep_now_and_then(engine, nothing_beside, records[-1]))
    await asyncio.sleep(0)
    assert not keeping.done()
    keeping.cancel()
    await saved.close(engine, nothing_beside, records[-1])
    assert await SavedState(tmp_path / "state", tour()).resume(Engine(tour()), journal) is not None


async def test_a_folder_that_cannot_be_written_costs_nothing_but_the_state(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    await kept(journal, tmp_path / "file" / "state")
