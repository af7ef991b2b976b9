"""Write the golden frames: `python -m tests.golden.make_frames`. Fold each folder's in the order of their names.

Each NAME.bin is one message of the live feed, NAME.json what a reader holds after folding it. The Python and the
TypeScript tests read the same files; a change of the wire shows up as a change of these files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tracker.core.course import Course
from tracker.core.model import (
    Checkpoint,
    CheckpointKind,
    Freshness,
    Leg,
    Standing,
    Status,
    Tour,
    Vehicle,
    VehicleKind,
    VehicleView,
)
from tracker.core.schedule import LegPlan
from tracker.core.segments import Traces
from tracker.core.shown import Shown
from tracker.wire.audience import CREW, PUBLIC
from tracker.wire.frames import FeedState, Projector
from tracker.wire.segments import decode_segment, encode_segment

GOLDEN = Path(__file__).parent
COURSES = ("0123456789abcdef", "fedcba9876543210")
BASE_MS = 1_808_751_600_000  # 2027-04-26T08:00:00-07:00


def small_tour() -> Tour:
    """Two legs, three vehicles, letters beyond ASCII: enough for every column."""
    course = Course.from_points([(37.79165, -122.41075), (37.8325, -122.4806), (37.938602, -122.700417)])
    points = (
        Checkpoint("A-0", "San Francisco", CheckpointKind.START, 0.0),
        Checkpoint("A-1", "Café Bodega", CheckpointKind.HALT, 9_000.0, 3600),
        Checkpoint("A-2", "Bolinas Lagoon", CheckpointKind.FINISH, course.length_m),
    )
    legs = tuple(Leg(f"Day {day + 1}", course, BASE_MS + day * 86_400_000, 14.8, points) for day in range(2))
    vehicles = (
        Vehicle("1", VehicleKind.PARTICIPANT, "", "Pre-War", 1925, "Bugatti", "Type 35", "Crew 01", 0, "#1f4e8c"),
        Vehicle("44", VehicleKind.PARTICIPANT, "", "Post-War", 1953, "Fiat", "8V", "Crew 44", 1),
        Vehicle("S1", VehicleKind.SUPPORT, "sweep", "Support", None, "Ford", "Transit", "secret crew"),
    )
    return Tour("Test Mille", "test-mille", "America/Los_Angeles", "mi", 60, legs, vehicles)


def story() -> Iterator[tuple[str, bytes]]:
    """Named frames, from the first snapshot over every group of columns to an engine's restart."""
    tour = small_tour()
    about = PUBLIC.describe(tour, 1, COURSES, 10)
    projector = Projector(about, len(tour.vehicles), epoch=3, rate=60.0)
    now_ms = BASE_MS - 60_000
    yield "01-nobody-heard", projector.snapshot(now_ms)

    def delta(*views: VehicleView) -> bytes:
        frame = projector.delta(views, now_ms)
        assert frame is not None
        return frame

    car = VehicleView(
        0, now_ms - 5_000, 37.79165, -122.41075, leg=0, along_m=0.0, freshness=Freshness.LIVE, next_checkpoint=0
    )
    yield "02-first-fix", delta(car)
    now_ms += 10_000
    yield "03-heartbeat", projector.heartbeat(now_ms)
    car = replace(
        car,
        time_ms=now_ms - 3_200,
        lat=37.795,
        lon=-122.4165,
        along_m=630.4,
        status=Status.RUNNING,
        status_since_ms=now_ms - 60_000,
        next_checkpoint=1,
        eta_early_ms=BASE_MS + 700_000,
        eta_late_ms=BASE_MS + 1_100_000,
    )
    support = VehicleView(2, now_ms - 8_000, 37.80001, -122.4, leg=0, status=Status.OFF_COURSE, status_since_ms=now_ms)
    yield "04-moving-and-off-course", delta(car, support)
    now_ms += 10_000
    car = replace(car, time_ms=now_ms - 2_000, lat=37.796, lon=-122.418, along_m=801.0)
    support = replace(support, time_ms=now_ms - 1_000, lat=37.80002, lon=-122.40001, freshness=Freshness.LATE)
    yield "05-small-differences", delta(car, support)
    now_ms += 10_000
    car = replace(car, time_ms=now_ms, along_m=900.0, uncertain=True, along_min_m=873.0, along_max_m=14_020.0)
    retired = VehicleView(1, standing=Standing.RETIRED, freshness=Freshness.NEVER)
    yield "06-uncertain-and-retired", delta(car, retired)
    now_ms += 10_000
    yield "07-the-same-anew", projector.snapshot(now_ms)
    restarted = Projector(about, len(tour.vehicles), epoch=4, rate=60.0)
    restarted.delta([car, retired], now_ms)
    yield "08-after-a-restart", restarted.snapshot(now_ms + 1_000)
    plans = (LegPlan(delay_s=1_200), LegPlan(cancelled=True))
    yield "09-a-leg-delayed-and-one-cancelled", restarted.renewed(PUBLIC.describe(tour, 1, COURSES, 10, plans), now_ms)


def crew_story() -> Iterator[tuple[str, bytes]]:
    """What a crew gets of a car that is in trouble."""
    tour = small_tour()
    about = CREW.describe(tour, 1, COURSES, 10)
    projector = Projector(about, len(tour.vehicles), epoch=3, rate=1.0, audience=CREW)
    now_ms = BASE_MS + 600_000
    yield "01-nobody-heard", projector.snapshot(now_ms)
    car = VehicleView(
        0,
        now_ms - 1_000,
        37.8,
        -122.42,
        accuracy_m=4.4,
        speed_mps=13.86,
        bearing_deg=359.7,
        leg=0,
        along_m=1_200.0,
        offset_m=3.2,
        furthest_m=1_204.6,
        status=Status.RUNNING,
        freshness=Freshness.LIVE,
        battery_pct=71.0,
        next_checkpoint=1,
        deviation_s=-42.4,
    )
    yield "02-everything-known", projector.delta([car], now_ms) or b""
    car = replace(car, sos=True)
    yield "03-sos-where-it-was", projector.delta([car], now_ms + 200) or b""
    car = replace(car, time_ms=now_ms + 1_000, lat=37.80002, along_m=1_202.0, speed_mps=0.0, bearing_deg=None)
    yield "04-stopped-without-a-bearing", projector.delta([car], now_ms + 1_200) or b""
    yield "05-the-same-anew", projector.snapshot(now_ms + 2_000)


STORIES = {"frames": story, "crew_frames": crew_story}  # by folder


def slice_of_the_past() -> bytes:
    """Ten minutes: one that drives, one that stopped long before and leaves the course, support that waits."""

    def at(after_s: float, lat_e7: int, along_m: int, status: Status) -> Shown:
        return Shown(BASE_MS + round(after_s * 1000), lat_e7, -1_224_107_512, 0, along_m, status)

    driving = [at(-4.2, 377_916_512, 0, Status.WAITING)]
    driving += [at(30 * k, 377_916_512 + 4_000 * k, 450 * k, Status.RUNNING) for k in range(1, 19)]
    leaving = [at(-12, 378_000_000, 5_200, Status.STOPPED), at(100, 378_000_040, 5_201, Status.RUNNING)]
    leaving += [at(200, 378_050_000, -1, Status.OFF_COURSE), at(590.5, 378_100_000, -1, Status.OFF_COURSE)]
    waiting = [at(480, 377_916_000, 0, Status.WAITING)]
    traces = (
        Traces(0, BASE_MS - 4_200, tuple(driving)),
        Traces(1, BASE_MS - 900_000, tuple(leaving)),
        Traces(2, BASE_MS + 480_000, tuple(waiting)),
    )
    return encode_segment(0, BASE_MS, [vehicle.number for vehicle in small_tour().vehicles], traces).body


def main() -> None:
    past = GOLDEN / "segments"
    past.mkdir(exist_ok=True)
    (past / "slice.bin").write_bytes(body := slice_of_the_past())
    read = {number: [list(point) for point in points] for number, points in decode_segment(body).items()}
    (past / "slice.json").write_text(json.dumps(read, indent=1) + "\n")
    for folder, told in STORIES.items():
        write(GOLDEN / folder, told())


def write(folder: Path, frames: Iterator[tuple[str, bytes]]) -> None:
    folder.mkdir(exist_ok=True)
    state = FeedState()
    for name, frame in frames:
        folded = state.fold(frame)
        assert state.position is not None
        after = {
            "folded": folded.name,
            "epoch": state.position.epoch,
            "seq": state.position.seq,
            "now_ms": state.now_ms,
            "rate": state.rate,
            "columns": state.columns,
            "hash": state.hash(),
            "about": state.about,
        }
        (folder / f"{name}.bin").write_bytes(frame)
        (folder / f"{name}.json").write_text(json.dumps(after, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
