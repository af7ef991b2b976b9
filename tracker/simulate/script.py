"""What shall go wrong on a rehearsal: by hand instead of by chance, the same morning each time.

A script says it in places and minutes; `scriptfile` reads one. What the seed has to decide (which car, which side
road) is decided when the script is made for a tour, so that crews and tests can be told beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tracker.core.eta import due_ms
from tracker.core.model import CheckpointKind, Leg, Tour
from tracker.simulate.drive import IncidentKind
from tracker.simulate.mishaps import CALM, Mishaps
from tracker.simulate.route import Point
from tracker.simulate.sky import Span

CLEAR_M = 800.0  # from a checkpoint: nobody wonders about who stands nearer to one
LOOK_STEP_M = 500.0


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens to one car on one leg. `points` are the road that it takes instead of the course."""

    kind: IncidentKind
    along_m: float
    until_m: float  # where the course is taken up again
    dwell_s: float = 0.0
    sos: bool = False
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosedRoad:
    """From a time on nobody gets through on the course; everybody takes the same way round."""

    leg: int
    from_ms: int
    way_round: Happening


@dataclass(frozen=True)
class Script:
    """`mishaps` is what goes wrong by chance besides. Outages are spans of time (ms) without any network."""

    mishaps: Mishaps = CALM
    happenings: Mapping[tuple[int, int], tuple[Happening, ...]] = field(default_factory=dict)  # by (vehicle, leg)
    closed_roads: tuple[ClosedRoad, ...] = ()
    dead_zones: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)  # by leg
    outages: tuple[tuple[int, int], ...] = ()

    def of(self, tour: Tour, vehicle: int, leg: int) -> tuple[Happening, ...]:
        """What happens to a car on a leg, with the roads that are closed by the time it is due there."""
        start_ms = tour.start_time_ms(leg, vehicle)
        closed = tuple(
            road.way_round
            for road in self.closed_roads
            if road.leg == leg
            and start_ms is not None
            and due_ms(tour.legs[leg], start_ms, road.way_round.along_m) >= road.from_ms
        )
        return (*self.happenings.get((vehicle, leg), ()), *closed)

    def lines(self, tour: Tour) -> Iterator[str]:
        """What will happen, a line each, for whoever leads the rehearsal."""
        for (vehicle, leg), happenings in sorted(self.happenings.items(), key=lambda item: item[0][::-1]):
            for each in happenings:
                where = f"leg {leg + 1}, km {each.along_m / 1000:.1f}"
                how_long = f", {each.dwell_s / 60:g} min" if each.dwell_s else ""
                sos = ", calls SOS" if each.sos else ""
                yield f"{where}: car {tour.vehicles[vehicle].number}: {each.kind}{how_long}{sos}"
        for road in self.closed_roads:
            yield f"leg {road.leg + 1}, km {road.way_round.along_m / 1000:.1f}: the road is closed"
        for leg, spans in sorted(self.dead_zones.items()):
            for low_m, high_m in spans:
                yield f"leg {leg + 1}, km {low_m / 1000:.1f} to {high_m / 1000:.1f}: no network"
        for from_ms, to_ms in self.outages:
            yield f"no network anywhere for {(to_ms - from_ms) / 60_000:g} min"


BY_CHANCE = Script()


def open_road(leg: Leg, wanted_m: float, span_m: float = 0.0) -> Iterator[float]:
    """Places where something can happen, the nearest to the wanted one first: no halt or control is close.

    Passage controls may lie within a span that is driven round, well away from its ends.
    """
    for step in range(int(leg.length_m / LOOK_STEP_M)):
        for place_m in (wanted_m + step * LOOK_STEP_M, wanted_m - step * LOOK_STEP_M):
            if CLEAR_M <= place_m <= leg.length_m - CLEAR_M - span_m and _is_open(leg, place_m, place_m + span_m):
                yield place_m


def _is_open(leg: Leg, from_m: float, to_m: float) -> bool:
    for checkpoint in leg.checkpoints:
        within = from_m + CLEAR_M < checkpoint.along_m < to_m - CLEAR_M
        if within and checkpoint.kind is CheckpointKind.PASSAGE_CONTROL:
            continue
        if from_m - CLEAR_M < checkpoint.along_m < to_m + CLEAR_M:
            return False
    return True
