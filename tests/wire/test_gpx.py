"""GPX as programs and people write it, and as nobody should."""

from __future__ import annotations

import pytest

from tests.wire.folders import OUT, folder, gpx, track
from tracker.core.course import Course
from tracker.wire.courseline import course_of
from tracker.wire.gpx import MAX_DEPTH, MAX_POINTS, GpxFile, read_gpx
from tracker.wire.problems import ProblemList
from tracker.wire.tourfolder import read_tour


def read(data: bytes | str) -> tuple[GpxFile | None, list[str]]:
    problems = ProblemList("a.gpx")
    found = read_gpx(data.encode() if isinstance(data, str) else data, problems)
    return found, [str(problem) for problem in problems.found]


def line_of(data: str) -> tuple[Course | None, list[str]]:
    problems = ProblemList("a.gpx")
    found = read_gpx(data.encode(), problems)
    assert found is not None
    return course_of(found, problems), [str(problem) for problem in problems.found]


def refusal(data: bytes | str) -> str:
    found, problems = read(data)
    assert found is None
    assert len(problems) == 1
    return problems[0]


WITH_NAME = gpx(track(OUT[:2]), waypoints='<wpt lat="43" lon="11"><name>Città</name><type>start</type></wpt>')


@pytest.mark.parametrize(
    "data",
    [
        WITH_NAME.encode(),
        WITH_NAME.encode("utf-8-sig"),
        WITH_NAME.encode("utf-16"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + WITH_NAME).encode("utf-16"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + WITH_NAME).encode("latin-1"),
        ('<?xml version="1.0" encoding="windows-1252"?>' + WITH_NAME).encode("cp1252"),
    ],
)
def test_the_encoding_is_the_files_own(data: bytes) -> None:
    found, problems = read(data)
    assert problems == []
    assert found is not None
    assert found.waypoints[0].name == "Città"


@pytest.mark.parametrize(
    "data",
    [
        WITH_NAME.encode("latin-1"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + WITH_NAME).encode(),
        ('<?xml version="1.0" encoding="UTF-7"?>' + WITH_NAME).encode(),
        ('<?xml version="1.0" encoding="gibberish"?>' + WITH_NAME).encode(),
        WITH_NAME.encode().replace(b"Citt", b"Ci\0t"),
        WITH_NAME.encode("utf-32"),
        b"",
        b"\xff\xfe",
    ],
)
def test_a_lying_encoding_is_said(data: bytes) -> None:
    assert refusal(data).startswith("a.gpx:")


def test_gpx_1_0_prefixes_and_extensions_do_not_matter() -> None:
    found, problems = read(
        """<g:gpx version="1.0" xmlns:g="http://www.topografix.com/GPX/1/0" xmlns:x="urn:x">
        <g:trk><g:name>Day 1</g:name><g:trkseg>
        <g:trkpt lat=" 43.0 " lon="+11"><g:ele>250.5</g:ele><g:time/><g:extensions><x:ele>9</x:ele>
        <x:trkpt lat="0" lon="0"/></g:extensions></g:trkpt>
        <g:trkpt lat="43.1" lon="11"><g:ele>300</g:ele></g:trkpt>
        </g:trkseg></g:trk></g:gpx>"""
    )
    assert problems == []
    assert found is not None
    assert [(p.lat, p.lon, p.elevation_m) for p in found.segments[0]] == [(43.0, 11.0, 250.5), (43.1, 11.0, 300.0)]


def test_elevations_are_kept_only_if_every_point_has_one() -> None:
    high = track(OUT[:3]).replace("/>", "><ele>100</ele></trkpt>")
    course, _ = line_of(gpx(high))
    assert course is not None
    assert course.elevations_m == (100.0, 100.0, 100.0)
    course, _ = line_of(gpx(high + track(OUT[3:6])))
    assert course is not None
    assert course.elevations_m is None


def test_segments_that_meet_are_one_line() -> None:
    course, problems = line_of(gpx(track(OUT[:101]), "", track(OUT[100:])))
    assert problems == []
    assert course is not None
    assert course.length_m == pytest.approx(Course.from_points(OUT).length_m)


def test_segments_with_a_gap_are_not_joined() -> None:
    course, problems = line_of(gpx(track(OUT[:10]), track(OUT[30:])))
    assert course is None
    assert problems == [
        "a.gpx:14: the track has a gap of 2.3 km before this segment. "
        "Fill the gap with the road, or delete the part that is not driven"
    ]


def test_the_180th_meridian_is_refused() -> None:
    course, problems = line_of(gpx(track([(0.0, 179.99), (0.0, -179.99)])))
    assert course is None
    assert "180th meridian" in problems[0]


@pytest.mark.parametrize("written", ["nan", "inf", "1e999", "4_3.0", "４３", "43,5", "0x1p3", "", "N43", "4" * 50])
def test_numbers_are_strict(written: str) -> None:
    assert "is not a number" in refusal(gpx(f'<trkpt lat="{written}" lon="11"/>'))
    assert "is not a number" in refusal(gpx(f'<trkpt lat="43" lon="11"><ele>{written or "-"}</ele></trkpt>'))


def test_a_route_is_not_a_road() -> None:
    assert "a route but no track" in refusal('<gpx><rte><rtept lat="1" lon="1"/></rte></gpx>')
    assert "no track" in refusal("<gpx/>")
    assert "begins with <kml>" in refusal("<kml><gpx/></kml>")
    assert refusal("<gpx>\n<trk>").startswith("a.gpx:2: this is not valid XML")


LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE gpx [<!ENTITY l0 "ha">{LAUGHS}]><gpx>&l9;</gpx>',
    "quadratic": f'<!DOCTYPE gpx [<!ENTITY a "{"a" * 50_000}">]><gpx>{"&a;" * 50_000}</gpx>',
    "external file": '<!DOCTYPE gpx [<!ENTITY f SYSTEM "file:///etc/passwd">]><gpx>&f;</gpx>',
    "external DTD": '<!DOCTYPE gpx SYSTEM "http://127.0.0.1:9/x.dtd"><gpx/>',
    "parameter entity": '<!DOCTYPE gpx [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><gpx/>',
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_doctype_ends_the_reading(case: str) -> None:
    assert "DOCTYPE" in refusal(HOSTILE[case])


def test_what_is_too_deep_or_too_much_is_refused() -> None:
    assert f"more than {MAX_DEPTH} deep" in refusal("<gpx>" + "<a>" * 300_000)
    too_many = '<trkpt lat="43" lon="11"/>' * (MAX_POINTS + 1)
    assert "more than 100,000 track points" in refusal(gpx(too_many))
    assert "more than 200 waypoints" in refusal(gpx(waypoints='<wpt lat="43" lon="11"/>' * 201))


def test_a_ball_of_wool_is_refused_before_it_costs_time() -> None:
    """A recorder that stood still: every waypoint would have thousands of places on the line."""
    wool = [(43.0 + 0.0004 * (i * 7 % 11) / 11, 11.0 + 0.0004 * (i * 5 % 13) / 13) for i in range(3000)]
    waypoints = '<wpt lat="43.0002" lon="11.0002"><cmt>D</cmt></wpt>' * 200
    _, problems = read_tour(folder(leg_2=gpx(track(wool), waypoints=waypoints)))
    assert ["more than 50 times" in problem.what for problem in problems if problem.fatal] == [True]
