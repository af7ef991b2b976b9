"""The tours that this process serves, in the version that is in force; the store is asked again every two seconds.

A version takes effect at a time of its own, and a feed that is late on purpose shows an older one meanwhile, so every
version that was read stays known. New tours come in the same way.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import ChainMap
from collections.abc import Awaitable, Callable, Iterator, Mapping

from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.journal.contract import Store
from tracker.refresher import REFRESH_S, Refresher
from tracker.wire.tourdocument import tour_from_document

FIX_INTERVAL_S = 10  # what our onboarding asks of phones; pages draw a little later than that

OnTour = Callable[[str], Awaitable[object]]
ShownVersion = Callable[[str], int | None]


class TourBook:
    """`in_force` holds every tour as it is now. `only` leaves out all but one."""

    def __init__(self, store: Store, clock: Clock, only: str | None = None) -> None:
        self.in_force: dict[str, ServedTour] = {}
        self._store = store
        self._clock = clock
        self._only = only
        self._read: dict[str, dict[int, ServedTour]] = {}  # by slug and version
        self._shown: list[ShownVersion] = []
        self._on_tour: list[OnTour] = []
        self._refreshing = asyncio.Lock()
        self._refreshed_at = -REFRESH_S
        self._refresher = Refresher("tours", self.refresh)

    async def start(self) -> None:
        await self._refresher.start()

    async def stop(self) -> None:
        await self._refresher.stop()

    async def for_every_tour(self, on_tour: OnTour) -> None:
        """Call for every tour that is known, and for each that comes."""
        self._on_tour.append(on_tour)
        for slug in tuple(self.in_force):
            await on_tour(slug)

    async def at(self, slug: str, at_ms: int) -> ServedTour:
        """A tour in the version that is in force at a time. Raises StoreError."""
        return await self._version(slug, await self._store.version_in_force(slug, at_ms))

    def as_shown(self, version: ShownVersion) -> Mapping[str, ServedTour]:
        """Tours as a feed shows them, which tells its version; as they are in force, where it shows nothing yet."""
        self._shown.append(version)
        return _AsShown(self, version)

    def known(self, slug: str, version: int | None) -> ServedTour | None:
        """A version that was read before."""
        return None if version is None else self._read.get(slug, {}).get(version)

    async def course(self, slug: str, content_hash: str) -> bytes | None:
        """A course of any version. For one that is not known the store is asked: a page may be quicker than we."""
        found = self._courses(slug).get(content_hash)
        if found is None and slug in self.in_force:
            await self.refresh()
            found = self._courses(slug).get(content_hash)
        return found

    async def refresh(self) -> None:
        """See what is in force now. Who asks while the store is being asked waits for the next answer, together."""
        asked_at = time.monotonic()
        async with self._refreshing:
            if asked_at > self._refreshed_at:
                self._refreshed_at = time.monotonic()
                await self._refresh()

    async def _refresh(self) -> None:
        for slug in await self._store.tours():
            if self._only not in (None, slug):
                continue
            is_new = slug not in self.in_force
            self.in_force[slug] = await self.at(slug, self._clock.now_ms())
            for version in {shown(slug) for shown in self._shown} - {None}:
                with contextlib.suppress(KeyError):  # the store was changed for another one
                    await self._version(slug, version or 0)
            if is_new:
                for on_tour in self._on_tour:
                    await on_tour(slug)

    async def _version(self, slug: str, version: int) -> ServedTour:
        known = self._read.setdefault(slug, {})
        if version not in known:
            _, document = await self._store.tour_document(slug, version)
            known[version] = await asyncio.to_thread(_served, document, version)
        return known[version]

    def _courses(self, slug: str) -> Mapping[str, bytes]:
        return ChainMap(*(served.courses for served in self._read.get(slug, {}).values()))


class _AsShown(Mapping[str, ServedTour]):
    def __init__(self, book: TourBook, version: ShownVersion) -> None:
        self._book = book
        self._version = version

    def __getitem__(self, slug: str) -> ServedTour:
        return self._book.known(slug, self._version(slug)) or self._book.in_force[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.in_force)

    def __len__(self) -> int:
        return len(self._book.in_force)


def _served(document: bytes, version: int) -> ServedTour:
    return ServedTour.of(tour_from_document(document), version, FIX_INTERVAL_S)
