"""How right the alerts are: alert lines of `tracker replay --alerts` against the truth of a simulated run.

An alert that no mishap of the truth explains is false. What happened to a car after it retired is not judged.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tracker.commands.replay import replay
from tracker.core.alerts.event import AlertKind
from tracker.core.eta import due_ms
from tracker.core.geo import distance_m
from tracker.simulate.drive import Incident, IncidentKind, Phase
from tracker.simulate.field import is_sweep
from tracker.simulate.scenario import Line, Run
from tracker.simulate.score import MILE_M

BREAKDOWNS = (IncidentKind.BREAKDOWN, IncidentKind.RETIREMENT)
WRONG_ROADS = (IncidentKind.WRONG_TURN, IncidentKind.DETOUR)
STOPPED_WITHIN_MS = 540_000
WRONG_ROAD_WITHIN_MS = 120_000
NOT_STARTED_WITHIN_MS = 930_000
SOS_WITHIN_MS = 20_000  # the next fix after the call, and the network; the server's share is measured elsewhere
OFF_M, OFF_MS = 150.0, 60_000
BESIDE_M = 50.0  # from here on a wrong road can be told from the right one
EVER_MS = 1 << 60
EXAMPLES = 40

Alert = Mapping[str, Any]


@dataclass
class AlertScore:
    """Everything counted; runs can be added up."""

    due: dict[AlertKind, int] = field(default_factory=dict)  # mishaps that call for an alert, and can be known
    told: dict[AlertKind, int] = field(default_factory=dict)  # those told in time, at the right place
    late_s: dict[AlertKind, list[float]] = field(default_factory=dict)  # from the mishap to the alert
    place_m: list[float] = field(default_factory=list)  # of `stopped` alerts
    false: dict[AlertKind, int] = field(default_factory=dict)
    raised: int = 0
    doubled: int = 0  # raised twice for one mishap
    clear_s: list[float] = field(default_factory=list)  # from the ping that disproves it to its clearing
    car_miles: float = 0.0
    examples: list[str] = field(default_factory=list)

    def add(self, other: AlertScore) -> None:
        for name in ("due", "told", "false"):
            mine, theirs = getattr(self, name), getattr(other, name)
            for kind, count in theirs.items():
                mine[kind] = mine.get(kind, 0) + count
        for kind, late_s in other.late_s.items():
            self.late_s.setdefault(kind, []).extend(late_s)
        for name in ("place_m", "clear_s", "examples", "raised", "doubled", "car_miles"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def false_per_1000_miles(self) -> float:
        return 1000.0 * sum(self.false.values()) / self.car_miles

    def note(self, what: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append(what)


def alerts_of(run: Run) -> list[Alert]:
    """The alert lines of a run."""
    lines = (json.dumps(line) for line in run.lines)
    return [found for found in replay(run.truth.tour, lines, alerts=True) if isinstance(found, dict) and _is(found)]


def _is(line: Line) -> bool:
    return line["type"] == "alert"


def score_alerts(run: Run, alerts: Iterable[Alert]) -> AlertScore:
    return _Scorer(run).score(list(alerts))


class _Scorer:
    def __init__(self, run: Run) -> None:
        self.truth = run.truth
        self.tour = run.truth.tour
        self.index = {vehicle.number: i for i, vehicle in enumerate(self.tour.vehicles)}
        self.result = AlertScore()
        self.heard: dict[int, list[tuple[int, int]]] = {v: [] for v in run.truth.vehicles}  # received, truly taken
        self.battery: dict[int, list[tuple[int, float]]] = {v: [] for v in run.truth.vehicles}
        for line, origin in zip(run.lines, run.truth.origins, strict=True):
            received_ms = int(str(line["received_at_ms"]))
            if not origin.outlier:
                self.heard[origin.vehicle].append((received_ms, origin.true_ms))
            self.battery[origin.vehicle].append((received_ms, float(str(line["battery_pct"]))))
        self.incidents: dict[int, list[Incident]] = {
            v: [incident for drive in run.truth.drives(v) for incident in drive.incidents] for v in run.truth.vehicles
        }
        self.retired_ms = {
            v: min((d.end_ms for d in run.truth.drives(v) if d.retired), default=EVER_MS) for v in run.truth.vehicles
        }

    def score(self, alerts: list[Alert]) -> AlertScore:
        raised = [alert for alert in alerts if alert["event"] == "raised"]
        cleared = {alert["id"]: int(alert["at_ms"]) for alert in alerts if alert["event"] == "cleared"}
        self.result.raised = len(raised)
        for vehicle in self.truth.vehicles:
            own = [alert for alert in raised if self.index.get(str(alert["vehicle"])) == vehicle]
            self._mishaps(vehicle, own, cleared)
            if self.tour.vehicles[vehicle].start_order is not None:
                self.result.car_miles += sum(drive.odometer_m for drive in self.truth.drives(vehicle)) / MILE_M
        for alert in raised:
            self._explain(alert)
        return self.result

    # What should have been told

    def _mishaps(self, vehicle: int, own: list[Alert], cleared: Mapping[str, int]) -> None:
        for incident in self.incidents[vehicle]:
            if incident.kind in BREAKDOWNS:
                until_ms = EVER_MS if incident.kind is IncidentKind.RETIREMENT else incident.to_ms
                if until_ms - incident.from_ms < STOPPED_WITHIN_MS:
                    continue
                if self._heard_between(vehicle, incident.from_ms + 480_000, incident.from_ms + 525_000):
                    found = self._due(AlertKind.STOPPED, vehicle, own, incident.from_ms, STOPPED_WITHIN_MS, until_ms)
                    self._judge_place(vehicle, found, incident.from_ms)
                    self._judge_clearing(vehicle, found, cleared, until_ms)
            elif incident.kind in WRONG_ROADS:
                wrong_ms, _ = self._off(vehicle, incident, BESIDE_M)
                off_from_ms, off_to_ms = self._off(vehicle, incident, OFF_M)
                seen_ms = max(wrong_ms + 75_000, off_from_ms + 15_000)
                if off_to_ms - off_from_ms < OFF_MS or off_to_ms - wrong_ms < 90_000:
                    continue
                if self._heard_between(vehicle, seen_ms, wrong_ms + WRONG_ROAD_WITHIN_MS - 15_000):
                    found = self._due(
                        AlertKind.OFF_COURSE, vehicle, own, wrong_ms, WRONG_ROAD_WITHIN_MS, incident.to_ms
                    )
                    self._judge_clearing(vehicle, found, cleared, incident.to_ms)
            elif incident.kind is IncidentKind.SOS:
                if self._heard_between(vehicle, incident.from_ms, incident.from_ms + SOS_WITHIN_MS):
                    self._due(AlertKind.SOS, vehicle, own, incident.from_ms, SOS_WITHIN_MS, EVER_MS)
            elif incident.kind is IncidentKind.LATE_START and incident.to_ms - incident.from_ms > NOT_STARTED_WITHIN_MS:
                at_ms = incident.from_ms
                if self._heard_between(vehicle, at_ms + 890_000, at_ms + 920_000):
                    self._due(AlertKind.NOT_STARTED, vehicle, own, at_ms, NOT_STARTED_WITHIN_MS, incident.to_ms)

    def _due(
        self, kind: AlertKind, vehicle: int, own: list[Alert], from_ms: int, within_ms: int, until_ms: int
    ) -> Alert | None:
        """Count a mishap and its alert; returns the alert, if there is one."""
        result = self.result
        result.due[kind] = result.due.get(kind, 0) + 1
        found = [a for a in own if a["kind"] == kind and from_ms <= a["at_ms"] <= until_ms + 60_000]
        result.doubled += max(len(found) - 1, 0)
        for again in found[1:]:
            result.note(f"told twice {again['id']}: {self._who(vehicle)} at {again['at_ms']}")
        if not found:
            result.note(f"missed {kind}: {self._who(vehicle)} at {from_ms}")
            return None
        late_ms = found[0]["at_ms"] - from_ms
        result.late_s.setdefault(kind, []).append(late_ms / 1000.0)
        if late_ms <= within_ms:
            result.told[kind] = result.told.get(kind, 0) + 1
        else:
            result.note(f"late {kind}: {self._who(vehicle)} at {from_ms}: {late_ms // 1000} s")
        return found[0]

    def _judge_place(self, vehicle: int, alert: Alert | None, at_ms: int) -> None:
        if alert is not None:
            there = self.truth.at(vehicle, at_ms + 60_000)
            self.result.place_m.append(distance_m(alert["lat"], alert["lon"], there.lat, there.lon))

    def _judge_clearing(self, vehicle: int, alert: Alert | None, cleared: Mapping[str, int], over_ms: int) -> None:
        """From the first ping that shows the car 150 m away (back on the course for 30 s) to the clearing."""
        if alert is None or over_ms == EVER_MS:
            return
        shows_ms = over_ms + (30_000 if alert["kind"] == AlertKind.OFF_COURSE else 0)
        if alert["kind"] == AlertKind.STOPPED:
            place = self.truth.at(vehicle, over_ms - 1000)
            while self._apart_m(vehicle, shows_ms, place.lat, place.lon) < 150.0:
                shows_ms += 1000
        known_ms = next((received for received, taken in self.heard[vehicle] if taken >= shows_ms), None)
        if known_ms is not None:
            late_s = (cleared.get(alert["id"], EVER_MS) - known_ms) / 1000.0
            self.result.clear_s.append(late_s)
            if late_s > 60.0:
                self.result.note(f"cleared {late_s:.0f} s late: {alert['id']} {self._who(vehicle)} over {over_ms}")

    def _apart_m(self, vehicle: int, at_ms: int, lat: float, lon: float) -> float:
        there = self.truth.at(vehicle, at_ms)
        return distance_m(there.lat, there.lon, lat, lon)

    def _heard_between(self, vehicle: int, from_ms: int, to_ms: int) -> bool:
        """Whether a fix of that time came in that time."""
        return any(from_ms <= taken <= received <= to_ms for received, taken in self.heard[vehicle])

    def _off(self, vehicle: int, incident: Incident, more_than_m: float) -> tuple[int, int]:
        """From when to when the car was really more than so far from the course: the first time for a minute on end."""
        from_ms = at_ms = incident.from_ms
        for at_ms in range(incident.from_ms, incident.to_ms, 2000):
            moment = self.truth.at(vehicle, at_ms)
            around = self.truth.field.scene(moment.leg).around
            if moment.along_m is None and around.distance_m((moment.lat, moment.lon)) > more_than_m:
                continue
            if at_ms - from_ms > OFF_MS:
                break
            from_ms = at_ms + 2000
        return from_ms, at_ms

    # What should not have been told

    def _explain(self, alert: Alert) -> None:
        kind, at_ms = AlertKind(alert["kind"]), int(alert["at_ms"])
        vehicle = self.index.get(str(alert["vehicle"]))
        outages = self.truth.field.script.outages
        if kind is AlertKind.FEED_OUTAGE and any(from_ms <= at_ms <= to_ms for from_ms, to_ms in outages):
            return
        if vehicle is not None and (at_ms >= self.retired_ms[vehicle] or self._explained(kind, vehicle, at_ms)):
            return
        if kind is AlertKind.SILENT and vehicle is not None and self._stood_in_silence(vehicle, alert):
            return
        self.result.false[kind] = self.result.false.get(kind, 0) + 1
        self.result.note(f"false {alert['id']} at {at_ms} ({self.truth.field.seed}): {alert['evidence']}")

    def _explained(self, kind: AlertKind, vehicle: int, at_ms: int) -> bool:
        if kind is AlertKind.LOW_BATTERY:
            levels = self.battery[vehicle]
            return levels[max(bisect_left(levels, (at_ms, 0.0)) - 1, 0)][1] <= 15.0
        if kind is AlertKind.NOT_STARTED:
            late = self._of(vehicle, (IncidentKind.LATE_START,))
            return any(i.from_ms + 900_000 <= at_ms <= i.to_ms + 30_000 for i in late)
        if kind is AlertKind.SOS:
            return any(i.from_ms <= at_ms for i in self._of(vehicle, (IncidentKind.SOS,)))
        if any(i.from_ms <= at_ms for i in self._of(vehicle, (IncidentKind.LOST_PHONE,))):
            return True  # it lies by the wayside, and nobody can tell
        if kind in (AlertKind.STOPPED, AlertKind.SILENT):
            return any(i.from_ms <= at_ms <= i.to_ms + 120_000 for i in self._of(vehicle, BREAKDOWNS))
        if kind is AlertKind.OFF_COURSE:
            return any(i.from_ms <= at_ms <= i.to_ms + 120_000 for i in self._of(vehicle, WRONG_ROADS))
        if kind is AlertKind.BEHIND:
            return self._behind_s(vehicle, at_ms) >= 2700.0
        if kind is AlertKind.BEHIND_SWEEP:
            return any(
                (self._along_m(v, at_ms) or 0.0) > (self._along_m(vehicle, at_ms) or 0.0) + 1000.0
                for v in self.truth.vehicles
                if is_sweep(self.tour.vehicles[v])
            )
        return False

    def _stood_in_silence(self, vehicle: int, alert: Alert) -> bool:
        """Whether it is late out of a dead zone because it broke down in it: right, though it drives on already."""
        silent = int(alert["since_ms"]), int(alert["at_ms"])
        return any(silent[0] <= i.from_ms <= silent[1] for i in self._of(vehicle, BREAKDOWNS))

    def _of(self, vehicle: int, kinds: tuple[IncidentKind, ...]) -> Iterator[Incident]:
        return (incident for incident in self.incidents[vehicle] if incident.kind in kinds)

    def _along_m(self, vehicle: int, at_ms: int) -> float | None:
        """The true place; off the course that of the last minute on it."""
        for back in range(60):
            along_m = self.truth.at(vehicle, at_ms - back * 60_000).along_m
            if along_m is not None:
                return along_m
        return None

    def _behind_s(self, vehicle: int, at_ms: int) -> float:
        """How much later than the middle of the field the car truly is; those who are in count as they came in."""
        leg = self.truth.at(vehicle, at_ms).leg
        late_s = {}
        for other in self.truth.vehicles:
            drive = self.truth.field.drive(other, leg)
            start_ms, moment, along_m = self.tour.start_time_ms(leg, other), self.truth.at(other, at_ms), None
            if start_ms is not None and moment.leg == leg and moment.phase is Phase.RUNNING:
                along_m = self._along_m(other, at_ms)
            if start_ms is not None and along_m is not None and (moment.speed_mps > 0.0 or other == vehicle):
                late_s[other] = (at_ms - due_ms(self.tour.legs[leg], start_ms, along_m)) / 1000.0
            elif start_ms is not None and drive is not None and not drive.retired and drive.finish_ms <= at_ms:
                in_ms = due_ms(self.tour.legs[leg], start_ms, self.tour.legs[leg].length_m)
                late_s[other] = (drive.finish_ms - in_ms) / 1000.0
        return late_s.get(vehicle, 0.0) - max(sorted(late_s.values())[len(late_s) // 2], 0.0) if late_s else 0.0

    def _who(self, vehicle: int) -> str:
        return f"seed {self.truth.field.seed} {self.tour.slug} car {self.tour.vehicles[vehicle].number}"


# Runs in which the network is the trouble


def rerouted(run: Run, when: Callable[[int, int], int | None]) -> Run:
    """The run with other times of receipt: `when(vehicle, received_ms)`, None = never."""
    rows = []
    for line, origin in zip(run.lines, run.truth.origins, strict=True):
        received_ms = when(origin.vehicle, int(str(line["received_at_ms"])))
        if received_ms is not None:
            rows.append((received_ms, line | {"received_at_ms": received_ms}, origin))
    rows.sort(key=lambda row: row[0])
    truth = replace(run.truth, origins=tuple(origin for _, _, origin in rows))
    return Run([line for _, line, _ in rows], truth)


def with_outage(run: Run, from_ms: int, minutes: int, *, kept: bool) -> Run:
    """Nothing arrives for some minutes; then what the phones kept, at once, or nothing of it."""
    to_ms = from_ms + minutes * 60_000
    return rerouted(run, lambda _, at_ms: at_ms if not from_ms <= at_ms < to_ms else to_ms if kept else None)


def with_backlog(run: Run, cars: int, from_ms: int, minutes: int) -> Run:
    """So many cars have no network for some minutes, and send all of it in the same half minute."""
    silent = set(run.truth.vehicles[:cars])
    to_ms = from_ms + minutes * 60_000

    def when(vehicle: int, at_ms: int) -> int:
        if vehicle not in silent or not from_ms <= at_ms < to_ms:
            return at_ms
        return to_ms + 30_000 * (at_ms - from_ms) // (to_ms - from_ms)

    return rerouted(run, when)
