"""The truth of a drive: laws that hold on every course, with and without mishaps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core.geo import distance_m
from tracker.core.model import CheckpointKind, Tour, Vehicle, VehicleKind
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.drive import IncidentKind, Phase
from tracker.simulate.field import Field
from tracker.simulate.mishaps import EVENTFUL, NONE, Mishaps

DETOURS = Mishaps(late_start=0.0, wrong_turn=0.0, detour=1.0, breakdown=0.0, retirement=0.0, fuel=0.0)
WRONG_TURNS = replace(DETOURS, detour=0.0, wrong_turn=1.0)
RETIREMENTS = replace(DETOURS, detour=0.0, retirement=1.0)

courses = st.sampled_from(sorted(SYNTHETIC))
seeds = st.integers(0, 10_000)
cars = st.integers(0, 19)
laws = settings(deadline=None, max_examples=25)


@laws
@given(courses, seeds, cars)
def test_a_car_without_mishaps_never_goes_back_and_drives_the_whole_leg(course: str, seed: int, car: int) -> None:
    field = Field(SYNTHETIC[course](), seed, NONE)
    drive = field.drive(car, 0)
    assert drive is not None
    length_m = field.tour.legs[0].length_m
    before_m = 0.0
    for time_ms in range(drive.start_ms, drive.finish_ms, 15_000):
        along_m = drive.at(time_ms).along_m
        assert along_m is not None
        assert along_m >= before_m
        before_m = along_m
    assert [passage.checkpoint for passage in drive.passages] == list(range(len(field.tour.legs[0].checkpoints)))
    assert length_m <= drive.odometer_m <= length_m + 100.0  # the car park at lunch


@laws
@given(courses, seeds, cars)
def test_the_car_is_at_the_checkpoint_when_it_passes(course: str, seed: int, car: int) -> None:
    field = Field(SYNTHETIC[course](), seed, EVENTFUL)
    drive = field.drive(car, 0)
    assert drive is not None
    times = [passage.time_ms for passage in drive.passages]
    assert times == sorted(times)
    for passage in drive.passages:
        checkpoint = field.tour.legs[0].checkpoints[passage.checkpoint]
        along_m = drive.at(passage.time_ms).along_m
        assert along_m is not None
        near_m = 11.0 if checkpoint.kind is CheckpointKind.HALT else 0.1  # lunch is a few metres before its sign
        assert along_m == pytest.approx(checkpoint.along_m, abs=near_m)


@laws
@given(courses, seeds, cars)
def test_the_place_moves_no_faster_than_the_car(course: str, seed: int, car: int) -> None:
    field = Field(SYNTHETIC[course](), seed, EVENTFUL)
    drive = field.drive(car, 0)
    assert drive is not None
    before = drive.at(drive.begin_ms)
    for time_ms in range(drive.begin_ms + 5_000, drive.end_ms, 5_000):
        here = drive.at(time_ms)
        fastest_mps = max(before.speed_mps, here.speed_mps) + 5.0
        assert distance_m(before.lat, before.lon, here.lat, here.lon) <= 5.0 * fastest_mps
        before = here


def incidents_of(field: Field, kind: IncidentKind) -> list[tuple[int, float, float]]:
    """Vehicle, begin and end in ms of all incidents of a kind on the first leg."""
    return [
        (drive.vehicle, incident.from_ms, incident.to_ms)
        for drive in field.participant_drives(0)
        for incident in drive.incidents
        if incident.kind is kind
    ]


def test_a_detour_leaves_out_the_checkpoint_between() -> None:
    field = Field(SYNTHETIC["out-and-back"](), 3, DETOURS)
    found = incidents_of(field, IncidentKind.DETOUR)
    assert len(found) >= 10
    bypassed = 0
    for vehicle, from_ms, to_ms in found:
        drive = field.drive(vehicle, 0)
        assert drive is not None
        left_m, back_m = drive.at(from_ms - 1_000).along_m, drive.at(to_ms + 1_000).along_m
        assert left_m is not None
        assert back_m is not None
        assert drive.at((from_ms + to_ms) / 2).along_m is None
        driven_m = drive.motion.at(to_ms / 1000)[0] - drive.motion.at(from_ms / 1000)[0]
        assert driven_m == pytest.approx(7_500.0, abs=20.0)
        for index, checkpoint in enumerate(field.tour.legs[0].checkpoints):
            if left_m < checkpoint.along_m < back_m:
                bypassed += 1
                assert index not in [passage.checkpoint for passage in drive.passages]
    assert bypassed


def test_a_wrong_turn_goes_well_off_the_course_and_back_to_where_it_left() -> None:
    field = Field(SYNTHETIC["closed"](), 3, WRONG_TURNS)
    found = incidents_of(field, IncidentKind.WRONG_TURN)
    assert len(found) >= 10
    around = field.scene(0).around
    for vehicle, from_ms, to_ms in found:
        before, after = field.at(vehicle, from_ms), field.at(vehicle, to_ms)
        assert distance_m(before.lat, before.lon, after.lat, after.lon) < 1.0
        farthest_m = max(
            around.distance_m((here.lat, here.lon))
            for here in (field.at(vehicle, time_ms) for time_ms in range(int(from_ms), int(to_ms), 5_000))
        )
        assert 250.0 < farthest_m < 1_500.0


def test_who_retires_stays_where_he_stopped_and_drives_no_other_leg() -> None:
    field = Field(SYNTHETIC["shared-road"](), 4, RETIREMENTS)
    retired = [drive for drive in field.participant_drives(0) if drive.retired]
    assert len(retired) >= 10
    for drive in retired:
        assert drive.at(drive.end_ms + 3_600_000).along_m == drive.at(drive.end_ms + 1_000).along_m
        assert field.drive(drive.vehicle, 1) is None


def test_a_car_sleeps_where_it_parked() -> None:
    field = Field(SYNTHETIC["shared-road"](), 4, NONE)
    first, second = field.drive(5, 0), field.drive(5, 1)
    assert first is not None
    assert second is not None
    night = field.at(5, (first.end_ms + second.begin_ms) / 2)
    assert (night.lat, night.lon) == first.end_point
    assert night.phase is Phase.AFTER
    morning = field.at(5, second.begin_ms)
    assert distance_m(night.lat, night.lon, morning.lat, morning.lon) < 0.1


def with_support(tour: Tour, *roles: str) -> Tour:
    crews = tuple(Vehicle(f"S{i}", VehicleKind.SUPPORT, role) for i, role in enumerate(roles))
    return replace(tour, vehicles=tour.vehicles + crews)


def test_the_sweep_is_behind_everybody_who_still_runs() -> None:
    field = Field(with_support(SYNTHETIC["crossing"](), "sweep"), 6, EVENTFUL)
    sweep = field.drive(len(field.tour.vehicles) - 1, 0)
    assert sweep is not None
    through = {passage.checkpoint: passage.time_ms for passage in sweep.passages}
    for drive in field.participant_drives(0):
        for passage in drive.passages[:-1]:
            assert passage.time_ms < through[passage.checkpoint]


def test_support_crews_turn_back_and_have_no_start_of_their_own() -> None:
    field = Field(with_support(SYNTHETIC["crossing"](), *["mechanics"] * 8), 6, EVENTFUL)
    backward = 0
    for vehicle in range(20, 28):
        assert field.tour.start_time_ms(0, vehicle) is None
        drive = field.drive(vehicle, 0)
        assert drive is not None
        backward += sum(stretch.on_course and stretch.to_m < stretch.from_m for stretch in drive.route.stretches)
    assert backward
