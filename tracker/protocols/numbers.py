"""Numbers and times as devices write them: one strict reading, with the same verdict in every protocol.

Python's own `float` and `int` take underscores, full-width digits and blanks, and turn 1e999 into infinity; none of
these is a number here. Nothing in this file raises on content: what is not a number or a time is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite, nan

KNOT_MPS = 1852 / 3600
KMH_MPS = 1 / 3.6

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_ISO = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})[T ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?:(Z|z)|([+ -])([0-9]{2}):?([0-9]{2})?)?"  # a blank: what an unescaped plus becomes in a query
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_OFFSET_MIN = 14 * 60  # the largest zone in use is UTC+14

SECONDS_BELOW = 10**11
"""An epoch number below this counts seconds (until the year 5138), from here on milliseconds (since 1973)."""


def parse_decimal(text: str) -> float | None:
    """A finite decimal number in ASCII digits, with a decimal point and perhaps an exponent; else None."""
    if len(text) <= 20 and text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)  # what phones send; the pattern below says the same and takes longer
    if not _DECIMAL.fullmatch(text):
        return None
    value = float(text)
    return value if isfinite(value) else None


def parse_integer(text: str) -> int | None:
    """A whole number in ASCII digits, at most 20 of them; else None."""
    return int(text) if _INTEGER.fullmatch(text) else None


def json_number(value: object) -> float | None:
    """A JSON or msgpack number that is finite and of a sane size; None for text, booleans and the rest."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return float(value) if -(2**63) < value < 2**64 else None
    return value if isfinite(value) else None


def any_number(value: object) -> float | None:
    """A number as text or as JSON has it, for formats that come both ways."""
    return parse_decimal(value) if isinstance(value, str) else json_number(value)


def coordinate(value: object, read: Callable[[object], float | None] = any_number) -> float | None:
    """A coordinate as intake wants it: None if absent, NaN if there but no number."""
    number = None if value is None else read(value)
    return nan if number is None and value is not None else number


def scaled(value: float | None, unit: float) -> float | None:
    """A quantity in our unit; negative means that the device does not know."""
    return None if value is None or value < 0 else value * unit


def utc_ms(year: int, month: int, day: int, hour: int, minute: int, second: int, millisecond: int = 0) -> int | None:
    """UTC epoch ms of a date and time; None if there is no such moment. Second 60 is the next minute's first."""
    leap = second == 60
    try:
        moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return (moment - _EPOCH) // timedelta(milliseconds=1) + (1000 if leap else millisecond)


def parse_iso_ms(text: str) -> int | None:
    """ISO 8601 date and time to epoch ms. Without a zone it is UTC; a zone beyond 14 hours is no zone."""
    found = _ISO.fullmatch(text) if len(text) <= 40 else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, zone_hour, zone_minute = found.groups()
    offset_min = 0
    if sign is not None:
        offset_min = int(zone_hour) * 60 + int(zone_minute or 0)
        if int(zone_minute or 0) > 59 or offset_min > _LARGEST_OFFSET_MIN:
            return None
        offset_min = -offset_min if sign == "-" else offset_min
    millisecond = int((fraction or "0").ljust(3, "0")[:3])
    local_ms = utc_ms(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), millisecond)
    return None if local_ms is None else local_ms - offset_min * 60_000


def epoch_ms(value: float) -> int:
    """An epoch number in seconds or, from `SECONDS_BELOW` on, milliseconds, as milliseconds."""
    return round(value * 1000) if abs(value) < SECONDS_BELOW else round(value)


def any_time_ms(value: object) -> int | None:
    """Epoch seconds, epoch milliseconds or ISO 8601, whichever it is, as text or number; None for anything else."""
    number = any_number(value)
    if number is not None:
        return epoch_ms(number)
    return parse_iso_ms(value) if isinstance(value, str) else None


def short_text(text: object, limit: int = 64) -> str | None:
    """Text from outside made fit to store: printable, no lone surrogates, at most `limit` characters; None if empty."""
    if not isinstance(text, str):
        return None
    text = text[: 4 * limit]
    if not text.isprintable():  # surrogates are not printable either
        text = "".join(c for c in text if c.isprintable())
    return text.strip()[:limit] or None
