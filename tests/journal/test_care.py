"""Looking after a journal, on every home: damage is found, told as exact ranges and mended; erased is erased."""

from __future__ import annotations

import asyncio

import pytest

from tests.journal.conftest import AnyJournal
from tests.journal.test_contract import TOUR, entry
from tracker.core.model import Calibration, Ping, Record, RecordKind, Refusal
from tracker.errors import StoreDamaged
from tracker.journal.contract import Entry
from tracker.journal.postgres import PostgresJournal
from tracker.journal.records import Blank
from tracker.journal.scrub import scrub

NOW_MS = 1_781_400_000_000


async def fill(journal: AnyJournal, count: int) -> None:
    await journal.import_tour(TOUR, b"document", 1)
    await journal.append(TOUR, [entry(number) for number in range(count)], 100)


async def spoil(journal: AnyJournal, sql: str) -> None:
    """Change a table behind the journal's back."""
    if isinstance(journal, PostgresJournal):
        await journal._pool.execute(sql)
    else:
        await journal.write_with(lambda connection: connection.execute(sql))


async def seqs(journal: AnyJournal) -> list[int]:
    return [record.seq for record in await journal.read(TOUR, 0, limit=10_000) if isinstance(record.body, Ping)]


async def test_a_sound_journal_has_nothing_to_report(journal: AnyJournal) -> None:
    await fill(journal, 2500)
    reached: list[int] = []
    findings = await scrub(journal, lambda _tour, seq, _newest: reached.append(seq))
    assert findings.sound
    assert findings.newest == {TOUR: 2500}
    assert reached == [2000, 2500]
    assert await journal.care.damage() == []


@pytest.mark.parametrize(
    ("sql", "ranges"),
    [
        ("UPDATE record SET stored_at_ms = 99 WHERE seq IN (5, 6)", [(5, 6)]),
        ("DELETE FROM record WHERE seq IN (8, 15)", [(8, 8), (15, 15)]),
        ("UPDATE record SET crc = crc + 1 WHERE seq = 1 OR seq = 20", [(1, 1), (20, 20)]),
    ],
)
async def test_damage_is_exact_ranges_and_resent_pings_fill_what_was_lost(
    journal: AnyJournal, sql: str, ranges: list[tuple[int, int]]
) -> None:
    await fill(journal, 20)
    lost = {seq for first, last in ranges for seq in range(first, last + 1)}
    await spoil(journal, sql)
    findings = await scrub(journal)
    assert findings.damage == {TOUR: ranges}
    await journal.care.mend(findings.damage, NOW_MS)
    assert [(each.tour, each.first_seq, each.last_seq) for each in await journal.care.damage()] == [
        (TOUR, *one) for one in ranges
    ]
    assert (await scrub(journal)).sound
    assert await seqs(journal) == [seq for seq in range(1, 21) if seq not in lost]
    again = await journal.append(TOUR, [entry(number) for number in range(20)], 200)
    assert (len(again.stored), again.repeats) == (len(lost), 20 - len(lost))
    assert [stored.seq for stored in again.stored] == list(range(21, 21 + len(lost)))
    await journal.care.accept_damage()
    assert await journal.care.damage() == []


async def test_a_key_that_does_not_fit_its_record_is_set_right_and_nothing_is_lost(journal: AnyJournal) -> None:
    await fill(journal, 20)
    await spoil(journal, "UPDATE record SET fix_time_ms = fix_time_ms + 1000000 WHERE seq = 7")
    with pytest.raises(StoreDamaged, match="records 7 to 7"):
        await journal.care.verify(TOUR, 6)
    await journal.care.mend((await scrub(journal)).damage, NOW_MS)
    assert (await scrub(journal)).sound
    assert await seqs(journal) == list(range(1, 21))
    assert (await journal.append(TOUR, [entry(6)], 200)).repeats == 1


async def test_erased_records_leave_a_sound_journal_without_them(journal: AnyJournal) -> None:
    await fill(journal, 0)
    secret = b"the driver's home"
    for device in ("12", "13"):
        entries = [entry(number, event="home") for number in range(100)]
        await journal.append(TOUR, entries, 100, device=device, refusals=[Refusal("syntax", secret)])
        await journal.append(TOUR, [Entry(RecordKind.CALIBRATION, Calibration(device, 60_000))], 100)

    def of_12(record: Record) -> bool:
        return getattr(record.body, "device", None) == "12"

    assert await journal.care.blank_records(TOUR, of_12, Blank.ERASED) == 101
    await journal.care.forget_refusals(TOUR, "12")
    await journal.care.compact()
    assert (await scrub(journal)).sound
    assert await journal.head(TOUR) == (202, 100)
    records = await journal.read(TOUR, 0)
    assert [record.seq for record in records] == list(range(1, 203))
    assert {getattr(record.body, "device", None) for record in records} == {None, "13"}
    assert [each.device for each in await journal.quarantined(TOUR)] == ["13"]
    assert await journal.care.size_bytes() > 0


async def test_growth_is_known_and_bounded(journal: AnyJournal) -> None:
    """What docs/operations.md says a record costs, with room for another page layout."""
    await fill(journal, 0)
    for device in range(20):
        await journal.append(TOUR, [entry(1000 * number) for number in range(500)], 100, device=f"car {device}")
    each_bytes = await journal.care.size_bytes() / 10_000
    assert 60 < each_bytes < (400 if isinstance(journal, PostgresJournal) else 200), each_bytes


async def test_a_deleted_tour_leaves_its_neighbour_alone(journal: AnyJournal) -> None:
    await fill(journal, 30)
    await journal.append("another", [entry(number) for number in range(10)], 100)
    await journal.import_tour("another", b"document", 1)
    assert await journal.care.delete_tour(TOUR) == 30
    assert await journal.tours() == ["another"]
    assert await journal.head(TOUR) == (0, 0)
    assert await journal.care.newest(TOUR) == 0
    assert await journal.head("another") == (10, 100)
    assert (await journal.append(TOUR, [entry(0)], 200)).records[0].seq == 1


async def test_pings_are_stored_while_a_scrub_runs(journal: AnyJournal) -> None:
    await fill(journal, 3000)
    scrubbing = asyncio.create_task(scrub(journal))
    stored = 0
    while not scrubbing.done():
        stored += len((await journal.append(TOUR, [entry(10_000 + stored)], 100)).stored)
    assert stored > 0
    assert (await scrubbing).sound
