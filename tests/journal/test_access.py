"""Invitations, sessions and the log, in every home."""

from __future__ import annotations

import asyncio

from tests.journal.conftest import AnyJournal
from tracker.journal.access import Guest, GuestRole, Noted

TOUR = "test-mille"
MADE_MS = 1_000
ENDS_MS = 9_000


async def invited(journal: AnyJournal, token: bytes = b"invitation", tour: str = TOUR) -> int:
    return await journal.access.invite(tour, GuestRole.MARSHAL, "Ann", token, MADE_MS, ENDS_MS)


async def test_an_invitation_opens_so_many_sessions_and_no_more(journal: AnyJournal) -> None:
    number = await invited(journal)
    asked = [journal.access.open_session(b"invitation", f"session {n}".encode(), 2_000, 3) for n in range(8)]
    opened = [guest for guest in await asyncio.gather(*asked) if guest is not None]
    assert len(opened) == 3
    assert sorted(await journal.access.guests(2_000), key=lambda guest: guest.session) == sorted(
        opened, key=lambda guest: guest.session
    )
    assert opened[0] == Guest(opened[0].session, TOUR, GuestRole.MARSHAL, "Ann", number, ENDS_MS)
    (invitation,) = await journal.access.invitations(TOUR)
    assert (invitation.id, invitation.sessions, invitation.revoked_at_ms) == (number, 3, None)


async def test_unknown_and_over_open_nothing(journal: AnyJournal) -> None:
    await invited(journal)
    assert await journal.access.open_session(b"another", b"session", 2_000, 3) is None
    assert await journal.access.open_session(b"invitation", b"session", ENDS_MS, 3) is None
    assert await journal.access.guests(2_000) == []


async def test_what_is_revoked_or_over_lets_nobody_stay(journal: AnyJournal) -> None:
    number = await invited(journal)
    assert await journal.access.open_session(b"invitation", b"session", 2_000, 3) is not None
    assert await journal.access.guests(ENDS_MS) == []
    assert not await journal.access.revoke("another-tour", number, 3_000)
    assert len(await journal.access.guests(3_000)) == 1
    assert await journal.access.revoke(TOUR, number, 3_000)
    assert not await journal.access.revoke(TOUR, number, 3_000), "it is revoked already"
    assert await journal.access.guests(3_000) == []
    assert await journal.access.open_session(b"invitation", b"another session", 3_000, 3) is None
    assert (await journal.access.invitations(TOUR))[0].revoked_at_ms == 3_000


async def test_the_log_is_per_tour_and_newest_first(journal: AnyJournal) -> None:
    for at_ms, tour in ((1, TOUR), (2, "another-tour"), (3, TOUR)):
        await journal.access.note(tour, at_ms, "Ann", "looked")
    assert await journal.access.noted(TOUR) == [Noted(3, "Ann", "looked"), Noted(1, "Ann", "looked")]
    assert await journal.access.noted(TOUR, 1) == [Noted(3, "Ann", "looked")]


async def test_a_deleted_tour_leaves_no_names(journal: AnyJournal) -> None:
    await invited(journal)
    await invited(journal, b"of another tour", "another-tour")
    await journal.access.open_session(b"invitation", b"session", 2_000, 3)
    await journal.access.note(TOUR, 1, "Ann", "looked")
    await journal.care.delete_tour(TOUR)
    assert (await journal.access.invitations(TOUR), await journal.access.noted(TOUR)) == ([], [])
    assert await journal.access.guests(2_000) == []
    assert len(await journal.access.invitations("another-tour")) == 1


async def test_a_journal_that_was_mended_keeps_who_was_invited(journal: AnyJournal) -> None:
    await invited(journal)
    await journal.access.open_session(b"invitation", b"session", 2_000, 3)
    await journal.access.note(TOUR, 1, "Ann", "looked")
    await journal.care.mend({}, 5_000)
    assert len(await journal.access.guests(2_000)) == 1
    assert await journal.access.noted(TOUR) == [Noted(1, "Ann", "looked")]
