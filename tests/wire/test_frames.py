"""The live feed's frames: golden files, folding, and what spectators may never see."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields, replace

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.make_frames import BASE_MS, GOLDEN, STORIES, small_tour
from tracker.core.model import Freshness, Standing, Status, VehicleView
from tracker.wire.audience import COLUMNS, CREW, CREW_COLUMNS, PUBLIC, Audience
from tracker.wire.frames import FeedState, Folded, Projector, encode_delta

ABOUT = PUBLIC.describe(small_tour(), 1, ["a", "b"], 10)
CREW_ABOUT = CREW.describe(small_tour(), 1, ["a", "b"], 10)

# Every field of a view is either shown to spectators or kept from them: a new one fails here until it is classified.
PUBLIC_FIELDS = {
    "vehicle", "time_ms", "lat", "lon", "leg", "along_m", "status", "status_since_ms", "freshness", "standing",
    "next_checkpoint", "eta_early_ms", "eta_late_ms", "uncertain", "along_min_m", "along_max_m",
}  # fmt: skip
CREW_ONLY = {
    "accuracy_m", "speed_mps", "bearing_deg", "offset_m", "furthest_m", "battery_pct", "sos", "deviation_s", "totals",
}  # fmt: skip


def views(vehicle: int) -> st.SearchStrategy[VehicleView]:
    metres = st.floats(0, 500_000)
    times = st.integers(BASE_MS - 10**8, BASE_MS + 10**9)
    return st.builds(
        VehicleView,
        vehicle=st.just(vehicle),
        time_ms=st.none() | times,
        lat=st.floats(-90, 90),
        lon=st.floats(-180, 180),
        leg=st.none() | st.integers(0, 4),
        along_m=st.none() | metres,
        status=st.sampled_from(Status),
        status_since_ms=st.none() | times,
        freshness=st.sampled_from(Freshness),
        standing=st.sampled_from(Standing),
        next_checkpoint=st.none() | st.integers(0, 20),
        eta_early_ms=st.none() | times,
        eta_late_ms=st.none() | times,
        accuracy_m=st.none() | metres,
        speed_mps=st.none() | st.floats(0, 100),
        bearing_deg=st.none() | st.floats(0, 360),
        offset_m=st.none() | metres,
        furthest_m=metres,
        battery_pct=st.none() | st.floats(0, 100),
        sos=st.booleans(),
        deviation_s=st.none() | st.floats(-(10**6), 10**6),
        uncertain=st.booleans(),
        along_min_m=st.none() | metres,
        along_max_m=st.none() | metres,
    )


@pytest.mark.parametrize("folder", STORIES)
def test_golden_frames_are_what_the_encoder_writes(folder: str) -> None:
    for name, frame in STORIES[folder]():
        golden = (GOLDEN / folder / f"{name}.bin").read_bytes()
        before, after = msgpack.unpackb(golden, strict_map_key=False), msgpack.unpackb(frame, strict_map_key=False)
        if after[0] == 0:  # zlib may compress differently from version to version
            before[5], after[5] = zlib.decompress(before[5]), zlib.decompress(after[5])
        assert after == before, f"{name}: the wire changed; if you meant it, run python -m tests.golden.make_frames"


@pytest.mark.parametrize("folder", STORIES)
def test_golden_frames_fold_to_what_their_neighbours_say(folder: str) -> None:
    state = FeedState()
    for path in sorted((GOLDEN / folder).glob("*.bin")):
        expected = json.loads(path.with_suffix(".json").read_text())
        assert state.fold(path.read_bytes()).name == expected["folded"]
        assert state.columns == expected["columns"]
        assert state.hash() == expected["hash"]
        assert (*(state.position or ()), state.now_ms) == (expected["epoch"], expected["seq"], expected["now_ms"])


@given(
    st.sampled_from([PUBLIC, CREW]),
    st.lists(st.lists(st.integers(0, 2).flatmap(views), max_size=3), max_size=8),
    st.integers(0, 8),
)
def test_whoever_joins_when_ends_with_the_same_state(
    audience: Audience, beats: list[list[VehicleView]], joins_at: int
) -> None:
    projector = Projector(ABOUT, 3, epoch=1, rate=1.0, audience=audience)
    from_start, late = FeedState(), FeedState()
    from_start.fold(projector.snapshot(0))
    for number, beat in enumerate(beats):
        if number == joins_at:
            late.fold(projector.snapshot(number))
        latest_of_each = list({view.vehicle: view for view in beat}.values())
        frame = projector.delta(latest_of_each, number)
        if frame is not None:
            assert from_start.fold(frame) is Folded.NEXT
            late.fold(frame)
    at_the_end = FeedState()
    at_the_end.fold(projector.snapshot(99))
    assert from_start.hash() == at_the_end.hash()
    assert joins_at >= len(beats) or late.columns == from_start.columns


def test_a_missed_frame_is_a_gap_and_an_old_one_is_not() -> None:
    projector = Projector(ABOUT, 3, epoch=5, rate=1.0)
    state = FeedState()
    assert state.fold(projector.heartbeat(0)) is Folded.GAP  # knows nothing yet
    state.fold(projector.snapshot(0))
    view = VehicleView(0, BASE_MS, 37.0, -122.0, along_m=5.0)
    missed = projector.delta([view], 1) or b""
    second = projector.delta([replace(view, along_m=9.0)], 2) or b""
    assert state.fold(second) is Folded.GAP
    assert state.fold(projector.heartbeat(3)) is Folded.GAP
    assert state.fold(missed) is Folded.NEXT
    assert state.fold(missed) is Folded.OLD
    assert state.fold(second) is Folded.NEXT
    assert state.fold(Projector(ABOUT, 3, epoch=4, rate=1.0).heartbeat(4)) is Folded.OLD
    assert state.fold(Projector(ABOUT, 3, epoch=6, rate=1.0).heartbeat(4)) is Folded.GAP


def test_nothing_new_makes_no_frame() -> None:
    projector = Projector(ABOUT, 3, epoch=1, rate=1.0)
    view = VehicleView(0, BASE_MS, 37.0, -122.0, along_m=5.0)
    assert projector.delta([view], 1) is not None
    assert projector.delta([view], 2) is None
    assert projector.delta([replace(view, battery_pct=12.0, accuracy_m=4.0)], 3) is None


def test_arrival_windows_do_not_flicker() -> None:
    projector = Projector(ABOUT, 3, epoch=1, rate=1.0)
    view = VehicleView(0, BASE_MS, 37.0, -122.0, along_m=5.0, next_checkpoint=1)
    sent = replace(view, eta_early_ms=BASE_MS + 600_000, eta_late_ms=BASE_MS + 900_000)
    projector.delta([sent], 1)
    assert projector.delta([replace(sent, eta_early_ms=BASE_MS + 590_000)], 2) is None
    assert projector.delta([replace(sent, eta_early_ms=BASE_MS + 300_000)], 3) is not None


def test_every_field_of_a_view_is_classified() -> None:
    assert {field.name for field in fields(VehicleView)} == PUBLIC_FIELDS | CREW_ONLY
    assert not PUBLIC_FIELDS & CREW_ONLY
    for audience in (PUBLIC, CREW):
        assert audience.row(VehicleView(0), BASE_MS) == audience.never_heard
        assert len(audience.never_heard) == len(audience.columns)


@given(views(0), views(0))
def test_crew_only_fields_change_nothing_for_spectators(view: VehicleView, other: VehicleView) -> None:
    """Whatever is in them: the row is the same, so no byte of a frame can be another one."""
    crew_only = {name: getattr(other, name) for name in CREW_ONLY}
    assert PUBLIC.row(replace(view, **crew_only), BASE_MS) == PUBLIC.row(view, BASE_MS)
    assert CREW.row(view, BASE_MS)[: len(COLUMNS)] == PUBLIC.row(view, BASE_MS)


def test_crew_names_and_devices_are_not_in_the_snapshot() -> None:
    body = zlib.decompress(msgpack.unpackb(Projector(ABOUT, 3, 1, 1.0).snapshot(0))[5])
    assert b"Bugatti" in body
    assert b"secret crew" not in body
    assert b"Crew 01" not in body


def test_crews_are_told_who_sits_in_each_vehicle_and_are_never_behind() -> None:
    state = FeedState()
    state.fold(Projector(CREW_ABOUT, 3, 1, 1.0, CREW).snapshot(0))
    assert state.about["roster"]["crew"] == ["Crew 01", "Crew 44", "secret crew"]
    assert state.about["tour"]["delay_s"] == 0
    assert state.names == [*COLUMNS, *CREW_COLUMNS]


def test_a_reader_skips_groups_that_it_does_not_know() -> None:
    """So that a server may add some without a version of its own."""
    state = FeedState()
    state.fold(Projector(ABOUT, 3, 1, 1.0).snapshot(0))
    assert state.fold(encode_delta(1, 1, 5, {2: [[0], [1], [1], [0], [0], [9]], 99: [[0], [7]]})) is Folded.NEXT
    assert [column[0] for column in state.columns[4:9]] == [1, 1, 0, 0, 9]


@pytest.mark.parametrize("broken", [b"", b"\xc1", b"\x95\x00", b"\x91\x07"])
def test_bytes_that_are_no_frame_raise_value_error(broken: bytes) -> None:
    with pytest.raises((ValueError, IndexError, TypeError)):
        FeedState().fold(broken)
