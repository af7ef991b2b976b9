"""A tour is a folder: what is read from a good one, and what is said of one that is not."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.folders import (
    DEMO,
    HOME,
    HOME_WAYPOINTS,
    LEG_1,
    OUT,
    OUT_AND_BACK,
    ROSTER,
    TOUR,
    folder,
    good,
    gpx,
    the_problem,
    track,
)
from tracker.core.model import CheckpointKind
from tracker.wire.tourfolder import read_tour, size_limit


def demo_files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(DEMO).iterdir()}


def test_the_demo_is_read_without_a_single_problem() -> None:
    tour = good(demo_files())
    assert (tour.name, tour.slug, tour.units) == ("California Mille demo", "california-mille", "mi")
    assert (len(tour.legs), len(tour.vehicles)) == (5, 74)
    assert sum(leg.length_m for leg in tour.legs) == pytest.approx(1002.5 * 1609.344, abs=50)
    start = datetime.fromisoformat("2027-04-26T08:00:00-07:00").timestamp() * 1000
    assert tour.start_time_ms(0, 0) == start
    assert tour.start_time_ms(0, 66) == start + 66 * 60_000
    assert tour.start_time_ms(0, 67) is None  # support has no start of its own


def test_waypoints_give_the_same_checkpoints_as_the_list() -> None:
    """The demo has a road driven twice the same way and 42 miles out and back: passing order decides."""
    files = demo_files()
    listed = good(files)
    without = re.sub(r"checkpoints = \[.*?\n\]\n", "", files["tour.toml"].decode(), flags=re.DOTALL)
    found = good({**files, "tour.toml": without.encode()})
    for leg, same in zip(listed.legs, found.legs, strict=True):
        for one, other in zip(leg.checkpoints, same.checkpoints, strict=True):
            assert (one.id, one.name, one.kind) == (other.id, other.name, other.kind)
            assert other.along_m == pytest.approx(one.along_m, abs=0.2)


def test_the_small_tour_is_read() -> None:
    tour = good(folder())
    assert [checkpoint.halt_s for checkpoint in tour.legs[0].checkpoints] == [0, 1200, 0]
    assert tour.legs[1].first_start_ms - tour.legs[0].first_start_ms == 6 * 3_600_000
    assert tour.legs[1].planned_average_mps == pytest.approx(11.176)
    assert [checkpoint.kind for checkpoint in tour.legs[1].checkpoints] == [
        CheckpointKind.START,
        CheckpointKind.TIME_CONTROL,
        CheckpointKind.FINISH,
    ]
    assert [(v.number, v.start_order, v.devices[0].name) for v in tour.vehicles] == [
        ("7", 0, "7"),
        ("12A", 1, "12A"),
        ("S1", None, "S1"),
    ]


def toml(old: str, new: str) -> dict[str, bytes]:
    assert old in TOUR
    return folder(tour=TOUR.replace(old, new, 1))


def leg_2(old: str, new: str) -> dict[str, bytes]:
    assert old in HOME_WAYPOINTS
    return folder(leg_2=gpx(track(HOME), waypoints=HOME_WAYPOINTS.replace(old, new, 1)))


def roster(old: str, new: str) -> dict[str, bytes]:
    assert old in ROSTER
    return folder(roster=ROSTER.replace(old, new, 1))


FATAL = {
    "bad TOML": (toml('units = "km"', "units = km"), "tour.toml:5", "not valid TOML"),
    "not UTF-8": (folder() | {"tour.toml": b'a = 1\nname = "Caf\xe9"'}, "tour.toml:2", "not UTF-8"),
    "key missing": (toml("start_interval_s = 30\n", ""), "tour.toml", "start_interval_s is missing"),
    "key of a leg missing": (toml('title = "Home"\n', ""), "tour.toml:19", "title is missing"),
    "text for a number": (toml("= 30", '= "30"'), "tour.toml:6", "start_interval_s is text"),
    "nan": (toml("22205.5", "nan"), "tour.toml:15", "not a finite number"),
    "inf": (toml("22205.5", "inf"), "tour.toml:15", "not a finite number"),
    "truth for a number": (toml("= 30", "= true"), "tour.toml:6", "is true/false"),
    "half a second": (toml("= 30", "= 30.5"), "tour.toml:6", "not a whole number"),
    "zone": (toml("Europe/Rome", "Europe/Roma"), "tour.toml:4", 'unknown time zone "Europe/Roma"'),
    "zone that is a folder": (toml("Europe/Rome", "Europe"), "tour.toml:4", "unknown time zone"),
    "zone that is a path": (toml("Europe/Rome", "../../etc/passwd"), "tour.toml:4", "unknown time zone"),
    "slug": (toml("little-tour", "Little Tour!"), "tour.toml:3", "web address"),
    "units": (toml('"km"', '"miles"'), "tour.toml:5", "unknown units"),
    "no leg": (folder(tour=TOUR.partition("[[leg]]")[0]), "tour.toml", "has no leg"),
    "control character": (toml("Little Tour", "Little\\u0007Tour"), "tour.toml:2", "control characters"),
    "right-to-left override": (toml("Little Tour", "Little\\u202eTour"), "tour.toml:2", "control characters"),
    "long name": (toml("Little Tour", "x" * 81), "tour.toml:2", "81 characters long"),
    "course not there": (toml("leg-2.gpx", "leg-3.gpx"), "tour.toml:19", '"leg-3.gpx" is not in the folder'),
    "course elsewhere": (toml("leg-2.gpx", "../leg-2.gpx"), "tour.toml:21", "not the name of a .gpx file"),
    "start without a time": (toml("2027-05-03T14:00:00", "2027-05-03"), "tour.toml:22", "not a date with a time"),
    "start in quotes": (toml("2027-05-03T14:00:00", '"2027-05-03T14:00:00"'), "tour.toml:22", "is text"),
    "start in the gap": (toml("2027-05-03T14:00:00", "2028-03-26T02:30:00"), "tour.toml:22", "does not exist"),
    "start that comes twice": (toml("2027-05-03T14:00:00", "2027-10-31T02:30:00"), "tour.toml:22", "comes twice"),
    "average without unit": (toml("25 mph", "25"), "tour.toml:23", "is not a speed"),
    "average of a snail": (toml("25 mph", "0 mph"), "tour.toml:23", "is not possible"),
    "kind": (toml('"halt"', '"lunch"'), "tour.toml:15", 'unknown kind of checkpoint "lunch"'),
    "id": (toml('id = "B"', 'id = "B/1"'), "tour.toml:15", "other characters"),
    "double id": (toml('id = "B"', 'id = "A"'), "tour.toml:15", 'double checkpoint id "A"'),
    "double id on another leg": (toml('id = "B"', 'id = "E"'), "tour.toml:19", "is on leg 1 and on leg 2"),
    "beyond the course": (toml("44410.0", "44450.0"), "tour.toml:16", "is not on the course"),
    "not increasing": (toml("22205.5", "0.0"), "tour.toml:15", "not beyond the checkpoint before it"),
    "along_m missing": (toml(", along_m = 22205.5", ""), "tour.toml:15", "along_m is missing"),
    "no start": (toml('"start"', '"halt"'), "tour.toml:14", "first checkpoint is not the start"),
    "no finish": (toml('"finish"', '"halt"'), "tour.toml:16", "last checkpoint is not the finish"),
    "no checkpoints": (folder(leg_2=gpx(track(HOME))), "tour.toml:19", "not even a start and a finish"),
    "legs overlap": (toml("T14:00:00", "T08:30:00"), "tour.toml:19", "before the first car can finish leg 1"),
    "one point": (folder(leg_1=gpx(track(OUT[:1]))), "leg-1.gpx:3", "only one point"),
    "zero length": (folder(leg_1=gpx(track(OUT[:1] * 5))), "leg-1.gpx:3", "is 0 m long"),
    "waypoint off the course": (leg_2("43.0005", "43.02"), "leg-2.gpx:3", "not on the course, its nearest point is 2."),
    "waypoint swapped": (leg_2('lat="43.0005" lon="11.1"', 'lat="11.1" lon="43.0005"'), "leg-2.gpx:3", "500 km away"),
    "waypoints out of order": (leg_2('lon="11.0"', 'lon="11.15"'), "leg-2.gpx:3", "comes before the one listed"),
    "kind of a waypoint": (leg_2("time control", "café"), "leg-2.gpx:3", 'unknown kind of checkpoint "café"'),
    "swapped beyond the pole": (
        folder(leg_1=gpx(track([(-122.0, 38.0), (-122.1, 38.0)]))),
        "leg-1.gpx:3",
        "is not a place on Earth",
    ),
    "double number": (roster("12A", "7"), "roster.csv:3", 'double number "7"'),
    "kind of a vehicle": (roster("support", "supprt"), "roster.csv:4", 'unknown kind of vehicle "supprt"'),
}


@pytest.mark.parametrize("case", FATAL)
def test_every_problem_has_its_place_and_its_reason(case: str) -> None:
    files, place, words = FATAL[case]
    tour, problems = read_tour(files)
    assert tour is None
    problem = next(problem for problem in problems if problem.fatal)
    assert str(problem).startswith(f"{place}: ")
    assert words in problem.what
    assert problem.mend


WARNINGS = {
    "unknown key": (toml("units =", 'unit = "km"\nunits ='), "tour.toml:5", 'unknown key "unit"', '"units"'),
    "unknown key of a checkpoint": (
        toml("halt_min = 20", "halt_mins = 20"),
        "tour.toml:15",
        'unknown key "halt_mins"',
        '"halt_min"',
    ),
    "offset of another season": (toml("+02:00", "+01:00"), "tour.toml:11", "09:00 there", "2027-05-03T08:00:00+02:00"),
    "average of a racing car": (toml("25 mph", "120 mph"), "tour.toml:23", "not plausible", "halts left out"),
    "waypoint without id": (leg_2("<cmt>E</cmt>", ""), "leg-2.gpx:3", "has no id", "<cmt>L2-01</cmt>"),
    "unknown column": (roster("make", "maker"), "roster.csv:1", 'unknown column "maker"', '"make"'),
    "minus forgotten": (toml("Europe/Rome", "America/New_York"), "leg-1.gpx", "not in America/New_York", "minus"),
    "finish early": (toml("44410.0", "43000.0"), "tour.toml:16", "before the end of the course", "driven"),
    "point misplaced": (
        folder(leg_1=gpx(track([*OUT_AND_BACK[:50], (43.0, 12.0), *OUT_AND_BACK[50:]]))),
        "leg-1.gpx:53",
        "from the one before it",
        "misplaced",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_is_only_odd_is_a_warning(case: str) -> None:
    files, place, words, mend = WARNINGS[case]
    tour, problems = read_tour(files)
    assert tour is not None
    found = [p for p in problems if str(p).startswith(f"{place}: warning: ")]
    assert any(words in p.what and mend in p.mend for p in found), "\n".join(map(str, problems))


def test_a_finish_that_is_passed_before_is_placed_at_the_end() -> None:
    """The waypoint lies on the way out and back; nothing but its kind tells that the end is meant."""
    waypoints = """\
<wpt lat="43.0" lon="11.0"><cmt>A</cmt><type>start</type></wpt>
<wpt lat="43.05" lon="11.0"><name>Mill</name><cmt>B</cmt></wpt>
<wpt lat="43.0" lon="11.0"><cmt>C</cmt><type>finish</type></wpt>
"""
    without_list = re.sub(r"checkpoints = \[.*?\n\]\n", "", TOUR, flags=re.DOTALL)
    tour, problems = read_tour(folder(tour=without_list, leg_1=gpx(track(OUT_AND_BACK), waypoints=waypoints)))
    assert tour is not None
    start, mill, finish = tour.legs[0].checkpoints
    assert (start.along_m, finish.along_m) == (0.0, tour.legs[0].length_m)
    assert mill.along_m == pytest.approx(5555, abs=5)
    (problem,) = problems  # either pass of the mill fits: the earlier one is taken, and that is said
    assert not problem.fatal
    assert re.search(r"more than once: at 555\d m \(taken\) and at 388\d\d m", problem.what)


def test_swapped_axes_are_seen_from_the_next_leg() -> None:
    swapped = gpx(track([(lon, lat) for lat, lon in HOME]))
    start = '{ id = "D", name = "Piazza", kind = "start", along_m = 0 }'
    finish = '{ id = "F", name = "Garage", kind = "finish", along_m = 16000 }'
    _, problems = read_tour(folder(tour=f"{TOUR}checkpoints = [{start}, {finish}]", leg_2=swapped))
    assert any(problem.fatal and "lat and lon look swapped" in problem.mend for problem in problems)


def test_all_problems_are_reported_at_once() -> None:
    files = folder(
        tour=TOUR.replace("Europe/Rome", "Europe/Roma").replace('"halt"', '"lunch"'),
        leg_2="<kml/>",
        roster=ROSTER.replace("12A", "7"),
    )
    _, problems = read_tour(files)
    assert {problem.file for problem in problems} == {"tour.toml", "roster.csv"}
    assert len(problems) == 3


def test_a_missing_file_is_a_problem_of_its_own() -> None:
    files = folder()
    del files["roster.csv"]
    assert str(the_problem(files)) == 'roster.csv: the file is missing. Put "roster.csv" into the folder'
    assert read_tour({})[0] is None


@pytest.mark.parametrize("name", ["tour.toml", "leg-1.gpx", "roster.csv"])
def test_a_file_over_its_limit_is_not_read(name: str) -> None:
    tour, problems = read_tour(folder() | {name: b" " * (size_limit(name) + 1)})
    assert tour is None
    assert any(problem.file == name and "is larger than" in problem.what for problem in problems)


def test_a_thousand_problems_are_not_a_thousand_lines() -> None:
    _, problems = read_tour(folder(roster="number,kind\n" + "".join(f"{i},x\n" for i in range(1000))))
    assert len(problems) == 51
    assert problems[-1].what == "950 more problems are not shown"


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(sorted(folder())), content=st.binary(max_size=400))
def test_garbage_is_never_a_traceback(name: str, content: bytes) -> None:
    tour, problems = read_tour(folder() | {name: content})
    assert tour is not None or any(problem.fatal for problem in problems)


SHREDS = st.sampled_from(
    [*(bytes([c]) for c in b'<>[]{}=,-&\n\0"'), b"", b"]]", b"e999", b"\xff\xfe", b"nan", b"9" * 400]
)


@settings(deadline=None, max_examples=200)
@given(data=st.data(), name=st.sampled_from(sorted(folder())), shred=SHREDS)
def test_a_spoiled_file_is_never_a_traceback(data: st.DataObject, name: str, shred: bytes) -> None:
    """Cut a piece out of a good file and put something odd in its place."""
    content = folder()[name]
    start = data.draw(st.integers(0, min(len(content), 2000)))
    length = data.draw(st.integers(0, 30))
    tour, problems = read_tour(folder() | {name: content[:start] + shred + content[start + length :]})
    assert tour is not None or any(problem.fatal for problem in problems)


def test_the_line_itself_is_what_was_given() -> None:
    course = good(folder(leg_1=LEG_1)).legs[0].course
    assert (course.lats[0], course.lons[0], len(course.lats)) == (43.0, 11.0, 401)
    assert course.elevations_m is None
