"""`tracker replay --alerts`: the rules look while a day is replayed, and their events are its journal's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import AlertEvent, AlertStep, to_body
from tracker.core.engine import Engine
from tracker.core.model import Record, RecordKind, Tour

Line = dict[str, object]

TICK_MS = 10_000


class AlertWatch:
    """Lets the rules look every 10 s of received time, and at once at an SOS."""

    def __init__(self, tour: Tour, engine: Engine, number: Callable[[], int]) -> None:
        self.alerts = Alerts(tour)
        self._number = number
        self._tour = tour
        self._engine = engine
        self._now_ms: int | None = None

    def until(self, received_at_ms: int) -> Iterator[Line]:
        """The alert lines of all ticks up to a time."""
        if self._now_ms is None:
            self._now_ms = received_at_ms - received_at_ms % TICK_MS
        while self._now_ms + TICK_MS <= received_at_ms:
            self._now_ms += TICK_MS
            while not self._engine.fold(10_000):
                pass
            self._engine.tick(self._now_ms)
            yield from self._journal(self.alerts.tick(self._now_ms, self._engine))

    def emergencies(self, received_at_ms: int) -> Iterator[Line]:
        """SOS does not wait for the next tick."""
        if self.alerts.urgent:
            yield from self._journal(self.alerts.emergencies(received_at_ms, self._engine))

    def finish(self) -> Iterator[Line]:
        """What the last pings call for."""
        if self._now_ms is not None:
            yield from self.until(self._now_ms + 2 * TICK_MS)

    def _journal(self, events: list[AlertEvent]) -> Iterator[Line]:
        for event in events:
            body = to_body(event, self._tour)
            self.alerts.observe(Record(self._number(), event.at_ms, RecordKind.ALERT, body))
            if event.step in (AlertStep.RAISED, AlertStep.CLEARED):
                yield {"type": "alert"} | body
