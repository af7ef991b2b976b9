"""Slices of the past, on every home: one current one a slot, replaced ones for a while, none by a deposed engine."""

from __future__ import annotations

import pytest

from tests.journal.conftest import AnyJournal
from tests.journal.test_contract import TOUR
from tracker.errors import Deposed
from tracker.journal.segments import KEPT_MS, Listed
from tracker.wire.segments import Segment

LEG = 1


async def leader(journal: AnyJournal, slug: str = TOUR) -> int:
    epoch = await journal.take_lease(slug, "an engine", 60_000)
    assert epoch is not None
    return epoch


async def test_a_newer_slice_takes_the_place_of_the_one_before_which_stays_for_a_while(journal: AnyJournal) -> None:
    epoch = await leader(journal)
    await journal.segments.put(TOUR, epoch, [Segment(LEG, 600, "b", b"later"), Segment(LEG, 0, "a", b"first")], 1_000)
    await journal.segments.put(TOUR, epoch, [Segment(LEG + 1, 0, "c", b"another leg")], 1_000)
    assert await journal.segments.listed(TOUR, LEG) == [Listed(0, "a", 5), Listed(600, "b", 5)]
    await journal.segments.put(TOUR, epoch, [Segment(LEG, 0, "a2", b"a backlog came")], 2_000)
    assert [each.hash for each in await journal.segments.listed(TOUR, LEG)] == ["a2", "b"]
    assert await journal.segments.body(TOUR, "a") == b"first"
    await journal.segments.put(TOUR, epoch, [], 2_000 + KEPT_MS)
    assert await journal.segments.body(TOUR, "a") == b"first"
    await journal.segments.put(TOUR, epoch, [], 2_001 + KEPT_MS)
    assert await journal.segments.body(TOUR, "a") is None
    assert await journal.segments.body(TOUR, "a2") == b"a backlog came"
    assert await journal.segments.body("another-tour", "a2") is None


async def test_what_comes_back_is_current_again(journal: AnyJournal) -> None:
    epoch = await leader(journal)
    for content in ("a", "b", "a"):
        await journal.segments.put(TOUR, epoch, [Segment(LEG, 0, content, content.encode())], 1_000)
    assert [each.hash for each in await journal.segments.listed(TOUR, LEG)] == ["a"]


async def test_a_deposed_engine_changes_nothing(journal: AnyJournal) -> None:
    epoch = await leader(journal)
    await journal.segments.put(TOUR, epoch, [Segment(LEG, 0, "a", b"first")], 1_000)
    with pytest.raises(Deposed):
        await journal.segments.put(TOUR, epoch - 1, [Segment(LEG, 0, "b", b"of long ago")], 2_000)
    assert [each.hash for each in await journal.segments.listed(TOUR, LEG)] == ["a"]


async def test_forgetting_is_for_good_and_for_one_tour(journal: AnyJournal) -> None:
    for slug in (TOUR, "another-tour"):
        await journal.segments.put(slug, await leader(journal, slug), [Segment(LEG, 0, "a", slug.encode())], 1_000)
    await journal.segments.forget(TOUR)
    assert await journal.segments.listed(TOUR, LEG) == []
    assert await journal.segments.body(TOUR, "a") is None
    assert await journal.segments.body("another-tour", "a") == b"another-tour"


async def test_a_mended_journal_lets_them_go_and_a_deleted_tour_too(journal: AnyJournal) -> None:
    epoch = await leader(journal)
    await journal.segments.put(TOUR, epoch, [Segment(LEG, 0, "a", b"first")], 1_000)
    await journal.care.mend({}, 5_000)
    await journal.segments.put(TOUR, epoch, [Segment(LEG, 0, "b", b"made again")], 1_000)
    await journal.care.delete_tour(TOUR)
    assert await journal.segments.body(TOUR, "b") is None
