"""Alerts where people decided something about a leg, and the figures that a board makes its sentences of."""

from __future__ import annotations

import pytest

from tests.core.roads import SPEED_MPS, START_MS, STRAIGHT, drive, leg, stand, tour, travel
from tests.core.watching import Arrival, at_once, between, told, watch
from tracker.core.alerts.desk import Alerts
from tracker.core.engine import Engine
from tracker.core.eta import due_ms
from tracker.core.model import Ping, Record, RecordKind

ROAD = leg(STRAIGHT)
COURSE = ROAD.course
MINUTE_MS = 60_000


def after_ms(along_m: float) -> int:
    return round(along_m / SPEED_MPS * 1000)


def decided(decision: str, **fields: object) -> Arrival:
    return START_MS - 30 * MINUTE_MS, {"decision": decision, "leg": 1, "at_ms": START_MS - 30 * MINUTE_MS} | fields


WAITS = stand(COURSE.point_at(0.0), START_MS - 10 * MINUTE_MS, 60 * 60)


def test_who_waits_for_a_delayed_start_has_started_late_only_after_that() -> None:
    (raised,) = watch(tour(ROAD), [decided("delay", minutes=30), *at_once(WAITS)])
    assert told([raised]) == [("not_started-1-1", "raised")]
    assert 0 <= raised.at_ms - (START_MS + 45 * MINUTE_MS) <= 10_000
    assert raised.finding.evidence["due_ms"] == START_MS + 30 * MINUTE_MS


def test_on_a_cancelled_leg_nobody_is_missed_at_the_start_or_on_the_wrong_road() -> None:
    left_ms = START_MS + after_ms(7_500)
    away = drive(COURSE, 0, 7_500) + travel([(7_500, 0), (7_500, 9_000)], left_ms)[1:]
    assert told(watch(tour(ROAD), at_once(away))) == [("off_course-1-1", "raised")], "or this would show nothing"
    assert watch(tour(ROAD), [decided("cancel"), *at_once(away)]) == []
    assert watch(tour(ROAD), [decided("cancel"), *at_once(WAITS)]) == []


def test_who_breaks_down_on_a_cancelled_leg_is_told_all_the_same() -> None:
    stands = stand(COURSE.point_at(7_500.0), START_MS + after_ms(7_500) + 10_000, 900)
    events = watch(tour(ROAD), [decided("cancel"), *at_once(drive(COURSE, 0, 7_500) + stands)])
    assert told(events) == [("stopped-1-1", "raised")]


def test_who_is_behind_is_told_with_when_it_is_due_and_expected() -> None:
    road = leg([(0.0, 0.0), (60_000.0, 0.0)])
    others = [p for k in range(5) for p in drive(road.course, 0, None, START_MS + k * MINUTE_MS, str(k + 1))]
    for k in range(5):
        others += stand(road.course.point_at(60_000), START_MS + (70 + k) * MINUTE_MS, 300, str(k + 1))
    raised, _ = watch(
        tour(road, cars=6), at_once(others + drive(road.course, device="6", begin_ms=START_MS + 70 * MINUTE_MS))
    )
    evidence = raised.finding.evidence
    assert evidence["control"] == len(road.checkpoints) - 1, "no time control: the finish"
    assert evidence["due_ms"] == pytest.approx(due_ms(road, START_MS + 5 * MINUTE_MS, road.length_m), abs=1)
    assert evidence["expected_ms"] == pytest.approx(START_MS + 70 * MINUTE_MS + after_ms(60_000), abs=5 * MINUTE_MS)
    assert evidence["late_s"] == pytest.approx(65 * 60, abs=5 * 60)


QUIET_MS = 14 * MINUTE_MS
SLOW = leg([(0.0, 0.0), (36_000.0, 0.0)])


def through_the_dead_zone(cars: int, *, last_returns: bool) -> list[Arrival]:
    """From 11 km on everybody is silent for 14 minutes, till 23.6 km; the last one for good unless it returns."""
    arrivals: list[Arrival] = []
    for k in range(cars):
        begin_ms = START_MS + k * MINUTE_MS
        from_ms = begin_ms + after_ms(11_000)
        car = at_once(drive(SLOW.course, begin_ms=begin_ms, device=str(k + 1)))
        if k == cars - 1 and not last_returns:
            car = [arrival for arrival in car if arrival[0] < from_ms]
        arrivals += between(car, from_ms, from_ms + QUIET_MS, from_ms + QUIET_MS)
    return sorted(arrivals, key=lambda arrival: arrival[0])


def test_silent_as_usual_is_told_with_when_and_where_it_should_be_heard_again() -> None:
    a_tour = tour(SLOW, cars=8)
    engine, desk = Engine(a_tour), Alerts(a_tour)
    now_ms = START_MS + 7 * MINUTE_MS + after_ms(11_000) + 10 * MINUTE_MS
    for seq, (at_ms, body) in enumerate(through_the_dead_zone(8, last_returns=True), 1):
        if at_ms <= now_ms and isinstance(body, Ping):
            engine.apply(Record(seq, at_ms, RecordKind.PING, body))
            desk.observe(Record(seq, at_ms, RecordKind.PING, body))
    while not engine.fold(1000):
        pass
    engine.tick(now_ms)
    assert desk.tick(now_ms, engine) == []
    quiet = {each.vehicle: each for each in desk.quiet(desk.scene(now_ms, engine))}
    last = quiet[7]
    assert (last.others, last.passed) == (7, 7)
    assert last.back is not None
    assert last.back.at_ms == pytest.approx(last.since_ms + QUIET_MS, abs=MINUTE_MS)
    assert last.back.along_m == pytest.approx(11_000 + QUIET_MS / 1000 * SPEED_MPS, abs=400)
    assert last.missed_ms > last.back.at_ms
    assert 0 not in quiet, "who is out of it is heard"


def test_who_does_not_come_out_is_missed_with_where_the_others_did() -> None:
    (raised,) = watch(tour(SLOW, cars=8), through_the_dead_zone(8, last_returns=False), START_MS + 70 * MINUTE_MS)
    assert (raised.id, raised.finding.evidence["dead_zone_others"]) == ("silent-8-1", 7)
    assert raised.finding.evidence["back_ms"] == pytest.approx(raised.finding.since_ms + QUIET_MS, abs=MINUTE_MS)
    assert raised.finding.evidence["back_along_m"] == pytest.approx(23_600, abs=400)
