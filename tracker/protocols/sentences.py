"""What the text protocols share: degrees and minutes, two-digit dates, and NMEA's RMC sentence.

NMEA writes 47 degrees 3.0288 minutes as 4703.0288: the minutes are the two digits before the point and the fraction,
the degrees are whatever stands before (some apps do not pad them, some trackers leave out the point).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import nan

from tracker.protocols.numbers import KNOT_MPS, parse_decimal, scaled, utc_ms

DAY_MS = 86_400_000
_DEGREES_MINUTES = re.compile(r"([0-9]{0,3})([0-9]{2})\.([0-9]{0,10})")
_DEGREES_MINUTES_NO_POINT = re.compile(r"([0-9]{1,3})([0-9]{2})([0-9]{4})")
_DEGREES_DASH_MINUTES = re.compile(r"-?([0-9]{1,3})-([0-9]{1,2})\.([0-9]{1,10})")
_SIGN_OF = {"N": 1, "E": 1, "": 1, "S": -1, "W": -1}


def degrees(text: str, hemisphere: str) -> float:
    """Signed degrees of a coordinate in degrees and minutes; NaN if that is no coordinate. A zero place has no fix."""
    text = text.strip()
    found = (
        _DEGREES_MINUTES.fullmatch(text)
        or _DEGREES_MINUTES_NO_POINT.fullmatch(text)
        or _DEGREES_DASH_MINUTES.fullmatch(text)
    )
    sign = _SIGN_OF.get(hemisphere.strip().upper())
    if found is None or sign is None:
        return nan
    minutes = float(f"{found[2]}.{found[3] or 0}")
    return sign * (int(found[1] or 0) + minutes / 60) if minutes < 60 else nan


def date_time_ms(year: str, month: str, day: str, time: str) -> int | None:
    """Epoch ms of a date (year as 26 or 2026) and a time hhmmss[.sss] in UTC; None if there is no such moment."""
    clock, _, fraction = time.strip().partition(".")
    parts = (year, month, day, clock[:2], clock[2:4], clock[4:])
    if len(clock) != 6 or len(year) not in (2, 4) or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        return None
    years, months, days, hours, minutes, seconds = map(int, parts)
    years += 2000 if len(year) == 2 else 0
    milliseconds = int(fraction.ljust(3, "0")[:3]) if fraction else 0
    return utc_ms(years, months, days, hours, minutes, seconds, milliseconds)


def time_of_day_ms(time: str, received_at_ms: int) -> int | None:
    """The moment nearest to `received_at_ms` that has this time of day (hhmmss[.sss], UTC)."""
    since_midnight_ms = date_time_ms("1970", "01", "01", time)
    if since_midnight_ms is None:
        return None
    time_ms = received_at_ms - received_at_ms % DAY_MS + since_midnight_ms
    if time_ms - received_at_ms > DAY_MS // 2:
        return time_ms - DAY_MS
    return time_ms + DAY_MS if received_at_ms - time_ms > DAY_MS // 2 else time_ms


@dataclass(frozen=True, slots=True)
class Rmc:
    """Recommended minimum data: where, when, how fast. `time_ms` is None where the sentence has no proper moment."""

    time_ms: int | None
    valid: bool
    lat: float
    lon: float
    speed_mps: float | None
    bearing_deg: float | None


def read_rmc(fields: list[str]) -> Rmc | None:
    """Read the fields of an RMC sentence, its name first; None if there are too few of them."""
    if len(fields) < 10:
        return None
    date = fields[9]
    return Rmc(
        time_ms=date_time_ms(date[4:], date[2:4], date[:2], fields[1]) if len(date) == 6 else None,
        valid=fields[2] == "A",
        lat=degrees(fields[3], fields[4]),
        lon=degrees(fields[5], fields[6]),
        speed_mps=scaled(parse_decimal(fields[7]), KNOT_MPS),
        bearing_deg=parse_decimal(fields[8]),
    )


def checksum_of(sentence: str) -> int:
    """NMEA's checksum: the bytes between "$" and "*", exclusive-or."""
    value = 0
    for byte in sentence.encode("latin-1", "replace"):
        value ^= byte
    return value


def split_sentence(text: str) -> tuple[list[str], bool]:
    """The fields of a sentence without "$" and checksum, and whether the checksum is right; a missing one is.

    Clients that fill in a template send "*hh" or leave it out: two characters that are no hex number count as missing.
    """
    body, star, rest = text.lstrip("$").partition("*")
    given = rest[:2]
    if not star or len(given) < 2 or not re.fullmatch(r"[0-9A-Fa-f]{2}", given):
        return body.split(","), True
    return body.split(","), checksum_of(body) == int(given, 16)
