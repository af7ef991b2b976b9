"""The engine's shell: reads the journal, lets the pure engine fold, and lets its outlets publish when they are due.

Hints from the bus bring new records at once; whatever the bus loses is read from the journal, by number. A standby
does all of that but publish and journal, so it can take the lead at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from tracker.alerting import Alerting
from tracker.bus.contract import Bus, pings_topic, wants_topic
from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.core.calibration import Calibrator
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Ping, Record, RecordKind
from tracker.errors import StoreError
from tracker.frozen import Beside
from tracker.journal.contract import Entry, Journal
from tracker.journal.records import decode_hint
from tracker.leadership import Lead
from tracker.notify import Notifier
from tracker.outlet import Outlet
from tracker.quietlog import QuietLog
from tracker.savedstate import SavedState
from tracker.sideline import Sideline
from tracker.turns import Turn
from tracker.wire.audience import CREW

log = logging.getLogger(__name__)

READ_RECORDS = 1000
FOLD_STEPS = 10  # between two looks at the time: a millisecond or two
TOLD_S = 5.0  # between log lines about a rebuild
LOOK_S = 2.0  # even without hints the journal is looked at so often: the last hint may be the one that was lost
IDLE_S = 1.0  # time passes for the views even when nothing arrives
RETRY_S = 1.0


class Runner:
    """One tour's engine with its outlets, `delay_s` behind on purpose. One that is behind only reads: it is never
    the one to say what becomes an input.
    """

    def __init__(
        self,
        served: ServedTour,
        journal: Journal,
        bus: Bus,
        clock: Clock,
        lead: Lead,
        outlets: Sequence[Outlet],
        delay_s: int = 0,
        saved: SavedState | None = None,
        sidelines: Sequence[Sideline] = (),
        notifier: Notifier | None = None,
    ) -> None:
        self.tour = served.tour
        self.engine = Engine(served.tour)
        self.delay_s = delay_s
        self.ready = False
        self.read_seq = 0
        self.head_seq = 0
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._outlets = outlets
        self._at_once = not all(outlet.beat_s for outlet in outlets)
        self._calibrator = Calibrator()
        self.alerting = Alerting(served.tour, journal, bus, clock, lead, notifier)
        self._sidelines = sidelines if delay_s else (*sidelines, self.alerting.outlet)
        self._lead = lead
        self._saved = saved
        self._last: Record | None = None  # that the engine applied
        self._quiet = QuietLog(log)
        self._told_at = time.monotonic()
        self._due: dict[str, Calibration] = {}  # by device: found, and not journalled yet
        self._delayed: deque[Record] = deque()  # read, and younger than the delay
        self._newest_ms = 0  # the stored time of the last record read
        self._looked_at = 0.0
        self._behind = True  # the journal holds records that no hint brought
        self._wake = asyncio.Event()
        self._sos = False  # one was put in since crews were told
        self._task: asyncio.Task[None] | None = None
        self._stops: list[Callable[[], Awaitable[None]]] = []

    async def start(self) -> None:
        slug = self.tour.slug
        self._stops = [
            await self._bus.subscribe(pings_topic(slug), self._on_hint, self._on_lost),
            await self._bus.subscribe(wants_topic(slug), self._on_want, self._on_lost),
        ]
        self._task = asyncio.create_task(self._run(), name=f"engine {slug}")

    async def stop(self) -> None:
        for stop in self._stops:
            await stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for sideline in self._sidelines:
            await sideline.stop()
        if self._saved is not None and self.failure is None:
            await self._saved.close(self.engine, self._beside(), self._last)

    def leave_state(self) -> None:
        """Save no state from now on: another engine does."""
        self._saved = None

    @property
    def failure(self) -> BaseException | None:
        """What nobody foresaw, and ended the engine; None as long as it runs, and where it was stopped."""
        task = self._task
        return task.exception() if task is not None and task.done() and not task.cancelled() else None

    @property
    def leads(self) -> bool:
        return self._lead.epoch is not None

    @property
    def percent(self) -> int:
        """How much of the journal the engine has folded since its start; 100 once it is ready."""
        return 100 if self.ready else min(99, 100 * self.read_seq // max(self.head_seq, 1))

    # From the bus

    def _on_hint(self, message: bytes) -> None:
        records = decode_hint(message)
        if records and records[0].seq == self.read_seq + 1:
            self._take(records)
        elif records and records[-1].seq > self.read_seq:
            self._behind = True
        self._stir(urgent=any(_is_urgent(record) for record in records))

    def _on_lost(self) -> None:
        self._behind = True
        self._stir()

    def _on_want(self, message: bytes) -> None:
        for outlet in self._outlets:
            if outlet.audience.name.encode() == message:
                outlet.want()
        for sideline in self._sidelines:
            if sideline.wanted_as == message:
                sideline.want()
        self._stir()

    def _stir(self, *, urgent: bool = False) -> None:
        if self._at_once or urgent:
            self._wake.set()

    # The loop

    async def _run(self) -> None:
        await self._resume()
        while True:
            try:
                await self._beat()
            except StoreError as error:
                self._quiet.warn("the journal cannot be read for now", f"engine {self.tour.slug}", str(error))
                self._behind = True
                await asyncio.sleep(RETRY_S)

    async def _resume(self) -> None:
        if self._saved is None:
            return
        try:
            resumed = await self._saved.resume(self.engine, self._journal)
        except Exception:  # whatever is wrong with a cache, the journal has it all
            log.exception("engine %s: the saved state cannot be read; the journal is folded anew", self.tour.slug)
            self.engine, resumed = Engine(self.tour), None
        if resumed is not None:
            self._last, (self._calibrator, self._due, alerts) = resumed
            self.alerting.desk.restore(alerts)
            self.read_seq = self.head_seq = self._last.seq

    def _beside(self) -> Beside:
        """What is kept beside the engine."""
        return self._calibrator, self._due, self.alerting.desk.state()

    async def _beat(self) -> None:
        started = time.monotonic()
        self._wake.clear()
        if self._behind or self.alerting.must_read or started - self._looked_at >= LOOK_S:
            await self._catch_up()
            self._looked_at = started
        await self._fold()
        self.ready = True
        self._publish()
        await self._alert()
        await self._work()
        if self._saved is not None:
            await self._saved.keep_now_and_then(self.engine, self._beside(), self._last)
        pause_s = min(outlet.due_in_s() if outlet.beat_s else IDLE_S for outlet in self._outlets)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, pause_s)):
                await self._wake.wait()

    async def _catch_up(self) -> None:
        slug, epoch = self.tour.slug, self._lead.epoch
        self.head_seq, _ = await self._journal.head(slug)
        self._behind = False
        while self.read_seq < self.head_seq:
            records = await self._journal.read(slug, self.read_seq, READ_RECORDS)
            if not records:
                return
            self._take([record for record in records if record.seq > self.read_seq])
            await self._fold()
            self.head_seq = max(self.head_seq, self.read_seq)
            if not self.ready and time.monotonic() - self._told_at >= TOLD_S:
                self._told_at = time.monotonic()
                log.info("engine %s: rebuilding, %d %%", slug, self.percent)
        self.alerting.has_read(epoch)

    def _take(self, records: list[Record]) -> None:
        for record in records:
            self.read_seq = record.seq
            self._newest_ms = record.stored_at_ms
            self._delayed.append(record)

    async def _fold(self) -> None:
        """Fold what is visible, in slices. An SOS that comes meanwhile is put in and told between two of them."""
        turn = Turn()
        await self._apply(turn)
        await self._journal_calibrations()
        while not self.engine.fold(FOLD_STEPS):
            await turn.give_way()
            await self._apply(turn)
            if self._sos and self.ready:
                self._publish()
                await self._call_out()

    async def _apply(self, turn: Turn) -> None:
        """Put the records that are visible by now into their places."""
        visible_ms = self._feed_ms()
        while self._delayed and self._delayed[0].stored_at_ms <= visible_ms:
            self._last = record = self._delayed.popleft()
            self.engine.apply(record)
            self._observe(record)
            self._sos = self._sos or (isinstance(record.body, Ping) and record.body.sos)
            await turn.give_way()

    def _observe(self, record: Record) -> None:
        """Watch the devices' clocks. What was journalled is believed; what is found anew is due to be journalled."""
        self.alerting.observe(record)
        body = record.body
        if isinstance(body, Calibration):
            self._calibrator.believed(body)
            self._due.pop(body.device, None)
        elif isinstance(body, Ping) and body.device is not None and body.fix_time_ms is not None and body.time_given:
            found = self._calibrator.observe(body.device, body.fix_time_ms, record.stored_at_ms)
            if found is not None:
                self._due[body.device] = found

    async def _journal_calibrations(self) -> None:
        """A clock error, once believed, is an input of its own: rebuilds read it and do not guess anew."""
        epoch = self._lead.epoch
        if epoch is None or self.delay_s or self.read_seq < self.head_seq or not self._due:
            return  # what follows in the journal may say it already
        entries = [Entry(RecordKind.CALIBRATION, calibration) for calibration in self._due.values()]
        await self._journal.append(self.tour.slug, entries, self._clock.now_ms(), epoch=epoch)
        self._due.clear()

    async def _alert(self) -> None:
        """Journal what has come up and what is over, and read it back at once."""
        await self._call_out()
        if self._has_all:
            await self.alerting.look(self.engine)
        if self.alerting.must_read:
            await self._catch_up()
            await self._fold()

    async def _work(self) -> None:
        for sideline in self._sidelines:
            epoch = self._lead.epoch
            if epoch is not None:
                await sideline.work(self.engine, epoch, self._feed_ms(), self._wake.is_set)

    async def _call_out(self) -> None:
        if self._has_all:
            await self.alerting.call_out(self.engine)

    @property
    def _has_all(self) -> bool:
        """Whether all that is known to be in the journal has been read, and is believed at once."""
        return not self.delay_s and not self._behind and self.read_seq >= self.head_seq

    # The feed

    def _feed_ms(self) -> int:
        """The feed's present. It is never before the journal's: a clock that was set back holds up nothing."""
        return max(self._clock.now_ms(), self._newest_ms) - self.delay_s * 1000

    def _publish(self) -> None:
        """Let every outlet publish whose beat is due, and after an SOS the crews' at once."""
        now_ms = self._feed_ms()
        self.engine.tick(now_ms)
        changed = self.engine.changed()
        epoch = self._lead.epoch
        for outlet in self._outlets:
            if epoch is None:
                outlet.silence()
                continue
            outlet.mark(changed)
            if outlet.due_in_s() <= 0 or (self._sos and outlet.audience is CREW):
                outlet.publish(self.engine, epoch, now_ms, self._clock.rate)
        self._sos = False


def _is_urgent(record: Record) -> bool:
    """Whether it waits for no beat: who calls SOS, and who decides."""
    return record.kind is RecordKind.DECISION or (isinstance(record.body, Ping) and record.body.sos)
