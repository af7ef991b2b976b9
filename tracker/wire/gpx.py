"""GPX 1.0 and 1.1, read with expat: tracks as lines, waypoints as places, nothing else.

Tags are told by their local names and by where they stand, so namespaces and extensions do not matter. The file may be
hostile: a DOCTYPE ends the reading before anything in it takes effect, and depth, points and text are limited.
Specification: https://www.topografix.com/GPX/1/1/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from tracker.wire.problems import ProblemList, quoted, strict_float

MAX_GPX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 50  # extensions of real devices nest about six deep
MAX_POINTS = 100_000  # of one file: five hours at four points a second
MAX_WAYPOINTS = 200
MAX_TEXT_LENGTH = 1000  # of a waypoint's name, type or comment

_WAYPOINT_TEXTS = ("name", "cmt", "type")


@dataclass(frozen=True, slots=True)
class TrackPoint:
    lat: float
    lon: float
    elevation_m: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A `wpt`: `kind` is its `type` and `id` its `cmt`, both as written and possibly empty."""

    lat: float
    lon: float
    name: str
    kind: str
    id: str
    line: int


@dataclass(frozen=True, slots=True)
class GpxFile:
    """The lines (one per `trkseg` that has points) and places of a file, in the order of the file."""

    segments: tuple[tuple[TrackPoint, ...], ...]
    waypoints: tuple[Waypoint, ...]


def read_gpx(data: bytes, problems: ProblemList) -> GpxFile | None:
    """The tracks and waypoints of a GPX file, or None with the reason among the problems."""
    reader = _Reader(problems)
    before = problems.fatal_count
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - expat takes it by place only
    except _Refused:
        return None
    except expat.ExpatError as error:
        what = f"this is not valid XML: {expat.ErrorString(error.code)}"
        mend = "Export the file again as GPX" if data.strip() else "The file is empty: export it again as GPX"
        problems.fatal(error.lineno, what, mend)
        return None
    except (ValueError, LookupError):
        problems.fatal(1, "the file's text encoding is not known", "Save it again as UTF-8")
        return None
    if problems.fatal_count > before:
        return None
    segments = tuple(tuple(segment) for segment in reader.segments if segment)
    if not segments:
        what = "the file holds a route but no track" if reader.routes else "the file holds no track"
        problems.fatal(None, what, "Export the road as a GPX track (trk): route points (rte) are only via points")
        return None
    return GpxFile(segments, tuple(reader.waypoints))


class _Refused(Exception):
    """Reading was given up; the reason is among the problems."""


@dataclass(slots=True)
class _Place:
    """The trkpt or wpt that is being read; `fault` when its position was reported as wrong."""

    lat: float
    lon: float
    line: int
    fault: bool
    texts: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Handlers for expat. `_path` holds the local names of the open elements."""

    def __init__(self, problems: ProblemList) -> None:
        self.segments: list[list[TrackPoint]] = []
        self.waypoints: list[Waypoint] = []
        self.routes = 0
        self._problems = problems
        self._path: list[str] = []
        self._place: _Place | None = None
        self._text: list[str] | None = None
        self._point_count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype

    def _refuse(self, what: str, mend: str) -> _Refused:
        self._problems.fatal(self.parser.CurrentLineNumber, what, mend)
        return _Refused()

    def _doctype(self, *_declaration: object) -> None:
        raise self._refuse("the file declares a DOCTYPE or entities, which are not read", "Delete the declaration")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        path = self._path
        if not path and name != "gpx":
            raise self._refuse(f"this is not a GPX file: it begins with <{quoted(name)[1:-1]}>", "Export it as GPX")
        path.append(name)
        if len(path) > MAX_DEPTH:
            raise self._refuse(f"elements are nested more than {MAX_DEPTH} deep", "Export the file again as GPX")
        if name == "trkseg" and path == ["gpx", "trk", "trkseg"]:
            self.segments.append([])
        elif name == "trkpt" and path == ["gpx", "trk", "trkseg", "trkpt"]:
            self._point_count += 1
            if self._point_count > MAX_POINTS:
                mend = "Simplify the track: one point every few metres is plenty"
                raise self._refuse(f"the file holds more than {MAX_POINTS:,} track points", mend)
            self._place = self._open_place(attributes)
        elif name == "wpt" and path == ["gpx", "wpt"]:
            if len(self.waypoints) >= MAX_WAYPOINTS:
                raise self._refuse(f"the file holds more than {MAX_WAYPOINTS} waypoints", "Keep only the checkpoints")
            self._place = self._open_place(attributes)
        elif name == "rte" and len(path) == 2:
            self.routes += 1
        elif self._place is not None:
            wanted = name == "ele" if len(path) == 5 else len(path) == 3 and name in _WAYPOINT_TEXTS
            self._text = [] if wanted else None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text[:MAX_TEXT_LENGTH])

    def _end(self, _tag: str) -> None:
        name = self._path.pop()
        depth = len(self._path)
        if self._place is None:
            return
        if self._text is not None:
            self._place.texts.setdefault(name, "".join(self._text)[:MAX_TEXT_LENGTH].strip())
            self._text = None
        elif name == "trkpt" and depth == 3:
            self._close_track_point(self._place)
        elif name == "wpt" and depth == 1:
            self._close_waypoint(self._place)

    def _close_track_point(self, place: _Place) -> None:
        self._place = None
        elevation_m: float | None = None
        if written := place.texts.get("ele"):
            elevation_m = strict_float(written)
            if elevation_m is None:
                what = f"elevation {quoted(written)} is not a number"
                self._problems.fatal(place.line, what, "Write metres with a decimal point, or leave <ele> out")
        if not place.fault:
            self.segments[-1].append(TrackPoint(place.lat, place.lon, elevation_m, place.line))

    def _close_waypoint(self, place: _Place) -> None:
        self._place = None
        if not place.fault:
            name, identifier, kind = (place.texts.get(key, "") for key in ("name", "cmt", "type"))
            self.waypoints.append(Waypoint(place.lat, place.lon, name, kind, identifier, place.line))

    def _open_place(self, attributes: dict[str, str]) -> _Place:
        line = self.parser.CurrentLineNumber
        lat = self._degrees(attributes, "lat")
        lon = self._degrees(attributes, "lon")
        if lat is None or lon is None:
            return _Place(0.0, 0.0, line, fault=True)
        if abs(lat) > 90 or abs(lon) > 180:
            swapped = abs(lat) > 90 and abs(lat) <= 180 and abs(lon) <= 90
            what = f"lat {lat:g}, lon {lon:g} is not a place on Earth"
            mend = "lat and lon look swapped: exchange them" if swapped else "lat is -90 to 90, lon -180 to 180 degrees"
            self._problems.fatal(line, what, mend)
            return _Place(0.0, 0.0, line, fault=True)
        return _Place(lat, lon, line, fault=False)

    def _degrees(self, attributes: dict[str, str], key: str) -> float | None:
        written = attributes.get(key)
        if written is None:
            self._problems.fatal(self.parser.CurrentLineNumber, f"{key} is missing", f'Add {key}="…" in degrees')
            return None
        value = strict_float(written.strip())
        if value is None:
            mend = "Write degrees with a decimal point, such as 37.79165"
            self._problems.fatal(self.parser.CurrentLineNumber, f"{key} {quoted(written)} is not a number", mend)
        return value
