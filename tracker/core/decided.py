"""What the decisions in force make of a tour: swaps, standings, and the schedule. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.core.assignments import Assignments
from tracker.core.decisions import Decision, DecisionBook, DecisionKind
from tracker.core.model import Record, Standing, Tour
from tracker.core.schedule import LegPlan, Schedule

EFFECTIVE = frozenset(
    {DecisionKind.ASSIGN, DecisionKind.STANDING, DecisionKind.DELAY, DecisionKind.CANCEL, DecisionKind.UNDO}
)
NEVER_MS = 1 << 62
Turn = tuple[int, int, Standing]  # since when, the decision's number, and what a vehicle is from then on


@dataclass(frozen=True, slots=True)
class Changed:
    """What a decision changed: devices with the vehicles they were in before, vehicles' standings, the schedule.

    `from_ms`: the earliest time for which another start makes a difference.
    """

    devices: dict[str, list[int]] = field(default_factory=dict)
    vehicles: tuple[int, ...] = ()
    schedule: bool = False
    from_ms: int | None = None


class Decided:
    """The decisions of a tour, and their effects. Records may be noted in any order."""

    def __init__(self, tour: Tour) -> None:
        self.book = DecisionBook()
        self.assignments = Assignments(tour)
        self.schedule = Schedule(tour)
        self.turns: dict[int, list[Turn]] = {}  # by vehicle: its standings in order of time
        self._numbers = {vehicle.number: index for index, vehicle in enumerate(tour.vehicles)}

    def note(self, record: Record) -> Changed:
        """Take in a record of the kind decision."""
        if not any(decision.kind in EFFECTIVE for decision in self.book.note(record)):
            return Changed()
        in_force = self.book.in_force
        before = self.schedule.plans
        changed = self._take_schedule(in_force(DecisionKind.DELAY, DecisionKind.CANCEL))
        return Changed(
            self.assignments.take(in_force(DecisionKind.ASSIGN)),
            self._take_standings(in_force(DecisionKind.STANDING)),
            changed,
            self.schedule.differs_from_ms(before),
        )

    def standing(self, vehicle: int) -> Standing:
        """What a vehicle is by the newest decision about it."""
        turns = self.turns.get(vehicle)
        return turns[-1][2] if turns else Standing.RUNNING

    def rides(self, vehicle: int) -> tuple[tuple[int, int], ...]:
        """When a vehicle was on a trailer, from one time until before another."""
        turns = self.turns.get(vehicle, [])
        ends_ms = [at_ms for at_ms, _, _ in turns[1:]] + [NEVER_MS]
        pairs = zip(turns, ends_ms, strict=True) if turns else ()
        return tuple((at_ms, end_ms) for (at_ms, _, word), end_ms in pairs if word is Standing.TRAILERED)

    def vehicle(self, decision: Decision) -> int | None:
        """The index of the vehicle that a decision is about; None if it names none that the roster has."""
        return self._numbers.get(decision.text("vehicle"))

    def leg(self, decision: Decision) -> int | None:
        """The index of the leg that a decision is about."""
        number = decision.whole("leg")
        return None if number is None or not 1 <= number <= len(self.schedule.plans) else number - 1

    def _take_standings(self, decisions: list[Decision]) -> tuple[int, ...]:
        turns: dict[int, list[Turn]] = {}
        words = {standing.word: standing for standing in Standing}
        for decision in decisions:
            vehicle, standing = self.vehicle(decision), words.get(decision.text("standing"))
            if vehicle is not None and standing is not None:
                turns.setdefault(vehicle, []).append((decision.at_ms, decision.seq, standing))
        for each in turns.values():
            each.sort()
        before, self.turns = self.turns, turns
        return tuple(v for v in sorted({*before, *turns}) if before.get(v) != turns.get(v))

    def _take_schedule(self, decisions: list[Decision]) -> bool:
        delays_s, cancelled = [0] * len(self.schedule.plans), [False] * len(self.schedule.plans)
        for decision in decisions:
            leg = self.leg(decision)
            if leg is None:
                continue
            if decision.kind is DecisionKind.CANCEL:
                cancelled[leg] = True
            else:
                delays_s[leg] = (decision.whole("minutes") or 0) * 60
        before = self.schedule.plans
        self.schedule.plans = tuple(LegPlan(*plan) for plan in zip(delays_s, cancelled, strict=True))
        return self.schedule.plans != before
