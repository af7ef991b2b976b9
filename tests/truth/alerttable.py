"""The alerts' table: a plain tour, one full of mishaps, an outage of the feed, and an hour's backlog of 60 cars."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from tests.truth.alerts import Alert, AlertScore, alerts_of, score_alerts, with_backlog, with_outage
from tracker.core.alerts.event import AlertKind
from tracker.core.model import Tour
from tracker.simulate.mishaps import CALM, EVENTFUL, NONE, Mishaps
from tracker.simulate.scenario import Run, make_run
from tracker.simulate.score import percentile
from tracker.simulate.scriptfile import load_script

OUTAGE_MIN = 20
BACKLOG_MIN = 60
BACKLOG_CARS = 60
AFTER_MIN = 15
HOURS_MS = 3_600_000


def alert_report(tours: Mapping[str, Tour], seeds: Sequence[int], examples: int = 0) -> str:
    """Every run of every tour and seed, and the table."""
    calm, eventful = AlertScore(), AlertScore()
    outages: list[list[Alert]] = []
    backlogs: list[list[Alert]] = []
    for name, tour in tours.items():
        for seed in seeds:
            began = time.monotonic()
            calm.add(_scored(_run(tour, seed, CALM)))
            if len(tour.legs) == 1:  # a whole tour is driven once, with its own mishaps
                eventful.add(_scored(_run(tour, seed, EVENTFUL)))
                trouble_ms = tour.legs[0].first_start_ms + 3 * HOURS_MS
                quiet = _run(tour, seed, NONE)
                for kept in (True, False):
                    found = alerts_of(with_outage(quiet, trouble_ms, OUTAGE_MIN, kept=kept))
                    outages.append(_raised_in(found, trouble_ms, OUTAGE_MIN))
                found = alerts_of(with_backlog(quiet, BACKLOG_CARS, trouble_ms, BACKLOG_MIN))
                backlogs.append(_raised_in(found, trouble_ms, BACKLOG_MIN))
            print(f"{name} seed {seed}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    for example in (calm.examples + eventful.examples)[:examples]:
        print(f"  {example}", file=sys.stderr)
    return "\n".join(_table(calm, eventful, outages, backlogs, list(tours), seeds))


def scenario_report(tour: Tour, name: str, seeds: Sequence[int]) -> str:
    """A scripted morning, seed by seed: what was told of what happened, and what was told besides."""
    rows = ["| seed | happened | told in time | how soon | false |", "| --- | --- | --- | --- | --- |"]
    for seed in seeds:
        script = load_script(name, tour, seed)
        run = make_run(tour, seed, range(len(tour.vehicles)), mishaps=script.mishaps, script=script)
        found = _scored(run)
        soon = ", ".join(f"{kind} {max(late_s):.0f} s" for kind, late_s in sorted(found.late_s.items()))
        false = ", ".join(f"{count} {kind}" for kind, count in sorted(found.false.items())) or "none"
        rows.append(f"| {seed} | {sum(found.due.values())} | {sum(found.told.values())} | {soon} | {false} |")
        for example in found.examples:
            print(f"  {example}", file=sys.stderr)
    return "\n".join([f"Scenario {name} on {tour.slug}:", "", *rows])


def _run(tour: Tour, seed: int, mishaps: Mishaps) -> Run:
    return make_run(tour, seed, range(len(tour.vehicles)), mishaps=mishaps)


def _raised_in(alerts: Sequence[Alert], from_ms: int, minutes: int) -> list[Alert]:
    """The alerts that were raised in the trouble or a quarter of an hour after it, with what became of them."""
    until_ms = from_ms + (minutes + AFTER_MIN) * 60_000
    raised = {a["id"] for a in alerts if a["event"] == "raised" and from_ms <= a["at_ms"] < until_ms}
    return [alert for alert in alerts if alert["id"] in raised]


def _scored(run: Run) -> AlertScore:
    return score_alerts(run, alerts_of(run))


def _table(
    calm: AlertScore,
    eventful: AlertScore,
    outages: Sequence[Sequence[Alert]],
    backlogs: Sequence[Sequence[Alert]],
    tours: Sequence[str],
    seeds: Sequence[int],
) -> list[str]:
    both = AlertScore()
    both.add(calm)
    both.add(eventful)
    rows = [
        ("breakdown told within 9 min", ">= 98 %", _recall(both, AlertKind.STOPPED)),
        ("... at the right place", "<= 50 m", f"max {max(both.place_m, default=0.0):.0f} m"),
        ("wrong road told within 2 min of being 50 m off", ">= 98 %", _recall(both, AlertKind.OFF_COURSE)),
        ("not started told at 15 min", "", _recall(both, AlertKind.NOT_STARTED)),
        ("false alerts per 1,000 car-miles, demo's mishaps", "<= 1", _false(calm)),
        ("false alerts per 1,000 car-miles, many mishaps", "<= 1", _false(eventful)),
        ("told twice", "0", str(both.doubled)),
        ("cleared after the ping that disproves it", "<= 60 s", _late(both.clear_s)),
        ("feed outage of all: alerts", "1, cleared", " ".join(map(_feed, outages))),
        (f"backlog of {BACKLOG_CARS} cars: alerts raised twice", "0", str(sum(map(_twice, backlogs)))),
        ("... and left open", "0", str(sum(map(_left_open, backlogs)))),
        ("... and raised at all", "1 (the feed)", " ".join(_all(alerts) for alerts in backlogs)),
    ]
    return [
        f"Alerts on {', '.join(tours)}, all vehicles, a ping every 10 s, seeds {', '.join(map(str, seeds))}; "
        f"{both.car_miles:,.0f} car-miles, {both.raised} alerts.",
        "",
        "| measure | goal | found |",
        "| --- | --- | --- |",
        *[f"| {what} | {goal} | {found} |" for what, goal, found in rows],
    ]


def _recall(score: AlertScore, kind: AlertKind) -> str:
    due, told = score.due.get(kind, 0), score.told.get(kind, 0)
    return f"{100.0 * told / due:.1f} % ({told}/{due}), {_late(score.late_s.get(kind, []))}" if due else "-"


def _late(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"median {percentile(values, 50):.0f} s, p95 {percentile(values, 95):.0f} s, max {max(values):.0f} s"


def _false(score: AlertScore) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(score.false.items())) or "none"
    if not score.car_miles:
        return "-"
    return f"{score.false_per_1000_miles:.2f} ({kinds} in {score.car_miles:,.0f} miles)"


def _feed(alerts: Sequence[Alert]) -> str:
    raised = [a for a in alerts if a["kind"] == AlertKind.FEED_OUTAGE and a["event"] == "raised"]
    cleared = [a for a in alerts if a["kind"] == AlertKind.FEED_OUTAGE and a["event"] == "cleared"]
    others = [a["kind"] for a in alerts if a["kind"] != AlertKind.FEED_OUTAGE and a["event"] == "raised"]
    return f"{len(raised)} raised, {len(cleared)} cleared, others: {', '.join(others) or 'none'};"


def _twice(alerts: Sequence[Alert]) -> int:
    raised = [(a["kind"], a["vehicle"]) for a in alerts if a["event"] == "raised"]
    return len(raised) - len(set(raised))


def _left_open(alerts: Sequence[Alert]) -> int:
    raised = {a["id"] for a in alerts if a["event"] == "raised"}
    return len(raised - {a["id"] for a in alerts if a["event"] == "cleared"})


def _all(alerts: Sequence[Alert]) -> str:
    kinds = [a["kind"] for a in alerts if a["event"] == "raised"]
    return "+".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))) or "none"
