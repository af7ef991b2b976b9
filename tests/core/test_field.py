"""Where the field is, and behind which checkpoints the course is clear, on a road that can be checked by eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.core.roads import SPEED_MPS, START_MS, STRAIGHT, drive, leg, stand, tour
from tracker.core.engine import Engine
from tracker.core.field import Coming, Field
from tracker.core.model import Ping, Record, RecordKind, Tour
from tracker.core.sightings import first_seen_ms, sightings

ROAD = leg(STRAIGHT)  # controls at 5, 10 and 15 km, the finish at 18
COURSE = ROAD.course
Body = Ping | dict[str, object]


def swept_tour() -> Tour:
    """Cars 1 to 3, and S1 that drives behind the last one."""
    plain = tour(ROAD)
    *cars, support = plain.vehicles
    return replace(plain, vehicles=(*cars, replace(support, role="Sweep")))


def field(bodies: Sequence[Body], now_ms: int, a_tour: Tour | None = None) -> Field:
    """The field as of a time, from everything up to then."""
    a_tour = a_tour or swept_tour()
    engine = Engine(a_tour)
    for seq, body in enumerate(bodies, 1):
        if isinstance(body, Ping) and body.fix_time_ms is not None and body.fix_time_ms <= now_ms:
            engine.apply(Record(seq, body.fix_time_ms + 300, RecordKind.PING, body))
        elif isinstance(body, dict):
            engine.apply(Record(seq, now_ms, RecordKind.DECISION, body))
    while not engine.fold(1000):
        pass
    engine.tick(now_ms)
    return Field(engine, now_ms, first_seen_ms(sightings(a_tour, engine.decided)))


def car(device: str, minutes_late: float = 0, to_m: float | None = None) -> list[Ping]:
    return drive(COURSE, 0.0, to_m, START_MS + round(minutes_late * 60_000), device)


def at_s(seconds: float) -> int:
    return START_MS + round(seconds * 1000)


def seen(vehicle: str, checkpoint: str, at_ms: int) -> dict[str, object]:
    return {"decision": "sighting", "vehicle": vehicle, "leg": 1, "checkpoint": checkpoint, "at_ms": at_ms}


def standing(vehicle: str, word: str) -> dict[str, object]:
    return {"decision": "standing", "vehicle": vehicle, "standing": word, "at_ms": START_MS}


EVERYBODY = [*car("1"), *car("2", 1), *car("3", 2), *car("S1", 10)]


def test_head_tail_sweep_and_how_far_apart() -> None:
    now = field(EVERYBODY, at_s(720))
    assert now.legs == [0]
    summary = now.summary(0)
    assert summary.head is not None
    assert summary.tail is not None
    assert summary.sweep is not None
    assert [spot.vehicle for spot in (summary.head, summary.tail, summary.sweep)] == [0, 2, 3]
    assert summary.head.along_m == pytest.approx(720 * SPEED_MPS, abs=30)
    assert summary.spread_m == pytest.approx(120 * SPEED_MPS, abs=40)
    assert summary.spread_s == pytest.approx(120, abs=6)
    assert summary.cars == {"running": 3}


def test_who_is_out_is_counted_and_makes_no_tail() -> None:
    summary = field([*EVERYBODY, standing("3", "retired"), standing("1", "out_of_time")], at_s(720)).summary(0)
    assert summary.tail is not None
    assert summary.tail.vehicle == 1
    assert summary.cars == {"running": 2, "retired": 1, "out_of_time": 1}, "who is out of time is still on the road"


def test_clear_behind_once_the_last_car_and_the_sweep_are_through() -> None:
    def control(seconds: float) -> tuple[int, int, bool]:
        found = field(EVERYBODY, at_s(seconds)).clear(0)[1]
        return found.through, found.to_come, found.stand_down

    assert control(340) == (1, 2, False)
    assert control(700) == (3, 0, False), "the sweep is to come"
    assert control(1000) == (3, 0, True)


def test_the_last_car_through_and_the_last_one_expected() -> None:
    now = field(EVERYBODY, at_s(720))
    first, second = now.clear(0)[1:3]
    assert first.last is not None
    assert first.last.vehicle == 2
    assert first.last.at_ms == pytest.approx(at_s(120 + 5000 / SPEED_MPS), abs=3000)
    assert isinstance(second.expected, Coming)
    assert second.expected.vehicle == 2
    assert second.expected.early_ms <= at_s(120 + 10_000 / SPEED_MPS) <= second.expected.late_ms
    assert second.sweep_ms is None
    assert second.sweep_expected is not None
    early_ms, late_ms = second.sweep_expected
    assert early_ms <= at_s(600 + 10_000 / SPEED_MPS) <= late_ms


def test_a_car_that_nobody_hears_keeps_the_checkpoint_until_a_marshal_saw_it() -> None:
    silent = [*car("1"), *car("2", 1), *car("3", 2, 4_000), *car("S1", 10)]
    found = field(silent, at_s(1190)).clear(0)[1]
    assert (found.to_come, found.unsure, found.stand_down) == (1, (2,), False)
    passed_ms = at_s(500)
    now = field([*silent, seen("3", "c1", passed_ms), seen("3", "c1", passed_ms + 60_000)], at_s(1190))
    found = now.clear(0)[1]
    assert (found.to_come, found.stand_down) == (0, True)
    assert found.last == (2, passed_ms), "the first sighting counts"
    assert now.tracked_ms(2, 0, 1) is None, "what was seen is not what was tracked"


def test_who_was_seen_further_on_is_through_before() -> None:
    now = field([*car("1"), seen("3", "c2", at_s(900))], at_s(1000))
    assert [now.is_through(2, 0, k) for k in range(4)] == [True, True, True, False]


def test_never_heard_is_to_come() -> None:
    found = field([*car("1"), *car("2", 1)], at_s(1190)).clear(0)[1]
    assert (found.through, found.to_come, found.unsure) == (2, 1, (2,))


def test_a_tour_without_a_sweep_needs_none() -> None:
    found = field([*car("1"), *car("2", 1), *car("3", 2)], at_s(700), tour(ROAD)).clear(0)[1]
    assert (found.stand_down, found.sweep_ms) == (True, None)


def test_on_a_cancelled_leg_only_who_is_under_way_is_awaited() -> None:
    waiting = stand(COURSE.point_at(0.0), START_MS, 1190, "2")
    cancelled: dict[str, object] = {"decision": "cancel", "leg": 1, "at_ms": START_MS}
    found = field([*car("1"), *waiting, cancelled], at_s(600)).clear(0)[2]
    assert (found.through, found.to_come) == (0, 1)


def test_a_delay_moves_what_is_expected_and_nothing_that_was_measured() -> None:
    waiting = stand(COURSE.point_at(0.0), START_MS - 600_000, 600, "3")
    delay: dict[str, object] = {"decision": "delay", "leg": 1, "minutes": 30, "at_ms": START_MS}
    on_time, late = (field([*waiting, *more], START_MS).clear(0)[1].expected for more in ([], [delay]))
    assert on_time is not None
    assert late is not None
    assert late.early_ms - on_time.early_ms == pytest.approx(30 * 60_000, abs=1000)


def test_phones_switched_on_half_way_do_not_bring_a_standing_sweep_there_at_once() -> None:
    """Who is first heard at 14 km has not driven them in the ten seconds before."""
    on_the_way = [
        replace(ping, speed_mps=None, bearing_deg=None)
        for number in "123"
        for ping in drive(COURSE, 14_000.0, None, at_s(930), number)
    ]
    waiting = stand(COURSE.point_at(2000.0), at_s(0), 1200, "S1")
    found = field([*on_the_way, *waiting], at_s(1130)).clear(0)[3]
    assert found.sweep_expected is not None
    early_ms, late_ms = found.sweep_expected
    assert early_ms <= at_s(1130 + 13_000 / SPEED_MPS) <= late_ms


def test_nobody_is_expected_in_the_past() -> None:
    silent = [*car("1"), *car("2", 1), *car("3", 2, 4_000), *car("S1", 3, 3_000)]
    for seconds in (450, 800, 1190, 4000):
        for found in field(silent, at_s(seconds)).clear(0):
            for window in (found.expected and found.expected[1:], found.sweep_expected):
                assert window is None or at_s(seconds) <= window[0] <= window[1]
    late = field(silent, at_s(4000)).clear(0)[1]
    assert (late.to_come, late.unsure, late.expected, late.sweep_expected) == (1, (2,), None, None)
