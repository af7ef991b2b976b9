"""A day with somebody at the alert desk: the rules look every ten seconds, and the journal gives back what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import AlertEvent, to_body
from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, RecordKind, Tour

TICK_MS = 10_000
DELAY_MS = 300

Body = Ping | dict[str, object]
Arrival = tuple[int, Body]  # when it was received


def at_once(pings: Iterable[Ping]) -> list[Arrival]:
    """Pings that arrive a moment after they were taken."""
    return [((ping.fix_time_ms or 0) + DELAY_MS, ping) for ping in pings]


def between(arrivals: Iterable[Arrival], from_ms: int, to_ms: int, now_ms: int) -> list[Arrival]:
    """The same, with what arrived between two times arriving at another."""
    return [(now_ms if from_ms <= at_ms < to_ms else at_ms, body) for at_ms, body in arrivals]


def watch(tour: Tour, arrivals: Sequence[Arrival], until_ms: int | None = None) -> list[AlertEvent]:
    """Every alert event of the day, in order."""
    engine, desk = Engine(tour), Alerts(tour)
    events: list[AlertEvent] = []
    seq = 0

    def take(kind: RecordKind, body: Body, at_ms: int) -> None:
        nonlocal seq
        seq += 1
        record = Record(seq, at_ms, kind, body)
        engine.apply(record)
        desk.observe(record)

    coming = sorted(arrivals, key=lambda arrival: arrival[0])
    end_ms = coming[-1][0] + TICK_MS if until_ms is None else until_ms
    done = 0
    for now_ms in range(coming[0][0], end_ms + TICK_MS, TICK_MS):
        while done < len(coming) and coming[done][0] <= now_ms:
            at_ms, body = coming[done]
            take(RecordKind.PING if isinstance(body, Ping) else RecordKind.DECISION, body, at_ms)
            done += 1
        while not engine.fold(1000):
            pass
        engine.tick(now_ms)
        for event in desk.tick(now_ms, engine):
            events.append(event)
            take(RecordKind.ALERT, to_body(event, tour), now_ms)
    return events


def told(events: Iterable[AlertEvent]) -> list[tuple[str, str]]:
    """Id and step of each event."""
    return [(event.id, event.step.value) for event in events]
