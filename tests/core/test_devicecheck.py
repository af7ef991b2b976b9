"""The morning's check list: each thing that goes wrong with phones, and nothing where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracker.core.devicecheck import DeviceCheck, DeviceReport
from tracker.core.model import Calibration, Ping, Record, RecordKind

SEVEN_MS = 1_781_332_200_000
GOOD = Ping("12", SEVEN_MS, 38.0, -122.8, accuracy_m=6.0, battery_pct=88.0)


def checked(pings: list[Ping], now_s: float = 0.0, every_s: float = 10.0) -> DeviceReport:
    """The report `now_s` after the last of these pings, which came in one each `every_s`."""
    check = DeviceCheck(["12"])
    at_ms = SEVEN_MS
    for number, ping in enumerate(pings):
        at_ms = SEVEN_MS + round(number * every_s * 1000)
        assert ping.fix_time_ms is not None
        fix_time_ms = at_ms + ping.fix_time_ms - SEVEN_MS
        check.observe(Record(number + 1, at_ms + 300, RecordKind.PING, replace(ping, fix_time_ms=fix_time_ms)))
    (report,) = check.reports(at_ms + 300 + round(now_s * 1000))
    return report


def kinds(report: DeviceReport) -> list[str]:
    return [problem.kind for problem in report.problems]


def test_a_good_device_has_no_problems() -> None:
    report = checked([GOOD] * 30, now_s=8)
    assert report == DeviceReport(
        "12",
        heard_at_ms=SEVEN_MS + 290_300,
        fix_time_ms=SEVEN_MS + 290_000,
        accuracy_m=6.0,
        battery_pct=88.0,
        every_s=10,
        mock=False,
        clock_error_s=0,
        problems=(),
    )


def test_one_that_was_never_heard() -> None:
    report = checked([])
    assert kinds(report) == ["never"]
    assert report.heard_at_ms is None


@pytest.mark.parametrize(
    ("ping", "kind", "words"),
    [
        (replace(GOOD, accuracy_m=1800.0), "rough", "knows its place to 1800 m only"),
        (replace(GOOD, battery_pct=12.0), "battery", "has 12 % of battery left"),
        (replace(GOOD, event="mock location"), "mock", "sends made-up positions"),
        (replace(GOOD, lat=None, lon=None), "no position", "is heard, but has no position"),
        (replace(GOOD, valid=False), "no position", "is heard, but has no position"),
        (replace(GOOD, fix_time_ms=SEVEN_MS + 95_000), "clock", "has a clock that is 95 s ahead"),
        (replace(GOOD, fix_time_ms=SEVEN_MS - 3_600_000), "clock", "has a clock that is 60 min behind"),
    ],
)
def test_what_is_wrong_is_said_in_words(ping: Ping, kind: str, words: str) -> None:
    (problem,) = checked([ping] * 30).problems
    assert (problem.kind, problem.what) == (kind, words)
    assert problem.mend


def test_two_phones_with_one_card_are_in_two_places_at_once() -> None:
    elsewhere = replace(GOOD, lat=38.05)
    (problem,) = checked([GOOD, elsewhere] * 15).problems
    assert (problem.kind, problem.what) == ("twice", "is in two places at once")
    assert kinds(checked([GOOD] * 20 + [elsewhere] + [GOOD] * 9)) == [], "one stray is no second phone"


def test_a_queue_that_is_still_coming_in_is_no_position_of_now() -> None:
    check = DeviceCheck(["12"])
    for number in range(30):
        fix = replace(GOOD, fix_time_ms=SEVEN_MS - 2_400_000 + number * 10_000)
        check.observe(Record(number + 1, SEVEN_MS + number * 10, RecordKind.PING, fix))
    (report,) = check.reports(SEVEN_MS + 1000)
    assert kinds(report) == ["old position"]
    assert report.problems[0].what == "is heard, but its newest position is 35 min old"


def test_nobody_is_told_to_open_an_app_on_a_box() -> None:
    (report,) = DeviceCheck(["S1"], boxes={"S1"}).reports(SEVEN_MS)
    assert "power" in report.problems[0].mend


def test_one_that_fell_silent_by_its_own_rhythm() -> None:
    assert kinds(checked([GOOD] * 30, now_s=170)) == []
    assert kinds(checked([GOOD] * 30, now_s=250)) == ["silent"]


def test_one_that_speaks_too_rarely() -> None:
    (problem,) = checked([GOOD] * 30, every_s=300).problems
    assert problem.kind == "slow"
    assert problem.what == "speaks only every 5 min"


def test_what_was_wrong_and_is_mended_is_no_problem() -> None:
    rough, mocked, empty = (
        replace(GOOD, accuracy_m=900.0),
        replace(GOOD, event="mock location"),
        replace(GOOD, lat=None),
    )
    assert kinds(checked([rough, mocked, empty, replace(GOOD, battery_pct=5.0)] * 5 + [GOOD] * 30)) == []


def test_a_clock_that_was_calibrated_before_is_known_from_the_start() -> None:
    check = DeviceCheck(["12"])
    check.observe(Record(1, SEVEN_MS, RecordKind.CALIBRATION, Calibration("12", -120_000)))
    check.observe(Record(2, SEVEN_MS, RecordKind.PING, replace(GOOD, fix_time_ms=SEVEN_MS - 120_000)))
    (report,) = check.reports(SEVEN_MS)
    assert (report.clock_error_s, report.fix_time_ms, kinds(report)) == (-120, SEVEN_MS, ["clock"])


def test_devices_that_nobody_asks_about_are_left_alone() -> None:
    check = DeviceCheck(["13"])
    check.observe(Record(1, SEVEN_MS, RecordKind.PING, GOOD))
    assert [report.device for report in check.reports(SEVEN_MS)] == ["13"]
