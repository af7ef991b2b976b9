"""Scores as a Markdown report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.simulate.score import MILE_M, PassageClass, Score, percentile

COLUMNS = (
    ("course", "goal"),
    ("wrong branch", "0"),
    ("live m", "5 / 20 / 300"),
    ("uncertain %", "1"),
    ("moving s", "0.4 / 1 / 3"),
    ("noise s", ""),
    ("wrong clock s", "max 2"),
    ("wrong clock m", ""),
    ("standing s", "p95 10"),
    ("gap held", "95 %"),
    ("missed / ghost", "0 / 0"),
    ("odometer %", "0.3 / 0.5"),
    ("miles %", "0.3"),
    ("off course", "98 %"),
    ("false alarms", "1"),
    ("ping us", "100"),
)


def score_table(scores: Mapping[str, Score], goals: bool = False) -> list[str]:
    """A row for each score by name, and with `goals` one that says what is wanted."""
    rows = [[name for name, _ in COLUMNS], ["---"] * len(COLUMNS)]
    if goals:
        rows.append([goal for _, goal in COLUMNS])
    return [_line(row) for row in (*rows, *(_row(name, found) for name, found in scores.items()))]


def report(scores: Mapping[str, Score], seeds: Sequence[int], vehicles: int, interval_s: int) -> str:
    """The whole page."""
    total = Score()
    for found in scores.values():
        total.add(found)
    lines = [
        "# How right the tracker is",
        "",
        "Made by one command, `make accuracy`; nothing on this page is written by hand. Even seeds are for tuning, odd",
        "ones for testing. Known limits: [progress.md](progress.md).",
        "",
        f"Simulated cars with known truth: {vehicles} cars a run, a ping every {interval_s} s, "
        f"seeds {', '.join(map(str, seeds))}.",
        "Every third car takes a wrong turn and every fourth a detour of 7.5 km; there are breakdowns, late starters,",
        "dead zones, dropouts, outliers of kilometres, repeats and clocks that are wrong by up to two minutes.",
        "",
        *score_table({**scores, "all": total}, goals=True),
        "",
        *missed_goals({**scores, "all": total}),
        "",
        "Three figures are median / p95 / max, two are median / max; a number in brackets counts what was measured.",
        "",
        "* wrong branch: live positions more than 1 km off along the course, or on another leg",
        "* live m: error along the course of the live position, car on the course; wrong clock m: the same, p95 / max,",
        "  for device clocks more than 10 s off, which are known to a second or so",
        "* uncertain %: share of live positions that name a range; in brackets, how many of them hold the truth",
        "* moving s: error of a passage with pings within 15 s on both sides; wrong clock s: the same, p95 / max, for",
        "  device clocks more than 10 s off; standing s: p95 / max at start, halt and finish and where the car stood",
        "  close by, with pings as near; gap held: share of passages inside a gap whose range holds the truth",
        "* noise s: what the noise of the two fixes around it does to a moving passage for somebody who knows all else",
        "* odometer %: error per car; miles %: error of the sum over all cars",
        "* off course: share of real excursions (150 m for 30 s) flagged in time; false alarms: per 1,000 miles",
        "* ping us: median time for one ping with its live line, in microseconds",
        "",
    ]
    return "\n".join(lines)


def missed_goals(scores: Mapping[str, Score]) -> list[str]:
    """What of the table misses a goal, row by row; beside moving passages what the noise alone does to them."""
    lines = [f"* {name}: {', '.join(misses)}" for name, found in scores.items() if (misses := _misses(name, found))]
    return ["What misses a goal:", "", *lines] if lines else ["Nothing misses a goal."]


def _misses(name: str, found: Score) -> list[str]:
    passages = found.passage_s
    measured: list[tuple[str, float | None, float]] = [
        ("wrong branch", found.wrong_branch, 0),
        ("live median m", percentile(found.live_m, 50), 5.0),
        ("live p95 m", percentile(found.live_m, 95), 60.0 if name == "hairpins" else 20.0),
        ("live max m", max(found.live_m, default=None), 300.0),
        ("uncertain %", 100.0 * found.uncertain / max(found.live_lines, 1), 1.0),
        ("wrong clock max s", max(passages[PassageClass.WRONG_CLOCK], default=None), 2.0),
        ("standing p95 s", percentile(passages[PassageClass.STANDING] + found.depart_s, 95), 10.0),
        ("gap not held %", _lacking_pct(found.gap_held, len(passages[PassageClass.GAP])), 5.0),
        ("missed", found.missed, 0),
        ("ghosts", found.ghosts, 0),
        ("miles %", 100.0 * abs(found.tracked_m - found.true_m) / found.true_m, 0.3),
        ("off course not flagged %", _lacking_pct(found.flagged, found.episodes), 2.0),
        ("false alarms", 1000.0 * found.false_alarms / (found.true_m / MILE_M), 1.0),
    ]
    if name.startswith("leg-"):
        measured.append(("odometer median %", percentile(found.odometer_pct, 50), 0.3))
        measured.append(("odometer max %", max(found.odometer_pct, default=None), 0.5))
    misses = [
        f"{what} {value:.2f} (goal {goal:g})" for what, value, goal in measured if value is not None and value > goal
    ]
    for what, percent, goal in (("median", 50, 0.4), ("p95", 95, 1.0), ("max", 100, 3.0)):
        value, noise = percentile(passages[PassageClass.MOVING], percent), percentile(found.noise_s, percent)
        if value is not None and value > goal:
            misses.append(f"moving {what} {value:.2f} s (goal {goal:g}; noise alone {_number(noise, 2)})")
    return misses


def _lacking_pct(count: int, of: int) -> float | None:
    return 100.0 * (of - count) / of if of else None


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(name: str, found: Score) -> list[str]:
    passages = found.passage_s
    gaps = len(passages[PassageClass.GAP])
    miles_pct = 100.0 * (found.tracked_m - found.true_m) / found.true_m
    return [
        name,
        str(found.wrong_branch),
        _three(found.live_m, 1),
        f"{100.0 * found.uncertain / max(found.live_lines, 1):.2f} ({found.uncertain_held}/{found.uncertain})",
        f"{_three(passages[PassageClass.MOVING], 2)} ({len(passages[PassageClass.MOVING])})",
        _three(found.noise_s, 2),
        _tail(passages[PassageClass.WRONG_CLOCK]),
        _tail(found.live_clock_m),
        _tail(passages[PassageClass.STANDING] + found.depart_s),
        f"{100.0 * found.gap_held / gaps:.0f} % ({gaps})" if gaps else "-",
        f"{found.missed} / {found.ghosts}",
        f"{_number(percentile(found.odometer_pct, 50), 2)} / {_number(max(found.odometer_pct, default=None), 2)}",
        f"{miles_pct:+.2f}",
        f"{100.0 * found.flagged / found.episodes:.1f} % ({found.episodes})" if found.episodes else "-",
        f"{1000.0 * found.false_alarms / (found.true_m / MILE_M):.2f}",
        _number(percentile(found.cost_us, 50), 0),
    ]


def _three(values: Sequence[float], digits: int) -> str:
    cells = (percentile(values, 50), percentile(values, 95), max(values, default=None))
    return " / ".join(_number(value, digits) for value in cells)


def _tail(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{_number(percentile(values, 95), 1)} / {_number(max(values), 1)} ({len(values)})"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
