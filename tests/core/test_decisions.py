"""What people decided: it counts once, its order of arrival makes no difference, and it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.roads import HOUR_MS, START_MS, STRAIGHT, drive, leg, stand, tour
from tracker.core.calibration import Calibrator
from tracker.core.decided import Decided
from tracker.core.decisions import Decision, DecisionKind, Outcome
from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, RecordKind, Standing
from tracker.core.schedule import LegPlan
from tracker.frozen import frozen, thawed

TOUR = tour(leg(STRAIGHT), leg(STRAIGHT, START_MS + 86_400_000))
Body = dict[str, object]


def made(name: str, decision: str, role: str = "crew", at_ms: int = START_MS, **fields: object) -> Body:
    return {"id": name, "decision": decision, "at_ms": at_ms, "who": "Ann", "role": role} | fields


def record(seq: int, body: Body) -> Record:
    return Record(seq, START_MS + seq, RecordKind.DECISION, body)


def received(seq: int, body: Ping | Body) -> Record:
    """A ping at the moment it was taken, a decision at the start."""
    if isinstance(body, Ping):
        return Record(seq, body.fix_time_ms or 0, RecordKind.PING, body)
    return Record(seq, START_MS, RecordKind.DECISION, body)


def after(bodies: Sequence[Body], order: Sequence[int] | None = None) -> Decided:
    """Decisions numbered as they stand, noted in another order."""
    decided = Decided(TOUR)
    for index in order or range(len(bodies)):
        decided.note(record(index + 1, bodies[index]))
    return decided


def outcomes(decided: Decided) -> list[Outcome]:
    return [decided.book.outcome(decision) for decision in decided.book.all()]


STORY: list[Body] = [
    made("a", "standing", vehicle="1", standing="retired"),
    made("b", "standing", vehicle="1", standing="trailered", at_ms=START_MS + 60_000),
    made("a", "standing", vehicle="2", standing="withdrawn"),  # a repeat of the first: it changes nothing
    made("c", "undo", of="b"),
    made("d", "delay", "organiser", leg=1, minutes=20),
    made("e", "delay", "organiser", leg=1, minutes=30),
    made("f", "undo", "organiser", of="e"),
    made("g", "cancel", "organiser", leg=2),
    made("h", "undo", of="g"),  # a crew may not
    made("i", "undo", of="c"),
    made("j", "assign", "organiser", device="S1", vehicle="3", at_ms=START_MS),
    made("k", "undo", "organiser", of="j"),
    made("l", "undo", "organiser", of="k"),
]


def test_the_story_ends_as_people_wanted_it() -> None:
    decided = after(STORY)
    assert (decided.standing(0), decided.standing(1)) == (Standing.TRAILERED, Standing.RUNNING)
    assert decided.schedule.plans == (LegPlan(1200), LegPlan(0, cancelled=True))
    assert decided.schedule.start_time_ms(0, 1) == START_MS + 60_000 + 1_200_000
    assert decided.schedule.start_time_ms(1, 1) is None
    assert decided.assignments.vehicle_of("S1", START_MS + 1) == 2
    assert [o.value for o in outcomes(decided)] == [
        "counts", "counts", "over", "counts", "over", "counts", "counts", "not_allowed", "counts", "counts", "over",
        "counts",
    ]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.permutations(range(len(STORY))))
def test_the_order_of_arrival_makes_no_difference(order: list[int]) -> None:
    one, other = after(STORY), after(STORY, order)
    assert one.turns == other.turns
    assert one.schedule.plans == other.schedule.plans
    assert one.assignments.vehicles_of("S1") == other.assignments.vehicles_of("S1")
    assert one.book.all() == other.book.all()
    assert outcomes(one) == outcomes(other)


def test_an_undo_of_what_is_undone_already_is_over_and_does_not_outlive_the_first() -> None:
    decided = after(
        [
            made("a", "cancel", "organiser", leg=1),
            made("b", "undo", "organiser", of="a"),
            made("c", "undo", "organiser", of="a"),
            made("d", "undo", "organiser", of="b"),
        ]
    )
    assert [o.value for o in outcomes(decided)][2:] == ["over", "counts"]
    assert decided.schedule.plans[0].cancelled


@pytest.mark.parametrize("of", ["nobody", "later", "u"])
def test_an_undo_of_nothing_is_unknown(of: str) -> None:
    decided = after([made("u", "undo", of=of), made("later", "note", text="hello")])
    assert outcomes(decided) == [Outcome.UNKNOWN, Outcome.COUNTS]


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "erased", "vehicle": "1"},
        {"blank": "erased"},
        {"decision": "standing", "vehicle": "1", "standing": "retired", "at_ms": "now"},
        {"decision": "standing", "vehicle": "99", "standing": "retired"},
        {"decision": "standing", "vehicle": "1", "standing": "asleep"},
        {"decision": "delay", "leg": 9, "minutes": 5},
        {"decision": "delay", "leg": True, "minutes": 5},
        {"decision": "assign", "device": ["x"], "vehicle": "1"},
    ],
)
def test_what_makes_no_sense_changes_nothing(body: Body) -> None:
    decided = after([body])
    assert decided.turns == {}
    assert decided.schedule.plans == (LegPlan(), LegPlan())


def test_an_undone_swap_gives_the_fixes_back() -> None:
    pings = drive(leg(STRAIGHT).course, 0.0, 6_000.0)
    swap = made("swap", "assign", "organiser", device="1", vehicle="2", at_ms=START_MS + 120_000)
    undo = made("back", "undo", "organiser", of="swap")

    def digest(*bodies: Ping | Body) -> str:
        engine = Engine(TOUR)
        for seq, body in enumerate(bodies, 1):
            engine.apply(received(seq, body))
            engine.fold(3)
        return engine.digest()

    without = digest(*pings)
    assert digest(*pings, swap) != without
    batches: list[list[Ping | Body]] = [[swap, undo], [*pings[:20]], [*pings[20:]]]
    for parts in permutations(batches):
        assert digest(*[body for part in parts for body in part]) == without


def test_miles_on_a_trailer_are_not_its_own_whenever_that_is_said() -> None:
    pings = drive(leg(STRAIGHT).course, 0.0, 9_000.0)
    loaded_ms, unloaded_ms = START_MS + 200_000, START_MS + 400_000  # at 3 and 6 km
    loaded = made("on", "standing", vehicle="1", standing="trailered", at_ms=loaded_ms)
    unloaded = made("off", "standing", vehicle="1", standing="running", at_ms=unloaded_ms)

    def after_all(*bodies: Ping | Body) -> tuple[str, float, float]:
        engine = Engine(TOUR)
        for seq, body in enumerate(bodies, 1):
            engine.apply(received(seq, body))
            engine.fold(5)
        digest, totals = engine.digest(), engine.totals(0)
        return digest, totals.odometer_m, totals.carried_m

    digest, own_m, carried_m = after_all(loaded, unloaded, *pings)
    assert own_m == pytest.approx(6_000, abs=150)
    assert carried_m == pytest.approx(3_000, abs=150)
    batches: list[list[Ping | Body]] = [[loaded], [unloaded], [*pings[:30]], [*pings[30:]]]
    for parts in permutations(batches):
        assert after_all(*[body for part in parts for body in part]) == (digest, own_m, carried_m)
    undone = after_all(*pings, loaded, unloaded, made("u", "undo", of="on"))
    assert undone == after_all(*pings)
    assert undone[2] == 0.0


def test_a_leg_of_the_same_day_that_is_late_by_hours_is_still_driven_to_its_end() -> None:
    """Without the delay it would be over by then, and the car on the afternoon's leg, waiting."""
    day = tour(leg(STRAIGHT), leg([(0.0, 9_000.0), (18_000.0, 9_000.0)], START_MS + 4 * HOUR_MS))
    pings = drive(day.legs[0].course, begin_ms=START_MS + 4 * HOUR_MS)
    delay = made("late", "delay", "organiser", leg=1, minutes=240)

    def engine_after(*bodies: Ping | Body) -> Engine:
        engine = Engine(day)
        for seq, body in enumerate(bodies, 1):
            engine.apply(received(seq, body))
            engine.fold(5)
        engine.digest()
        return engine

    plain, late = engine_after(*pings), engine_after(delay, *pings)
    assert plain.passages(0) == []
    assert [(p.leg, p.checkpoint) for p in late.passages(0)] == [(0, k) for k in range(5)]
    batches: list[list[Ping | Body]] = [[delay], [*pings[:40]], [*pings[40:]]]
    digests = {engine_after(*[body for part in parts for body in part]).digest() for parts in permutations(batches)}
    assert digests == {late.digest()}
    undone = engine_after(*pings, delay, made("u", "undo", "organiser", of="late"))
    assert undone.digest() == plain.digest()
    *_, (beside) = thawed(restored := Engine(day), list(frozen(late, (Calibrator(), {}, {}))))
    assert beside is not None
    for ping in stand(day.legs[0].course.point_at(18_000.0), START_MS + 5 * HOUR_MS, 60):
        for engine in (late, restored):
            engine.apply(received(1000, ping))
    assert restored.digest() == late.digest(), "the delay is part of the saved state"


def test_a_decision_of_the_command_line_is_known_by_its_number() -> None:
    decided = after([{"decision": "assign", "device": "S1", "vehicle": "1", "at_ms": START_MS}])
    (decision,) = decided.book.in_force(DecisionKind.ASSIGN)
    assert decision == Decision("#1", 1, DecisionKind.ASSIGN, START_MS, "", "organiser", decision.body)
    decided.note(record(2, made("u", "undo", "organiser", of="#1")))
    assert decided.book.in_force(DecisionKind.ASSIGN) == []
