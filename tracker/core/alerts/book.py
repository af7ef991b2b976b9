"""The alerts of a tour as their journalled events say: a fold that takes every event once, however often it comes."""

from __future__ import annotations

from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Clear, Finding, Judgement
from tracker.core.geo import distance_m

Subject = tuple[AlertKind, int | None]  # at most one alert is open for each

EDIT_MS = 60_000  # so much earlier it must have begun to be worth an event
EDIT_M = 200.0


class AlertBook:
    """Which alerts are open. `fold` journalled events in order; `next_event` is what a judgement makes of the book."""

    def __init__(self) -> None:
        self.open: dict[Subject, AlertEvent] = {}
        self.closed_ms: dict[Subject, int] = {}
        self._resolved_ms: dict[Subject, int] = {}
        self._counts: dict[Subject, int] = {}

    def fold(self, event: AlertEvent) -> bool:
        """Take one event; whether it is news. A second raising, or the end of what is not open, changes nothing."""
        subject = (event.kind, event.vehicle)
        known = self.open.get(subject)
        number = _number(event.id)
        if event.step is AlertStep.RAISED:
            if known is not None or number <= self._counts.get(subject, 0):
                return False
            self.open[subject] = event
            self._counts[subject] = number
        elif event.step is AlertStep.REOPENED:
            if known is not None or not self.is_newest(event):
                return False
            self.open[subject] = event
            self._resolved_ms.pop(subject, None)
        elif known is None or known.id != event.id:
            return False
        elif event.step is AlertStep.EDITED:
            self.open[subject] = event
        else:
            del self.open[subject]
            self.closed_ms[subject] = event.at_ms
            if event.step is AlertStep.RESOLVED:
                self._resolved_ms[subject] = event.at_ms
        return True

    def is_newest(self, event: AlertEvent) -> bool:
        """Whether nothing was raised since for the same vehicle and kind."""
        return _number(event.id) == self._counts.get((event.kind, event.vehicle))

    def next_event(self, subject: Subject, judgement: Judgement, number: str, now_ms: int) -> AlertEvent | None:
        """The event that a judgement calls for, if any."""
        known = self.open.get(subject)
        kind, vehicle = subject
        if isinstance(judgement, Finding):
            if known is None:
                if judgement.since_ms <= self._resolved_ms.get(subject, -1):
                    return None  # a person has seen to this very one
                name = f"{kind}-{number}-{self._counts.get(subject, 0) + 1}"
                return AlertEvent(name, kind, vehicle, AlertStep.RAISED, now_ms, judgement)
            if _differs(known.finding, judgement):
                return AlertEvent(known.id, kind, vehicle, AlertStep.EDITED, now_ms, judgement)
        elif isinstance(judgement, Clear) and known is not None:
            lasted_s = max(now_ms - known.finding.since_ms, 0) // 1000
            evidence = {"why": judgement.why, "lasted_s": lasted_s}
            finding = Finding(known.finding.since_ms, known.finding.place, evidence)
            return AlertEvent(known.id, kind, vehicle, AlertStep.CLEARED, now_ms, finding)
        return None


def _number(alert_id: str) -> int:
    """The how many-eth of its subject an alert is; one that is not newer than the last is a repeat."""
    _, _, number = alert_id.rpartition("-")
    return int(number) if number.isdecimal() else 0


def _differs(old: Finding, new: Finding) -> bool:
    """Whether late data says that it began well before, or at another place."""
    if old.since_ms - new.since_ms >= EDIT_MS:
        return True
    a, b = old.place, new.place
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return False
    return distance_m(a.lat, a.lon, b.lat, b.lon) > EDIT_M
