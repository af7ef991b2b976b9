"""A spare goes into another car: from then on it speaks for that one, and what was before stays where it was."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core.decided import Decided
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Ping, Record, RecordKind, Tour
from tracker.simulate.courses import SYNTHETIC

TOUR: Tour = SYNTHETIC["laps"]()
SPARE, OWN = "1", "2"  # devices of the first two vehicles
NOON_MS = TOUR.legs[0].first_start_ms
SWAP_MS = NOON_MS + 300_000
FIXES = 60
RECEIVED_MS = NOON_MS + 10_000 * FIXES  # all came late


def fixes(device: str) -> list[Ping]:
    """Ten minutes of a device that goes along the first leg at 10 m/s."""
    places = [TOUR.legs[0].course.point_at(100.0 * number) for number in range(FIXES)]
    return [
        Ping(device, NOON_MS + 10_000 * number, lat, lon, accuracy_m=5.0) for number, (lat, lon) in enumerate(places)
    ]


def swap(at_ms: int, number: str = "2", device: str = SPARE) -> dict[str, object]:
    return {"decision": "assign", "device": device, "vehicle": number, "at_ms": at_ms}


Body = Ping | Calibration | dict[str, object]


def after(bodies: list[Body]) -> Engine:
    """An engine that was told these in this order."""
    engine = Engine(TOUR)
    kinds = {Ping: RecordKind.PING, Calibration: RecordKind.CALIBRATION, dict: RecordKind.DECISION}
    for seq, body in enumerate(bodies, 1):
        engine.apply(Record(seq, RECEIVED_MS + 1000 * seq, kinds[type(body)], body))
        if seq % 7 == 0:
            engine.fold(5)
    engine.digest()
    return engine


def times_s(engine: Engine, vehicle: int) -> list[int]:
    return [(time_ms - NOON_MS) // 1000 for time_ms, *_ in engine.tracks[vehicle].track()]


def test_history_stays_with_the_car() -> None:
    engine = after([*fixes(SPARE)[:30], swap(SWAP_MS), *fixes(SPARE)[30:]])
    assert times_s(engine, 0) == list(range(0, 300, 10))
    assert times_s(engine, 1) == list(range(300, 600, 10))


@settings(deadline=None, max_examples=25)
@given(st.permutations([*fixes(SPARE), swap(SWAP_MS), Calibration(SPARE, 0)]))
def test_the_order_of_arrival_makes_no_difference(bodies: list[Body]) -> None:
    assert after(bodies).digest() == after([swap(SWAP_MS), *fixes(SPARE)]).digest()


def test_a_clock_that_was_wrong_moves_fixes_to_the_car_that_they_were_taken_in() -> None:
    ahead = [replace(ping, fix_time_ms=(ping.fix_time_ms or 0) + 60_000) for ping in fixes(SPARE)]
    right = after([*fixes(SPARE), swap(SWAP_MS)]).digest()
    parts: list[list[Body]] = [[*ahead], [swap(SWAP_MS)], [Calibration(SPARE, 60_000)]]
    for order in permutations(parts):
        assert after([body for part in order for body in part]).digest() == right


def test_a_spare_may_move_on_and_back() -> None:
    swaps = [swap(NOON_MS + 100_000), swap(NOON_MS + 200_000, "3"), swap(NOON_MS + 300_000, "1")]
    engine = after([*fixes(SPARE), *swaps])
    assert times_s(engine, 0) == [*range(0, 100, 10), *range(300, 600, 10)]
    assert times_s(engine, 1) == list(range(100, 200, 10))
    assert times_s(engine, 2) == list(range(200, 300, 10))


def test_two_devices_in_one_car_are_both_heard() -> None:
    engine = after([*fixes(SPARE), *fixes(OWN), swap(SWAP_MS)])
    assert len(times_s(engine, 1)) == FIXES + 30


@pytest.mark.parametrize(
    "decision",
    [
        {"decision": "note", "device": SPARE},
        swap(SWAP_MS, "999"),
        swap(SWAP_MS, device="nobody's"),
        {**swap(SWAP_MS), "at_ms": None},
        {**swap(SWAP_MS), "device": ["1"]},
    ],
)
def test_what_is_no_swap_changes_nothing(decision: dict[str, object]) -> None:
    assert after([decision, *fixes(SPARE)]).digest() == after([*fixes(SPARE)]).digest()


def test_of_two_swaps_at_one_time_the_later_decision_counts() -> None:
    decided = Decided(TOUR)
    decided.note(Record(2, NOON_MS, RecordKind.DECISION, swap(SWAP_MS, "3")))
    decided.note(Record(1, NOON_MS, RecordKind.DECISION, swap(SWAP_MS, "2")))
    assignments = decided.assignments
    assert assignments.vehicle_of(SPARE, SWAP_MS) == 2
    assert assignments.vehicle_of(SPARE, SWAP_MS - 1) == 0
    assert assignments.vehicles_of(SPARE) == [0, 1, 2]
