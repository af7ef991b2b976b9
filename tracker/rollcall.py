"""The check list of the morning for the organiser's page: who is heard, how well, and who is not.

It is made of the journal, read on from where the last look ended, so it costs nothing while nobody looks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from aiohttp import web

from tracker.access import ORGANISERS, AccessBook, or_later
from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.core.decided import Decided
from tracker.core.devicecheck import DeviceCheck
from tracker.core.model import RecordKind
from tracker.errors import StoreDamaged
from tracker.hub import Hub
from tracker.journal.contract import Journal
from tracker.organiser import known_tour, private_json
from tracker.wire.rollcall import roll_call

READ_RECORDS = 250  # some 10 ms; then others have their turn
READ_FOR_S = 1.0  # of a long journal each look reads so much, and says how far it has come


class RollCall:
    """What the journal says of a tour's devices, as far as it was read."""

    def __init__(self, served: ServedTour, journal: Journal) -> None:
        self.version = served.version
        self.tour = served.tour
        self.check = DeviceCheck(served.tour.vehicle_of_device, served.tour.boxes)
        self.decided = Decided(served.tour)
        self._journal = journal
        self._seq = 0
        self._one_reads = asyncio.Lock()

    async def read_on(self) -> int:
        """Read what is new; how much of the journal is read by then, in per cent."""
        async with self._one_reads:
            head_seq, _ = await self._journal.head(self.tour.slug)
            until = time.monotonic() + READ_FOR_S
            while self._seq < head_seq and time.monotonic() < until:
                await self._read_some()
            return 100 if self._seq >= head_seq else 100 * self._seq // head_seq

    async def _read_some(self) -> None:
        try:
            records = await self._journal.read(self.tour.slug, self._seq, READ_RECORDS)
        except StoreDamaged as damaged:
            self._seq = damaged.last_seq
            return
        for record in records:
            self._seq = record.seq
            self.check.observe(record)
            if record.kind is RecordKind.DECISION:
                self.decided.note(record)


class RollCallApi:
    def __init__(
        self, tours: Mapping[str, ServedTour], hub: Hub, journal: Journal, clock: Clock, access: AccessBook
    ) -> None:
        self._tours = tours
        self._hub = hub
        self._clock = clock
        self._access = access
        self._journal = journal
        self._calls: dict[str, RollCall] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/tours/{tour}/devices", or_later(self.devices))]

    async def devices(self, request: web.Request) -> web.Response:
        """Every vehicle with its devices, and how each is doing."""
        tour = known_tour(self._tours, request)
        await self._access.admit(request, tour, ORGANISERS, "the check list")
        call = self._call(tour)
        read_pct = await call.read_on()
        now_ms = self._clock.now_ms()
        body = roll_call(call.tour, call.check.reports(now_ms), call.decided, self._hub.crew_feeds[tour].state, now_ms)
        response = private_json({"read_pct": read_pct, "rate": self._clock.rate} | body)
        response.enable_compression()
        return response

    def _call(self, tour: str) -> RollCall:
        """What was read so far; another version of the tour begins anew."""
        served = self._tours[tour]
        call = self._calls.get(tour)
        if call is None or call.version != served.version:
            call = self._calls[tour] = RollCall(served, self._journal)
        return call
