"""The tracker against the truth, small enough for every day; `python -m tests.truth` is the whole."""

from __future__ import annotations

from tests.truth.__main__ import measure, tours
from tests.truth.table import report
from tracker.simulate.score import percentile


def test_the_tracker_is_right_on_the_first_leg_of_the_demo() -> None:
    found = measure(tours()["leg-1"](), seeds=[1], vehicles=3, interval_s=10)
    assert (found.wrong_branch, found.missed, found.ghosts) == (0, 0, 0), found.examples
    typical_m, worse_m = percentile(found.live_m, 50), percentile(found.live_m, 95)
    assert typical_m is not None
    assert worse_m is not None
    assert typical_m <= 5.0
    assert worse_m <= 20.0


def test_the_report_has_a_row_for_every_course_and_one_for_all() -> None:
    laps = measure(tours()["laps"](), seeds=[1], vehicles=1, interval_s=30)
    text = report({"laps": laps, "once more": laps}, [1], 1, 30)
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert [line.split("|")[1].strip() for line in table] == ["course", "---", "goal", "laps", "once more", "all"]
    assert len({line.count("|") for line in table}) == 1
