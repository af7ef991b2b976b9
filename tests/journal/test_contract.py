"""What every home of the journal promises."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.journal.conftest import AnyJournal
from tracker.core.model import Calibration, Ping, RecordKind, Refusal
from tracker.errors import Deposed
from tracker.journal.contract import Appended, DeviceRow, Entry
from tracker.journal.records import Stored

TOUR = "mille"
PING = Ping("12", 1_781_342_130_000, 47.05048, 8.31064, 5.0, 15.0, 128.0, 436.0, battery_pct=83.0)


def entry(after_ms: int = 0, **changes: object) -> Entry:
    assert PING.fix_time_ms is not None
    return Entry(RecordKind.PING, replace(PING, fix_time_ms=PING.fix_time_ms + after_ms, **changes))  # type: ignore[arg-type]  # any field


async def test_records_are_numbered_without_a_gap_and_read_in_order(journal: AnyJournal) -> None:
    await journal.append(TOUR, [entry(0), entry(1)], 100)
    await journal.append("another", [entry(0)], 100)
    done = await journal.append(TOUR, [entry(2), entry(0), entry(3)], 101)
    assert [record.seq for record in done.records] == [3, 4]
    assert done.repeats == 1
    read = await journal.read(TOUR, 0)
    assert [(record.seq, record.stored_at_ms) for record in read] == [(1, 100), (2, 100), (3, 101), (4, 101)]
    assert read[2:] == done.records
    assert await journal.read(TOUR, 1, limit=2) == read[1:3]
    assert await journal.read(TOUR, 4) == []
    assert await journal.head(TOUR) == (4, 101)


async def test_an_empty_journal_has_no_head(journal: AnyJournal) -> None:
    assert await journal.head(TOUR) == (0, 0)
    assert await journal.read(TOUR, 0) == []


async def test_a_repeat_is_the_same_device_and_content_whatever_else(journal: AnyJournal) -> None:
    await journal.append(TOUR, [entry()], 100)
    again = await journal.append(TOUR, [entry(battery_pct=82.0, altitude_m=None)], 200)
    assert (len(again.stored), again.repeats) == (0, 1)
    other = [entry(sos=True), entry(lat=47.0504801), entry(valid=False)]
    assert (await journal.append(TOUR, other, 300)).repeats == 0
    assert (await journal.append(TOUR, [entry()], 300, device="13")).repeats == 0


async def test_repeats_within_one_batch_and_at_the_same_time_count_once(journal: AnyJournal) -> None:
    results = await asyncio.gather(*(journal.append(TOUR, [entry(), entry()], 100) for _ in range(20)))
    assert sum(len(result.stored) for result in results) == 1
    assert sum(result.repeats for result in results) == 39


async def test_a_long_backlog_that_is_half_known_is_numbered_without_a_gap(journal: AnyJournal) -> None:
    await journal.append(TOUR, [entry(odd) for odd in range(1, 1200, 2)], 100)
    done = await journal.append(TOUR, [entry(each) for each in range(1200)], 200)
    assert done.repeats == 600
    assert [record.seq for record in done.records] == list(range(601, 1201))
    assert (await journal.append(TOUR, [entry(each) for each in range(1200)], 300)).repeats == 1200
    assert len(await journal.read(TOUR, 0, limit=2000)) == 1200


async def test_a_ping_without_a_time_is_never_a_repeat(journal: AnyJournal) -> None:
    untimed = Entry(RecordKind.PING, replace(PING, fix_time_ms=None))
    first = await journal.append(TOUR, [untimed], 100)
    second = await journal.append(TOUR, [untimed], 200)
    bodies = [record.body for record in first.records + second.records]
    assert [(body.fix_time_ms, body.time_given) for body in bodies if isinstance(body, Ping)] == [
        (100, False),
        (200, False),
    ]


async def test_the_stored_time_never_goes_back(journal: AnyJournal) -> None:
    for now_ms in (500, 300, 400, 501):
        await journal.append(TOUR, [entry(now_ms)], now_ms)
    assert [record.stored_at_ms for record in await journal.read(TOUR, 0)] == [500, 500, 500, 501]


async def test_other_inputs_are_journalled_beside_the_pings(journal: AnyJournal) -> None:
    note: dict[str, object] = {"type": "note", "text": "rain"}
    entries = [Entry(RecordKind.CALIBRATION, Calibration("12", 3_600_000)), Entry(RecordKind.DECISION, note)]
    await journal.append(TOUR, entries, 100)
    await journal.append(TOUR, entries, 100)
    bodies = [record.body for record in await journal.read(TOUR, 0)]
    assert bodies == [Calibration("12", 3_600_000), note] * 2


async def test_refusals_go_to_quarantine_with_the_batch(journal: AnyJournal) -> None:
    refusal = Refusal("latitude out of range", b'{"lat":91}', "lat 91")
    await journal.append(TOUR, [entry()], 100, device="12", protocol="pings", refusals=[refusal])
    (kept,) = await journal.quarantined(TOUR)
    assert (kept.device, kept.protocol, kept.reason, kept.detail, kept.raw, kept.at_ms) == (
        *("12", "pings", "latitude out of range", "lat 91", b'{"lat":91}'),
        100,
    )


async def test_quarantine_is_bounded_per_device_and_day(journal: AnyJournal) -> None:
    refusals = [Refusal("null island", b"%d" % number) for number in range(5)]
    await journal.append(TOUR, [], 100, device="12", refusals=refusals)
    await journal.append(TOUR, [], 100, device="13", refusals=refusals[:1])
    await journal.append(TOUR, [], 100 + 86_400_000, device="12", refusals=refusals[:1])
    kept = [(each.device, each.raw) for each in await journal.quarantined(TOUR)]
    assert kept == [("12", b"0"), ("13", b"0"), ("12", b"2"), ("12", b"1"), ("12", b"0")]


async def test_what_cannot_be_encoded_stores_nothing_of_its_batch_and_harms_no_other(journal: AnyJournal) -> None:
    outcomes = await asyncio.gather(
        journal.append(TOUR, [entry(1)], 100),
        journal.append(TOUR, [entry(2), entry(3, lat=float("nan"))], 100),
        journal.append(TOUR, [entry(4)], 100),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], ValueError)
    assert len(await journal.read(TOUR, 0)) == 2


async def test_who_watches_hears_of_every_record_once_and_in_order(journal: AnyJournal) -> None:
    heard: list[Stored] = []
    commits: list[int] = []

    def on_stored(tour: str, records: Sequence[Stored]) -> None:
        assert tour == TOUR
        heard.extend(records)
        commits.append(len(records))

    journal.watch(on_stored)
    await asyncio.gather(*(journal.append(TOUR, [entry(number), entry(0)], 100) for number in range(1, 51)))
    assert [record.seq for record in heard] == list(range(1, 52))
    assert len(commits) < 50  # group commit: many appends, few transactions


async def test_a_large_batch_is_one_append(journal: AnyJournal) -> None:
    done = await journal.append(TOUR, [entry(number) for number in range(5000)], 100)
    assert [stored.seq for stored in done.stored] == list(range(1, 5001))
    assert await journal.head(TOUR) == (5000, 100)


async def test_tours_have_immutable_versions(journal: AnyJournal) -> None:
    assert await journal.import_tour(TOUR, b"one", 100) == 1
    assert await journal.import_tour(TOUR, b"one", 200) == 1
    assert await journal.import_tour(TOUR, b"two", 300) == 2
    await journal.append("without a document", [entry()], 100)
    assert await journal.tours() == [TOUR]
    assert await journal.tour_document(TOUR) == (2, b"two")
    assert await journal.tour_document(TOUR, 1) == (1, b"one")
    for slug, version in (("unknown", None), (TOUR, 3)):
        with pytest.raises(KeyError):
            await journal.tour_document(slug, version)


async def test_a_version_is_in_force_from_its_time_on_and_the_newest_wins(journal: AnyJournal) -> None:
    with pytest.raises(KeyError):
        await journal.version_in_force(TOUR, 100)
    for document, from_ms in ((b"one", 100), (b"two", 900), (b"three", 500)):
        await journal.import_tour(TOUR, document, from_ms)
    in_force = {at_ms: await journal.version_in_force(TOUR, at_ms) for at_ms in (50, 100, 499, 500, 1000)}
    assert in_force == {50: 1, 100: 1, 499: 1, 500: 3, 1000: 3}
    assert await journal.import_tour(TOUR, b"three", 200) == 3  # sooner than was said
    assert await journal.import_tour(TOUR, b"three", 800) == 3
    assert [await journal.version_in_force(TOUR, at_ms) for at_ms in (199, 200)] == [1, 3]


async def test_a_box_stays_with_its_device_until_the_roster_has_it(journal: AnyJournal) -> None:
    roster = [DeviceRow("12", "phone", 1), DeviceRow("13", "other", 1)]
    await journal.set_devices(TOUR, roster)
    await journal.give_box(TOUR, "phone", "490154203237518")
    await journal.give_box(TOUR, "other", "490154203237518")  # it was the other one's all the time
    await journal.set_devices(TOUR, roster)  # imported again
    other = DeviceRow("13", "other", 1, box="490154203237518")
    assert await journal.devices(TOUR) == [other, DeviceRow("12", "phone", 1)]
    listed = DeviceRow("12", "phone", 1, "490154203237518")
    await journal.set_devices(TOUR, [listed, roster[1]])
    assert await journal.devices(TOUR) == [roster[1], listed]


async def test_a_devices_generation_never_falls(journal: AnyJournal) -> None:
    revoked = DeviceRow("12", "phone", 4)
    await journal.set_devices(TOUR, [revoked])
    await journal.set_devices(TOUR, [DeviceRow("13", "phone", 1), DeviceRow("14", "box", 1, "490154203237518")])
    assert await journal.devices(TOUR) == [DeviceRow("14", "box", 1, "490154203237518"), DeviceRow("13", "phone", 4)]
    await journal.set_devices(TOUR, [DeviceRow("13", "phone", 5)])  # revoked
    assert [row.generation for row in await journal.devices(TOUR)] == [1, 5]
    assert await journal.devices("unknown") == []


async def test_one_engine_leads_at_a_time_each_with_a_higher_epoch(journal: AnyJournal) -> None:
    """A lease is for one holder; it can be taken when it ran out, was given back, or by its holder again."""
    assert await journal.take_lease(TOUR, "a", 60_000) == 1
    assert await journal.take_lease(TOUR, "b", 60_000) is None
    assert await journal.take_lease("another", "b", 60_000) == 1
    assert await journal.take_lease(TOUR, "a", 60_000) == 2
    assert not await journal.renew_lease(TOUR, 1, 60_000)
    assert await journal.renew_lease(TOUR, 2, 0)
    assert await journal.take_lease(TOUR, "b", 60_000) == 3
    await journal.release_lease(TOUR, 2)
    assert await journal.take_lease(TOUR, "a", 60_000) is None
    await journal.release_lease(TOUR, 3)
    assert await journal.take_lease(TOUR, "a", 60_000) == 4


async def test_a_deposed_leader_writes_nothing(journal: AnyJournal) -> None:
    """The epoch is checked in the transaction of the write itself, and costs the others of its group nothing."""
    note = [Entry(RecordKind.DECISION, {"note": "x"})]
    epoch = await journal.take_lease(TOUR, "a", 0)
    await journal.append(TOUR, note, 1000, epoch=epoch)
    await journal.take_lease(TOUR, "b", 60_000)
    late, other = await asyncio.gather(
        journal.append(TOUR, note, 1000, epoch=epoch), journal.append(TOUR, note, 1000), return_exceptions=True
    )
    assert isinstance(late, Deposed)
    assert isinstance(other, Appended)
    assert [record.seq for record in await journal.read(TOUR, 0)] == [1, 2]
