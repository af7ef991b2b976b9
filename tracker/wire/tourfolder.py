"""A tour is a folder: tour.toml, the course of each leg as GPX, and roster.csv.

    read_tour(files) -> the tour (or None), and everything that is wrong with the folder

Pure: bytes in, values out. `tracker.tourfiles` reads the folder from disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo

from tracker.core.model import BaseMap, Leg, Tour
from tracker.errors import Problem
from tracker.wire.checkpoints import checkpoints_of
from tracker.wire.courseline import course_of
from tracker.wire.gpx import MAX_GPX_BYTES, read_gpx
from tracker.wire.presentation import MAX_PHOTO_BYTES, PMTILES_HEADER_BYTES, check_photos
from tracker.wire.problems import ProblemList, quoted
from tracker.wire.roster import MAX_ROSTER_BYTES, ROSTER_FILE, read_roster
from tracker.wire.tourtoml import MAX_TOUR_FILE_BYTES, TOUR_FILE, LegPlan, TourPlan, read_tour_plan
from tracker.wire.whereabouts import judge_neighbours, judge_zone


def size_limit(file: str) -> int:
    """How many bytes a file of a tour folder may have."""
    by_ending = {"gpx": MAX_GPX_BYTES, "pmtiles": PMTILES_HEADER_BYTES}
    by_name = {TOUR_FILE: MAX_TOUR_FILE_BYTES, ROSTER_FILE: MAX_ROSTER_BYTES}
    return by_name.get(file) or by_ending.get(file.lower().rpartition(".")[2], MAX_PHOTO_BYTES)


def read_tour(files: Mapping[str, bytes]) -> tuple[Tour | None, list[Problem]]:
    """The tour that a folder's files describe, and all problems; no tour if one of them is fatal.

    `files` holds the content by file name. Of a file over its limit, the first `size_limit(name) + 1` bytes will do.
    """
    reader = _FolderReader(files)
    tour = reader.read()
    found = [problem for problems in reader.problems.values() for problem in problems.shown()]
    return (None if any(problem.fatal for problem in found) else tour), found


class _FolderReader:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.problems: dict[str, ProblemList] = {}

    def _of(self, file: str) -> ProblemList:
        return self.problems.setdefault(file, ProblemList(file))

    def read(self) -> Tour | None:
        data = self._content(TOUR_FILE)
        plan = None if data is None else read_tour_plan(data, self._of(TOUR_FILE))
        legs: list[Leg | None] = []
        if plan is not None:
            legs = [self._leg(number, leg_plan, plan.zone) for number, leg_plan in enumerate(plan.legs, 1)]
        data = self._content(ROSTER_FILE)
        vehicles = () if data is None else read_roster(data, self._of(ROSTER_FILE))
        vehicles = check_photos(vehicles, self._files, self._of(ROSTER_FILE))
        if plan is None:
            return None
        good_legs = tuple(leg for leg in legs if leg is not None)
        if len(good_legs) == len(plan.legs):
            self._judge_order(plan, good_legs)
            judge_neighbours(good_legs, [self._of(leg.course_file) for leg in plan.legs])
        return Tour(
            name=plan.name,
            slug=plan.slug,
            timezone=plan.zone.key,
            units=plan.units,
            start_interval_s=plan.start_interval_s,
            legs=good_legs,
            vehicles=vehicles,
            public_delay_s=plan.public_delay_s,
            embed_on=plan.embed_on,
            base_map=self._base_map(plan),
        )

    def _base_map(self, plan: TourPlan) -> BaseMap | None:
        """A PMTiles file must be there, and be one: of a large file the first bytes are enough."""
        base_map = plan.base_map
        if base_map is None or "://" in base_map.url:
            return base_map
        if not self._files.get(base_map.url, b"").startswith(b"PMTiles\x03"):
            fault = "is no PMTiles file of version 3" if base_map.url in self._files else "is not in the folder"
            mend = "Put it there: https://docs.protomaps.com says how one is made"
            self._of(TOUR_FILE).fatal(None, f"{quoted(base_map.url)} {fault}", mend)
        return base_map

    def _content(self, file: str) -> bytes | None:
        data = self._files.get(file)
        if data is None:
            self._of(file).fatal(None, "the file is missing", f"Put {quoted(file)} into the folder")
        elif len(data) > size_limit(file):
            what = f"the file is larger than {size_limit(file) // 1024:,} KB"
            self._of(file).fatal(None, what, "Is this the right file? docs/tour-folder.md has the limits")
            return None
        return data

    def _leg(self, number: int, plan: LegPlan, zone: ZoneInfo) -> Leg | None:
        if plan.course_file not in self._files:
            mend = f"Put the file into the folder, or write the name of one that is there: {self._course_files()}"
            self._of(TOUR_FILE).fatal(plan.line, f"course {quoted(plan.course_file)} is not in the folder", mend)
            return None
        data = self._content(plan.course_file)
        problems = self._of(plan.course_file)
        gpx = None if data is None else read_gpx(data, problems)
        course = None if gpx is None else course_of(gpx, problems)
        if gpx is None or course is None:
            return None
        checkpoints = checkpoints_of(number, plan, course, gpx.waypoints, self._of(TOUR_FILE), problems)
        leg = Leg(plan.title, course, plan.first_start_ms, plan.planned_average_mps, checkpoints)
        judge_zone(leg, zone, problems)
        return leg

    def _course_files(self) -> str:
        names = sorted(name for name in self._files if name.lower().endswith(".gpx"))
        return ", ".join(quoted(name) for name in names[:10]) or "there is no .gpx file"

    def _judge_order(self, plan: TourPlan, legs: tuple[Leg, ...]) -> None:
        """What can only be said of the whole: double ids, and legs that overlap in time."""
        problems = self._of(TOUR_FILE)
        leg_of_id: dict[str, int] = {}
        for number, leg in enumerate(legs, 1):
            for checkpoint in leg.checkpoints:
                if (earlier := leg_of_id.setdefault(checkpoint.id, number)) != number:
                    what = f"checkpoint id {quoted(checkpoint.id)} is on leg {earlier} and on leg {number}"
                    problems.fatal(plan.legs[number - 1].line, what, "Every checkpoint of the tour has its own id")
        for number, (leg, after) in enumerate(pairwise(legs), 2):
            halts_s = sum(checkpoint.halt_s for checkpoint in leg.checkpoints)
            duration_s = leg.length_m / leg.planned_average_mps + halts_s
            if leg.first_start_ms + duration_s * 1000 > after.first_start_ms:
                hours = f"{duration_s / 3600:.1f} h"
                what = f"leg {number} starts before the first car can finish leg {number - 1}, which takes {hours}"
                problems.fatal(plan.legs[number - 1].line, what, "Correct first_start or planned_average")
