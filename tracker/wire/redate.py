"""Moves a tour to other dates: new first starts within the text of tour.toml, everything else untouched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.errors import TrackerError
from tracker.wire.tomlspans import value_spans
from tracker.wire.tourtoml import FIRST_YEAR, LAST_YEAR, fault_of_local_time


@dataclass(frozen=True, slots=True)
class Move:
    """A leg's first start before and after, as written in the file."""

    leg: int
    before: str
    after: str


def redate(text: str, starts_ms: list[int], zone: ZoneInfo, start: datetime | date) -> tuple[str, list[Move]]:
    """The text with every leg moved so that leg 1 starts at `start`, and what was moved.

    `starts_ms` are the legs' first starts as they are. All legs keep their distance to leg 1 on the wall clock of the
    tour's zone: half past eight stays half past eight when the clocks have gone back meanwhile. A `start` without an
    offset is meant in that zone; a plain date keeps the time of day. Raises TrackerError for a start that falls into a
    night of the clock change.
    """
    old = [datetime.fromtimestamp(start_ms / 1000, zone).replace(tzinfo=None) for start_ms in starts_ms]
    shift = _wall_clock(start, old[0], zone) - old[0]
    spans = value_spans(text)
    moves: list[Move] = []
    for index in reversed(range(len(old))):  # from the end, so that earlier places stay where they are
        span = spans.get(("leg", index, "first_start"))
        if span is None:
            raise TrackerError(
                f"first_start of leg {index + 1} is written in a way that cannot be edited: write it plainly"
            )
        before = text[span.start : span.end]
        after = _written_like(before, _moved(old[index], shift, index, zone))
        text = text[: span.start] + after + text[span.end :]
        moves.append(Move(index + 1, before, after))
    return text, moves[::-1]


def _wall_clock(start: datetime | date, old: datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(start, datetime):
        return datetime.combine(start, old.time())
    if start.tzinfo is None:
        return start
    try:
        return start.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise TrackerError(f"the start leaves the years {FIRST_YEAR} to {LAST_YEAR}: check --start") from None


def _moved(old: datetime, shift: timedelta, index: int, zone: ZoneInfo) -> datetime:
    try:
        new = (old + shift).replace(tzinfo=zone)
    except OverflowError:
        new = None
    if new is None or not FIRST_YEAR <= new.year <= LAST_YEAR:
        raise TrackerError(f"leg {index + 1} would leave the years {FIRST_YEAR} to {LAST_YEAR}: check --start")
    if (fault := fault_of_local_time(new)) is not None:
        raise TrackerError(f"leg {index + 1} would start at {new:%Y-%m-%d %H:%M}, a time that {fault}: change --start")
    return new


def _written_like(before: str, new: datetime) -> str:
    """In the form of the old value: with an offset, with Z, or local."""
    separator = before[10]
    if before[-1] in "Zz":
        return new.astimezone(UTC).replace(tzinfo=None).isoformat(separator) + "Z"
    if "+" in before[10:] or "-" in before[10:]:
        return new.isoformat(separator)
    return new.replace(tzinfo=None).isoformat(separator)
