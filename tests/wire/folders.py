"""A small tour that is all right, to be spoiled in one place by each test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracker.core.model import Tour
from tracker.errors import Problem
from tracker.wire.tourfolder import read_tour

DEMO = Path(__file__).parents[2] / "tracker" / "demo" / "california-mille"

TOUR = """\
# Two legs in Tuscany: out to the pass and back by the same road, then home.
name = "Little Tour"
slug = "little-tour"
timezone = "Europe/Rome"
units = "km"
start_interval_s = 30

[[leg]]
title = "Out and back"
course = "leg-1.gpx"
first_start = 2027-05-03T08:00:00+02:00
planned_average = "40 km/h"
checkpoints = [
  { id = "A", name = "Piazza", kind = "start", along_m = 0 },
  { id = "B", name = "Pass", kind = "halt", along_m = 22205.5, halt_min = 20 },
  { id = "C", name = "Piazza again", kind = "finish", along_m = 44410.0 },
]

[[leg]]
title = "Home"
course = "leg-2.gpx"
first_start = 2027-05-03T14:00:00  # in the tour's zone
planned_average = "25 mph"
"""

ROSTER = """\
number,kind,make
7,participant,Lancia
12A,participant,Fiat
S1,support,Iveco
"""

Place = tuple[float, float]
OUT = [(43.0 + 0.001 * i, 11.0) for i in range(201)]
OUT_AND_BACK = OUT + OUT[-2::-1]
HOME = [(43.0, 11.0 + 0.002 * i) for i in range(101)]
HOME_WAYPOINTS = """\
<wpt lat="43.0" lon="11.0"><name>Piazza</name><cmt>D</cmt><type>start</type></wpt>
<wpt lat="43.0005" lon="11.1"><name>Bridge</name><cmt>E</cmt><type>time control</type></wpt>
<wpt lat="43.0" lon="11.2"><name>Garage</name><cmt>F</cmt><type>finish</type></wpt>
"""


def track(points: Sequence[Place]) -> str:
    return "".join(f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"/>\n' for lat, lon in points)


def gpx(*segments: str, waypoints: str = "") -> str:
    lines = "".join(f"<trkseg>\n{segment}</trkseg>" for segment in segments)
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">\n{waypoints}<trk>{lines}</trk></gpx>'


LEG_1 = gpx(track(OUT_AND_BACK))
LEG_2 = gpx(track(HOME), waypoints=HOME_WAYPOINTS)


def folder(
    tour: str = TOUR, leg_1: str | bytes = LEG_1, leg_2: str | bytes = LEG_2, roster: str | bytes = ROSTER
) -> dict[str, bytes]:
    contents = {"tour.toml": tour, "leg-1.gpx": leg_1, "leg-2.gpx": leg_2, "roster.csv": roster}
    return {name: text.encode() if isinstance(text, str) else text for name, text in contents.items()}


def good(files: dict[str, bytes]) -> Tour:
    tour, problems = read_tour(files)
    assert problems == []
    assert tour is not None
    return tour


def the_problem(files: dict[str, bytes]) -> Problem:
    _, problems = read_tour(files)
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]
