"""Alerts of one tour: the pure desk, and the leader's pen. What is journalled is what is so.

The leader journals what the desk calls for, and the desk believes it once the journal gives it back; so the alerts of
a restarted engine, or of the next leader, are those that were told already.
"""

from __future__ import annotations

import time

from tracker.bus.contract import Bus
from tracker.clock import Clock
from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import AlertEvent, AlertKind, to_body
from tracker.core.alerts.story import told_bodies
from tracker.core.engine import Engine
from tracker.core.model import Record, RecordKind, Tour
from tracker.deskoutlet import DeskOutlet
from tracker.journal.contract import Entry, Journal
from tracker.leadership import Lead
from tracker.notify import Notifier

TICK_S = 1.0


class Alerting:
    """`observe` every record as it is read; `look` when all is read and folded; `call_out` whenever all is read."""

    def __init__(
        self, tour: Tour, journal: Journal, bus: Bus, clock: Clock, lead: Lead, notifier: Notifier | None = None
    ) -> None:
        self.desk = Alerts(tour)
        self.outlet = DeskOutlet(tour, self.desk, bus)
        self._tour = tour
        self._journal = journal
        self._clock = clock
        self._lead = lead
        self._notifier = notifier
        self._journalled_seq = 0  # the newest event that we wrote; nothing is judged before it has come back
        self._epoch: int | None = None  # in which everything that former leaders wrote has been read
        self._looked_at = 0.0

    def observe(self, record: Record) -> None:
        self.desk.observe(record)
        if record.kind is RecordKind.DECISION:
            self.outlet.stir(decided=True)
        elif record.kind is RecordKind.ALERT and isinstance(record.body, dict):
            self.outlet.stir(sos=record.body.get("kind") == AlertKind.SOS)

    @property
    def must_read(self) -> bool:
        """Whether the journal holds what the desk has to know first: our own events, or those of another leader."""
        return self._lead.epoch != self._epoch or self.desk.position < self._journalled_seq

    def has_read(self, epoch: int | None) -> None:
        """The journal was read to its head, which was asked for while we led in this epoch."""
        self._epoch = epoch

    async def call_out(self, engine: Engine) -> None:
        """Journal an SOS that nobody has been told of."""
        if self.desk.urgent and self._may_write():
            await self._write(self.desk.emergencies(self._clock.now_ms(), engine))

    async def _notify(self) -> None:
        """Tell the targets what is journalled by now, and journal who has been told."""
        if self._notifier is None or not self._may_write():
            return
        now_ms = self._clock.now_ms()
        self._notifier.take(self.desk.stories.to_tell(now_ms), now_ms)
        entries = [Entry(RecordKind.ALERT, body) for body in told_bodies(self._notifier.arrived())]
        if entries:
            await self._journal.append(self._tour.slug, entries, now_ms, epoch=self._epoch)

    async def look(self, engine: Engine) -> None:
        """Once a second, journal what has come up and what is over."""
        now_s = time.monotonic()
        if now_s - self._looked_at >= TICK_S and self._may_write():
            self._looked_at = now_s
            await self._write(self.desk.tick(self._clock.now_ms(), engine))
            await self._notify()

    def _may_write(self) -> bool:
        return self._lead.epoch is not None and not self.must_read

    async def _write(self, events: list[AlertEvent]) -> None:
        """Raises StoreError; whether the events are stored then is found in the journal."""
        if not events:
            return
        entries = [Entry(RecordKind.ALERT, to_body(event, self._tour)) for event in events]
        epoch = self._epoch
        self._epoch = None  # until it is known what became of them
        done = await self._journal.append(self._tour.slug, entries, self._clock.now_ms(), epoch=epoch)
        self._journalled_seq = done.stored[-1].seq
        self._epoch = epoch
