"""A device's clock error is believed from live arrivals only."""

from __future__ import annotations

from random import Random

import pytest

from tracker.core.calibration import Calibrator
from tracker.core.model import Calibration

START_MS = 1_808_751_600_000


def heard(arrivals: list[tuple[int, int]], calibrator: Calibrator | None = None) -> list[Calibration]:
    """What (fix time, received) pairs give rise to."""
    watcher = calibrator or Calibrator()
    found = (watcher.observe("phone", fix_ms, received_ms) for fix_ms, received_ms in arrivals)
    return [calibration for calibration in found if calibration is not None]


def live(error_ms: int, count: int = 30, from_ms: int = START_MS) -> list[tuple[int, int]]:
    """Each fix sent as it is taken, a third of a second on the way as a rule."""
    random = Random(1)
    taken = [from_ms + k * 10_000 for k in range(count)]
    return [(at + error_ms, at + random.choice((250, 300, 350, 400, 1500))) for at in taken]


@pytest.mark.parametrize("error_ms", [-120_000, -30_000, 12_000, 65_000, 119_000])
def test_a_wrong_clock_is_found_to_a_second(error_ms: int) -> None:
    (found,) = heard(live(error_ms))
    assert found.device == "phone"
    assert abs(found.error_ms - error_ms) <= 1_000
    assert found.error_ms % 1_000 == 0


@pytest.mark.parametrize("error_ms", [0, 4_000, -9_000, 9_000])
def test_an_error_under_ten_seconds_is_left_alone(error_ms: int) -> None:
    assert heard(live(error_ms)) == []


def test_a_few_pings_are_not_enough() -> None:
    assert heard(live(60_000, count=6)) == []


def test_a_backlog_raises_nothing() -> None:
    sent_ms = START_MS + 600_000
    assert heard([(START_MS + k * 10_000, sent_ms + k * 50) for k in range(60)]) == []


def test_shuffled_arrivals_raise_nothing() -> None:
    fixes = [START_MS + k * 10_000 for k in range(200)]
    Random(3).shuffle(fixes)
    assert heard([(fix_ms, START_MS + 9_000_000 + k * 10_000) for k, fix_ms in enumerate(fixes)]) == []


def test_batches_of_a_sound_clock_raise_nothing_and_of_a_wrong_one_do() -> None:
    def batched(error_ms: int) -> list[tuple[int, int]]:
        return [
            (START_MS + minute * 60_000 + k * 10_000 + error_ms, START_MS + minute * 60_000 + 50_400)
            for minute in range(20)
            for k in range(6)
        ]

    assert heard(batched(0)) == []
    (found,) = heard(batched(40_000))
    assert abs(found.error_ms - 40_000) <= 1_000


def test_repeats_change_nothing() -> None:
    arrivals = [pair for pair in live(45_000) for _ in range(3)]
    assert heard(arrivals) == heard(live(45_000))


def test_what_was_journalled_is_not_raised_again() -> None:
    calibrator = Calibrator()
    calibrator.believed(Calibration("phone", 45_000))
    assert heard(live(45_000), calibrator) == []
    assert len(heard(live(0, from_ms=START_MS + 3_600_000), calibrator)) == 1  # the clock has been put right


def test_a_queue_that_delivers_ten_minutes_late_in_good_order_is_no_slow_clock() -> None:
    """The clock was right before; each fix then comes as long after it was taken as the one before."""
    late = [(fix_ms, fix_ms + 600_000) for fix_ms, _ in live(0, from_ms=START_MS + 3_600_000)]
    assert heard(live(0) + late) == []


def test_a_slow_clock_that_was_set_right_is_believed_again() -> None:
    first, second = heard(live(-65_000) + live(0, from_ms=START_MS + 3_600_000))
    assert (first.error_ms, second.error_ms) == (-65_000, 0)


def test_one_ping_dated_hours_ahead_does_not_keep_a_clock_from_being_found() -> None:
    arrivals = live(40_000)
    stray = (arrivals[2][0] + 7_200_000, arrivals[2][1] + 5_000)
    (found,) = heard([*arrivals[:3], stray, *arrivals[3:]])
    assert abs(found.error_ms - 40_000) <= 1_000
