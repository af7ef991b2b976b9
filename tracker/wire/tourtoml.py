"""tour.toml: the tour's name, zone and interval; per leg the course file, first start, average and checkpoints.

What needs the course's line (is a checkpoint on it?) is judged where both are known, in `tourfolder`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tracker.core.model import BaseMap
from tracker.core.units import METRES_PER_MILE
from tracker.wire.checkpointplan import CheckpointPlan, read_checkpoint_plans
from tracker.wire.presentation import read_base_map, read_embed_on
from tracker.wire.problems import ProblemList, quoted
from tracker.wire.tomlspans import value_spans
from tracker.wire.tomltable import TomlTable, kind_of

TOUR_FILE = "tour.toml"
MAX_TOUR_FILE_BYTES = 256 * 1024  # fifty legs of two hundred checkpoints, with comments
MAX_LINE_LENGTH = 20_000
MAX_DOTS_IN_LINE = 500  # a dotted key takes tomllib time by the square of its parts
MAX_LEGS = 50
MAX_START_INTERVAL_S = 3600
MAX_PUBLIC_DELAY_S = 86_400
FIRST_YEAR, LAST_YEAR = 2000, 2100

_SPEED_UNITS_MPS = {"mph": METRES_PER_MILE / 3600, "km/h": 1 / 3.6}
_POSSIBLE_MPS = (1 / 3.6, 300 / 3.6)
_PLAUSIBLE_MPS = (10 / 3.6, 130 / 3.6)

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SPEED = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s{0,3}(mph|km/h)", re.ASCII)

_TOUR_KEYS = ("name", "slug", "timezone", "units", "start_interval_s", "public_delay_s", "embed_on", "map", "leg")
_LEG_KEYS = ("title", "course", "first_start", "planned_average", "checkpoints")


@dataclass(frozen=True, slots=True)
class LegPlan:
    """A leg as written. `checkpoints` is None where they are to come from the course file's waypoints."""

    title: str
    course_file: str
    first_start_ms: int
    planned_average_mps: float
    checkpoints: tuple[CheckpointPlan, ...] | None
    line: int | None


@dataclass(frozen=True, slots=True)
class TourPlan:
    """tour.toml, read. A leg with problems is missing from `legs`; the problems say so."""

    name: str
    slug: str
    zone: ZoneInfo
    units: str
    start_interval_s: int
    public_delay_s: int
    embed_on: tuple[str, ...]
    base_map: BaseMap | None
    legs: tuple[LegPlan, ...]


def read_tour_plan(data: bytes, problems: ProblemList) -> TourPlan | None:
    """What tour.toml says, or None where so much is wrong that nothing can be made of it."""
    top = read_toml(data, problems)
    if top is None:
        return None
    top.warn_of_unknown_keys(_TOUR_KEYS)
    name = top.text("name", "California Mille")
    slug = _read_slug(top)
    zone = _read_zone(top)
    units = _read_units(top)
    interval_s = top.whole_number("start_interval_s", 0, MAX_START_INTERVAL_S, "seconds")
    delay_s = top.whole_number("public_delay_s", 0, MAX_PUBLIC_DELAY_S, "seconds", default=0)
    embed_on = read_embed_on(top)
    base_map = read_base_map(top)
    tables = top.tables("leg")
    if not tables:
        top.problems.fatal(None, "the tour has no leg", "Add a [[leg]] table with title, course and first_start")
        tables = []
    if len(tables) > MAX_LEGS:
        top.problems.fatal(tables[MAX_LEGS].line(), f"more than {MAX_LEGS} legs", "Split the tour into several")
        return None
    legs = [_read_leg(table, zone) for table in tables]
    if name is None or slug is None or zone is None or units is None or interval_s is None or delay_s is None:
        return None
    good_legs = tuple(leg for leg in legs if leg is not None)
    return TourPlan(name, slug, zone, units, interval_s, delay_s, embed_on, base_map, good_legs)


def decode_toml(data: bytes, problems: ProblemList) -> str | None:
    """The text of a TOML file, which is UTF-8 by its specification; a byte order mark is kept out."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.fatal(line, "the file is not UTF-8 text", 'Save it again with the encoding "UTF-8"')
        return None
    for number, content in enumerate(text.split("\n"), 1):
        if len(content) > MAX_LINE_LENGTH:
            problems.fatal(number, f"the line is longer than {MAX_LINE_LENGTH:,} characters", "Break it into several")
            return None
        if content.count(".") > MAX_DOTS_IN_LINE:
            problems.fatal(number, f"the line holds more than {MAX_DOTS_IN_LINE} dots", "Break it into several")
            return None
    return text


def read_toml(data: bytes, problems: ProblemList) -> TomlTable | None:
    """The top table of a TOML file with the lines of its values."""
    text = decode_toml(data, problems)
    if text is None:
        return None
    try:
        top = tomllib.loads(text)
        return TomlTable(top, (), value_spans(text), problems)
    except tomllib.TOMLDecodeError as error:
        line, what = _split_toml_message(str(error))
        problems.fatal(line, f"this is not valid TOML: {what}", "Text stands in double quotes, lists in [ ]")
    except (RecursionError, ValueError):
        problems.fatal(None, "this is not valid TOML: nested too deeply or a number too long", "Write it more simply")
    return None


def _split_toml_message(message: str) -> tuple[int | None, str]:
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if match is None:
        return None, message.removesuffix(" (at end of document)")
    return int(match[1]), f"{message[: match.start()]} (column {match[2]})"


def _read_slug(top: TomlTable) -> str | None:
    slug = top.text("slug", "california-mille")
    if slug is not None and not _SLUG.fullmatch(slug):
        top.wrong("slug", f"slug {quoted(slug)} cannot stand in a web address", "Use a-z, 0-9 and -, at most 63")
        return None
    return slug


def _read_zone(top: TomlTable) -> ZoneInfo | None:
    name = top.text("timezone", "America/Los_Angeles")
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as "America"
        mend = 'Write a name from the time zone database, such as "Europe/Rome" or "America/Los_Angeles"'
        top.wrong("timezone", f"unknown time zone {quoted(name)}", mend)
        return None


def _read_units(top: TomlTable) -> str | None:
    units = top.text("units", "mi")
    if units is not None and units not in ("mi", "km"):
        top.wrong("units", f"unknown units {quoted(units)}", 'Write "mi" or "km": it is what people read')
        return None
    return units


def _read_leg(table: TomlTable, zone: ZoneInfo | None) -> LegPlan | None:
    table.warn_of_unknown_keys(_LEG_KEYS)
    title = table.text("title", "San Francisco to Fort Bragg")
    course_file = _read_course_file(table)
    first_start_ms = _read_first_start(table, zone)
    average_mps = _read_average(table)
    before = table.problems.fatal_count
    checkpoints = read_checkpoint_plans(table)
    if title is None or course_file is None or first_start_ms is None or average_mps is None:
        return None
    if table.problems.fatal_count > before:
        return None
    return LegPlan(title, course_file, first_start_ms, average_mps, checkpoints, table.line())


def _read_course_file(table: TomlTable) -> str | None:
    name = table.text("course", "leg-1.gpx")
    if name is None:
        return None
    if "/" in name or "\\" in name or not name.lower().endswith(".gpx"):
        table.wrong("course", f"course {quoted(name)} is not the name of a .gpx file", "Put the file into this folder")
        return None
    return name


def _read_first_start(table: TomlTable, zone: ZoneInfo | None) -> int | None:
    key = "first_start"
    value = table.data.get(key)
    example = "Write it without quotes, such as 2027-04-26T08:00:00-07:00 or 2027-04-26T08:00:00 (local time)"
    if not isinstance(value, datetime):
        what = "is missing" if value is None else f"is {kind_of(value)}, not a date with a time"
        table.wrong(key, f"{key} {what}", example)
        return None
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        table.wrong(key, f"{key} is in the year {value.year}", f"Write a year from {FIRST_YEAR} to {LAST_YEAR}")
        return None
    if value.tzinfo is None:
        if zone is None:
            return None
        local = value.replace(tzinfo=zone)
        if (fault := fault_of_local_time(local)) is not None:
            table.wrong(key, f"{key} {value:%H:%M} {fault} in {zone.key}", "Write it with an offset, such as -07:00")
            return None
        return epoch_ms(local)
    in_utc = not value.utcoffset()  # nobody takes UTC for the zone's own offset by mistake
    if zone is not None and not in_utc and value.utcoffset() != value.astimezone(zone).utcoffset():
        there = value.astimezone(zone)
        what = f"the offset of {key} is not that of {zone.key} on that day: it is {there:%H:%M} there"
        table.problems.warn(table.line(key), what, f"Did you mean {value.replace(tzinfo=zone).isoformat()}?")
    return epoch_ms(value)


def fault_of_local_time(local: datetime) -> str | None:
    """Why a wall-clock time does not name one instant in its zone, or None: clocks go forward and back."""
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(fold=0) != local.replace(fold=0):
        return "does not exist on that day (the clocks go forward)"
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return "comes twice on that day (the clocks go back)"
    return None


def epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _read_average(table: TomlTable) -> float | None:
    key = "planned_average"
    written = table.text(key, "33 mph")
    if written is None:
        return None
    match = _SPEED.fullmatch(written)
    if match is None:
        table.wrong(key, f"{key} {quoted(written)} is not a speed", 'Write such as "33 mph" or "50 km/h"')
        return None
    speed_mps = float(match[1]) * _SPEED_UNITS_MPS[match[2]]
    if not _POSSIBLE_MPS[0] <= speed_mps <= _POSSIBLE_MPS[1]:
        table.wrong(key, f"{key} {quoted(written)} is not possible", "It is the average while moving, halts left out")
        return None
    if not _PLAUSIBLE_MPS[0] <= speed_mps <= _PLAUSIBLE_MPS[1]:
        mend = "Check number and unit: it is the average while moving, halts left out"
        table.problems.warn(table.line(key), f"{key} {quoted(written)} is not plausible on public roads", mend)
    return speed_mps
