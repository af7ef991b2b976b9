"""Moving a tour: the wall clock stays, the text around it stays."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.wire.folders import TOUR, folder, good
from tracker.errors import TrackerError
from tracker.wire.redate import redate

ROME = ZoneInfo("Europe/Rome")


def moved(start: datetime | date, text: str = TOUR) -> str:
    starts_ms = [leg.first_start_ms for leg in good(folder(tour=text)).legs]
    return redate(text, starts_ms, ROME, start)[0]


def test_only_the_starts_change() -> None:
    text = moved(date(2027, 6, 1))
    assert text == TOUR.replace("2027-05-03", "2027-06-01")


def test_the_wall_clock_stays_across_the_change_of_the_clocks() -> None:
    text = moved(date(2027, 12, 1))
    assert "first_start = 2027-12-01T08:00:00+01:00\n" in text
    assert "first_start = 2027-12-01T14:00:00  # in the tour's zone" in text
    first, second = good(folder(tour=text)).legs
    assert second.first_start_ms - first.first_start_ms == 6 * 3_600_000


def test_every_leg_keeps_its_distance_to_the_first() -> None:
    text = moved(datetime.fromisoformat("2027-06-01T07:30:00Z"))  # half past nine in Rome
    assert "2027-06-01T09:30:00+02:00" in text
    assert "2027-06-01T15:30:00 " in text


def test_each_start_keeps_its_form() -> None:
    text = TOUR.replace("2027-05-03T08:00:00+02:00", "2027-05-03 06:00:00Z")
    assert "2027-12-01 07:00:00Z" in moved(date(2027, 12, 1), text)


def test_there_and_back_is_where_we_were() -> None:
    assert moved(date(2027, 5, 3), moved(date(2028, 2, 29))) == TOUR


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (datetime(2028, 3, 26, 2, 30), "does not exist"),  # noqa: DTZ001 - meant in the tour's zone
        (datetime(2027, 10, 31, 2, 30), "comes twice"),  # noqa: DTZ001
        (date(2200, 1, 1), "years 2000 to 2100"),
        (date.max, "years 2000 to 2100"),
        (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), "years 2000 to 2100"),
    ],
)
def test_a_start_that_cannot_be_is_refused(start: datetime | date, words: str) -> None:
    with pytest.raises(TrackerError, match=words):
        moved(start)
