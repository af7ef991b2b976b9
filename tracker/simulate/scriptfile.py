"""Scripts as organisers write them: a TOML file, or one of those that come with the program by name.

`docs/rehearsal.md` says what may stand in one. Every problem is reported with its line and how to mend it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from tracker.core.model import Leg, Tour, VehicleKind
from tracker.core.units import METRES_PER_MILE
from tracker.errors import TourProblems, TrackerError
from tracker.simulate.drive import IncidentKind
from tracker.simulate.field import generator
from tracker.simulate.mishaps import CALM, DETOUR_SPAN_M, EVENTFUL, NONE, Surroundings, detour, wrong_turn
from tracker.simulate.script import ClosedRoad, Happening, Script, open_road
from tracker.simulate.sky import Span
from tracker.wire.problems import ProblemList, did_you_mean, quoted
from tracker.wire.tomltable import TomlTable
from tracker.wire.tourtoml import read_toml

SHIPPED = Path(__file__).parent / "scenarios"
MAX_SCRIPT_BYTES = 64 * 1024
BY_CHANCE = {"none": NONE, "calm": CALM, "eventful": EVENTFUL}
CARS = {
    "breakdown": IncidentKind.BREAKDOWN,
    "wrong_road": IncidentKind.WRONG_TURN,
    "late_start": IncidentKind.LATE_START,
    "lost_phone": IncidentKind.LOST_PHONE,
}
PLACES = ("share", "km", "mile")
MAX_MINUTES = 24 * 60.0
MAX_KM = 2000.0


def shipped_names() -> list[str]:
    """The names that `--scenario` knows without a file."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_script(name: str, tour: Tour, seed: int) -> Script:
    """The script of that name, or in that file. Raises TrackerError, or TourProblems with every problem in it."""
    path = SHIPPED / f"{name}.toml" if name in shipped_names() else Path(name)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SCRIPT_BYTES + 1)
    except OSError as error:
        known = ", ".join(shipped_names())
        raise TrackerError(f"no scenario {quoted(name)}: {error.strerror}. Name a file, or one of {known}") from None
    if len(data) > MAX_SCRIPT_BYTES:
        raise TrackerError(f"{path} is larger than {MAX_SCRIPT_BYTES // 1024} KB. Is that a scenario?")
    problems = ProblemList(path.name)
    top = read_toml(data, problems)
    script = None if top is None else _Reader(top, tour, seed).read()
    if script is None or problems.fatal_count:
        raise TourProblems(problems.shown())
    return script


class _Reader:
    def __init__(self, top: TomlTable, tour: Tour, seed: int) -> None:
        self._top = top
        self._tour = tour
        self._seed = seed
        self._happenings: dict[tuple[int, int], list[Happening]] = {}
        self._around: dict[int, Surroundings] = {}

    def read(self) -> Script:
        top = self._top
        top.warn_of_unknown_keys(("title", "mishaps", *CARS, "closed_road", "dead_zone", "outage"))
        word = top.data.get("mishaps", "none")
        if word not in BY_CHANCE:
            top.wrong("mishaps", f"unknown mishaps {quoted(str(word))}", did_you_mean(str(word), BY_CHANCE))
        for section in CARS:  # cars that are named come first: the dice choose among the others
            for table in self._tables(section, named=True):
                self._read_car(section, table)
        for section in CARS:
            for table in self._tables(section, named=False):
                self._read_car(section, table)
        dead: dict[int, tuple[Span, ...]] = {}
        for table in self._tables("dead_zone"):
            self._read_dead_zone(table, dead)
        return Script(
            BY_CHANCE.get(str(word), NONE),
            {key: tuple(happenings) for key, happenings in self._happenings.items()},
            tuple(road for table in self._tables("closed_road") if (road := self._read_closed_road(table))),
            dead,
            tuple(span for table in self._tables("outage") if (span := self._read_outage(table))),
        )

    def _tables(self, section: str, *, named: bool | None = None) -> list[TomlTable]:
        tables = self._top.tables(section) or []
        return [table for table in tables if named is None or ("vehicle" in table.data) is named]

    def _rng(self, table: TomlTable) -> Random:
        return generator(self._seed, "scenario", table.line())

    # What happens to one car

    def _read_car(self, section: str, table: TomlTable) -> None:
        kind = CARS[section]
        table.warn_of_unknown_keys(("leg", "vehicle", "minutes", "sos", *PLACES))
        leg = self._leg(table)
        if leg is None:
            return
        vehicle = self._vehicle(table, leg)
        minutes = table.number("minutes", 1.0, MAX_MINUTES, "minutes", default=0.0)
        if kind is IncidentKind.LATE_START:
            if minutes == 0.0:
                table.wrong("minutes", "how late does it start?", "Add minutes = 25")
            happening = Happening(kind, 0.0, 0.0, (minutes or 0.0) * 60.0)
        else:
            made = self._at_a_place(kind, table, leg, minutes or 0.0)
            if made is None:
                return
            happening = made
        if vehicle is not None:
            self._happenings.setdefault((vehicle, leg), []).append(happening)

    def _at_a_place(self, kind: IncidentKind, table: TomlTable, leg: int, minutes: float) -> Happening | None:
        wanted_m = self._place(table, self._tour.legs[leg])
        if wanted_m is None:
            return None
        sos = table.data.get("sos") is True
        if kind is IncidentKind.BREAKDOWN and minutes == 0.0:
            kind = IncidentKind.RETIREMENT
        if kind is not IncidentKind.WRONG_TURN:
            place_m = next(open_road(self._tour.legs[leg], wanted_m), wanted_m)
            return Happening(kind, place_m, place_m, minutes * 60.0, sos)
        found = self._road(leg, wanted_m, 0.0, lambda around, at_m: wrong_turn(around, at_m, self._rng(table)))
        if found is None:
            table.wrong("leg", "there is no room for a side road on this leg", "Choose another leg")
            return None
        return Happening(kind, found[0], found[0], minutes * 60.0, sos, found[1])

    def _vehicle(self, table: TomlTable, leg: int) -> int | None:
        starters = [v for v, vehicle in enumerate(self._tour.vehicles) if vehicle.start_order is not None]
        if "vehicle" not in table.data:
            free = [v for v in starters if (v, leg) not in self._happenings] or starters
            return self._rng(table).choice(free)
        number = table.data["vehicle"]
        for vehicle, entry in enumerate(self._tour.vehicles):
            if entry.number == number:
                if entry.kind is VehicleKind.SUPPORT:
                    table.wrong("vehicle", f"{quoted(entry.number)} is a support vehicle", "Choose a participant")
                    return None
                return vehicle
        numbers = [self._tour.vehicles[v].number for v in starters]
        table.wrong("vehicle", f"no vehicle {quoted(str(number))} in the roster", did_you_mean(str(number), numbers))
        return None

    # What happens to everybody

    def _read_closed_road(self, table: TomlTable) -> ClosedRoad | None:
        table.warn_of_unknown_keys(("leg", "after_minutes", *PLACES))
        leg = self._leg(table)
        after_min = table.number("after_minutes", 0.0, MAX_MINUTES, "minutes", default=0.0)
        wanted_m = None if leg is None else self._place(table, self._tour.legs[leg])
        if leg is None or wanted_m is None or after_min is None:
            return None

        def way_round(around: Surroundings, from_m: float) -> list[tuple[float, float]] | None:
            return detour(around, from_m, from_m + DETOUR_SPAN_M, self._rng(table))

        found = self._road(leg, wanted_m, DETOUR_SPAN_M, way_round)
        if found is None:
            table.wrong("leg", "there is no room for a way round on this leg", "Choose another leg")
            return None
        from_m, points = found
        happening = Happening(IncidentKind.DETOUR, from_m, from_m + DETOUR_SPAN_M, points=points)
        return ClosedRoad(leg, self._after_ms(leg, after_min), happening)

    def _read_dead_zone(self, table: TomlTable, dead: dict[int, tuple[Span, ...]]) -> None:
        table.warn_of_unknown_keys(("leg", "length_km", *PLACES))
        leg = self._leg(table)
        middle_m = None if leg is None else self._place(table, self._tour.legs[leg])
        length_km = table.number("length_km", 0.1, MAX_KM, "km", default=5.0)
        if leg is not None and middle_m is not None and length_km is not None:
            dead[leg] = (*dead.get(leg, ()), (middle_m - 500.0 * length_km, middle_m + 500.0 * length_km))

    def _read_outage(self, table: TomlTable) -> tuple[int, int] | None:
        table.warn_of_unknown_keys(("leg", "after_minutes", "minutes"))
        leg = self._leg(table)
        after_min = table.number("after_minutes", 0.0, MAX_MINUTES, "minutes")
        minutes = table.number("minutes", 1.0, MAX_MINUTES, "minutes")
        if leg is None or after_min is None or minutes is None:
            return None
        from_ms = self._after_ms(leg, after_min)
        return from_ms, from_ms + round(minutes * 60_000)

    # Places and times

    def _leg(self, table: TomlTable) -> int | None:
        number = table.whole_number("leg", 1, len(self._tour.legs), "(the number of a leg)", default=1)
        return None if number is None else number - 1

    def _after_ms(self, leg: int, minutes: float) -> int:
        return self._tour.legs[leg].first_start_ms + round(minutes * 60_000)

    def _place(self, table: TomlTable, leg: Leg) -> float | None:
        """Metres along the leg, from exactly one of a share of it, kilometres and miles."""
        given = [key for key in PLACES if key in table.data]
        if len(given) != 1:
            which = "no place" if not given else "more than one place"
            table.problems.fatal(table.line(), f"{which} on the leg", "Write one of share = 0.4, km = 54 or mile = 34")
            return None
        unit_m = {"share": leg.length_m, "km": 1000.0, "mile": METRES_PER_MILE}[given[0]]
        value = table.number(given[0], 0.0, leg.length_m / unit_m, "of the leg" if given[0] == "share" else given[0])
        return None if value is None else value * unit_m

    def _road(
        self,
        leg: int,
        wanted_m: float,
        span_m: float,
        road: Callable[[Surroundings, float], list[tuple[float, float]] | None],
    ) -> tuple[float, tuple[tuple[float, float], ...]] | None:
        """Where, near the wanted place, there is room for another road; and its points."""
        if leg not in self._around:
            self._around[leg] = Surroundings(self._tour.legs[leg].course)
        for place_m in open_road(self._tour.legs[leg], wanted_m, span_m):
            points = road(self._around[leg], place_m)
            if points is not None:
                return place_m, tuple(points)
        return None
