"""`tracker replay FOLDER PINGS.jsonl`: a day's timing once more from its pings, without server and clock."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tracker.commands.progress import progress_bar
from tracker.commands.replay_alerts import AlertWatch
from tracker.core.calibration import Calibrator
from tracker.core.engine import Engine
from tracker.core.intake import admit
from tracker.core.model import Calibration, Device, Ping, Record, RecordKind, Refusal, Tour, VehicleView
from tracker.errors import TrackerError
from tracker.tourfiles import load_tour_folder

Line = dict[str, object]

REQUIRED = ("vehicle", "fix_time_ms", "received_at_ms", "lat", "lon")
NUMBERS = ("lat", "lon", "accuracy_m", "speed_mps", "bearing_deg", "battery_pct")
BAR_EVERY = 2000  # lines


class BadLine(TrackerError):
    """A line of the input that is no ping; the sentence names the line."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("replay", help="recompute a day's timing from its pings")
    parser.add_argument("folder", type=Path, help="the folder that holds tour.toml")
    parser.add_argument("pings", type=Path, help="one ping a line as JSON, in the order of arrival")
    parser.add_argument("--live", action="store_true", help="after each line, what a dashboard would show")
    parser.add_argument("--alerts", action="store_true", help="alerts as they are raised and cleared on the way")
    parser.add_argument("--skip-bad", action="store_true", help="leave out lines that are no pings, and count them")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the results as JSON lines; exit code 2 with the line number for input that cannot be used."""
    tour = load_tour_folder(args.folder)
    skipped = 0
    try:
        with args.pings.open(encoding="utf-8", errors="replace") as lines:
            for result in replay(tour, lines, args.live, args.skip_bad, progress_bar(), args.alerts):
                if isinstance(result, BadLine):
                    skipped += 1
                else:
                    print(json.dumps(result))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TrackerError(f"{args.pings}: {error.strerror}. Name a file with one ping a line.") from error
    if skipped:
        print(f"tracker replay: left out {skipped} lines that are no pings", file=sys.stderr)
    return 0


def _no_bar(_share: float) -> None:
    """In a pipe nobody looks."""


def replay(
    tour: Tour,
    lines: Iterable[str],
    live: bool = False,
    skip_bad: bool = False,
    progress: Callable[[float], None] = _no_bar,
    alerts: bool = False,
) -> Iterator[Line | BadLine]:
    """The results of a list of pings in arrival order: live lines, alerts, passages, totals and the digest.

    Raises BadLine at the first line that is no ping; with `skip_bad` it is yielded instead.
    """
    vehicles = {vehicle.number: index for index, vehicle in enumerate(tour.vehicles)}
    session = Session(tour)
    pings: list[tuple[int, Ping, int]] = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            pings.append(read_line(text, number, vehicles))
        except BadLine as bad:
            if not skip_bad:
                raise
            yield bad
    session.enter({(vehicle, ping.device or "") for vehicle, ping, _ in pings})
    watch = session.watch() if alerts else None
    for done, (vehicle, ping, received_at_ms) in enumerate(pings):
        if done % BAR_EVERY == 0:
            progress(done / len(pings))
        if watch is not None:
            yield from watch.until(received_at_ms)
        session.take(ping, received_at_ms)
        if watch is not None:
            yield from watch.emergencies(received_at_ms)
        if live:
            yield live_line(tour, session.view(vehicle))
    if watch is not None:
        yield from watch.finish()
    session.settle_clocks()
    progress(1.0)
    yield from session.results()


class Session:
    """An engine that is fed by hand. Device clocks are watched on the way, as the server does."""

    def __init__(self, tour: Tour) -> None:
        self._tour = tour
        self._engine = Engine(tour)
        self._calibrator = Calibrator()
        self._arrivals: list[tuple[int, int, str]] = []
        self._seq = 0
        self._watch: AlertWatch | None = None

    def enter(self, devices: set[tuple[int, str]]) -> None:
        """Make known the devices that will be heard, by vehicle; the roster's own need not be there."""
        names: dict[int, list[Device]] = {}
        for vehicle, name in sorted(devices):
            names.setdefault(vehicle, []).append(Device(name))
        self._tour = replace(
            self._tour,
            vehicles=tuple(
                replace(vehicle, devices=tuple(names.get(index, ())))
                for index, vehicle in enumerate(self._tour.vehicles)
            ),
        )
        self._engine = Engine(self._tour)

    def take(self, ping: Ping, received_at_ms: int) -> None:
        """One ping, as if it had just been journalled."""
        self._apply(RecordKind.PING, ping, received_at_ms)
        if ping.device is not None and ping.fix_time_ms is not None:
            self._arrivals.append((received_at_ms, ping.fix_time_ms, ping.device))
            found = self._calibrator.observe(ping.device, ping.fix_time_ms, received_at_ms)
            if found is not None:
                self._apply(RecordKind.CALIBRATION, found, received_at_ms)

    def _apply(self, kind: RecordKind, body: Ping | Calibration, at_ms: int) -> None:
        record = Record(self._number(), at_ms, kind, body)
        self._engine.apply(record)
        if self._watch is not None:
            self._watch.alerts.observe(record)

    def _number(self) -> int:
        self._seq += 1
        return self._seq

    def watch(self) -> AlertWatch:
        """From now on alerts are kept, too."""
        self._watch = AlertWatch(self._tour, self._engine, self._number)
        return self._watch

    @property
    def engine(self) -> Engine:
        """As far as it has been fed; what it owes is folded by `view`."""
        return self._engine

    def view(self, vehicle: int) -> VehicleView:
        while not self._engine.fold(10_000):
            pass
        return self._engine.view(vehicle)

    def settle_clocks(self) -> None:
        """Believe of every clock what the order of receipt says, should the lines be in another order."""
        calibrator = Calibrator()
        for received_at_ms, fix_time_ms, device in sorted(self._arrivals):
            calibrator.observe(device, fix_time_ms, received_at_ms)
        for device in sorted({device for _, _, device in self._arrivals}):
            if calibrator.error_ms(device) != self._calibrator.error_ms(device):
                self._apply(RecordKind.CALIBRATION, Calibration(device, calibrator.error_ms(device)), 0)

    def results(self) -> Iterator[Line]:
        """Passages, totals and the digest."""
        digest = self._engine.digest()
        tour = self._tour
        for index, vehicle in enumerate(tour.vehicles):
            for passage in self._engine.passages(index):
                checkpoint = tour.legs[passage.leg].checkpoints[passage.checkpoint]
                yield {
                    "type": "passage",
                    "vehicle": vehicle.number,
                    "leg": passage.leg + 1,
                    "checkpoint": passage.checkpoint,
                    "id": checkpoint.id,
                    "name": checkpoint.name,
                    "time_ms": passage.time_ms,
                    "earliest_ms": passage.earliest_ms,
                    "latest_ms": passage.latest_ms,
                    "depart_ms": passage.depart_ms,
                }
        for index, vehicle in enumerate(tour.vehicles):
            totals = self._engine.totals(index)
            yield {
                "type": "total",
                "vehicle": vehicle.number,
                "odometer_m": round(totals.odometer_m, 1),
                "course_m": round(totals.course_m, 1),
            }
        yield {"type": "digest", "sha256": digest}


def live_line(tour: Tour, view: VehicleView) -> Line:
    """What a dashboard would show for a vehicle at this moment."""
    return {
        "type": "live",
        "vehicle": tour.vehicles[view.vehicle].number,
        "time_ms": view.time_ms,
        "leg": None if view.leg is None else view.leg + 1,
        "along_m": _rounded(view.along_m),
        "offset_m": _rounded(view.offset_m),
        "status": view.status.word,
        "uncertain": view.uncertain,
        "along_min_m": _rounded(view.along_min_m),
        "along_max_m": _rounded(view.along_max_m),
    }


def _rounded(metres: float | None) -> float | None:
    return None if metres is None else round(metres, 1)


def read_line(text: str, number: int, vehicles: dict[str, int]) -> tuple[int, Ping, int]:
    """One input line: the vehicle's index, the ping and when it was received. Raises BadLine.

    A ping's device is named within its vehicle ("12/phone"), so that one phone may move between vehicles.
    """
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"line {number}: not JSON ({error}). Every line is one ping as a JSON object.") from error
    if not isinstance(line, dict):
        raise BadLine(f"line {number}: not a JSON object. Every line is one ping, in braces.")
    for name in REQUIRED:
        if name not in line:
            raise BadLine(f'line {number}: "{name}" is missing. A ping has {", ".join(REQUIRED)}.')
    vehicle = vehicles.get(str(line["vehicle"]))
    if vehicle is None:
        raise BadLine(f"line {number}: no vehicle {line['vehicle']!r} in the roster. Add it or correct the line.")
    for name in NUMBERS:
        value = line.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise BadLine(f'line {number}: "{name}" is {value!r}, not a number. Correct it or write null.')
    received_at_ms = _time(line, "received_at_ms", number)
    if received_at_ms is None:
        raise BadLine(f'line {number}: "received_at_ms" is null. It is when the server got the ping, in ms since 1970.')
    ping = Ping(
        device=f"{line['vehicle']}/{line.get('device') or line['vehicle']}",
        fix_time_ms=_time(line, "fix_time_ms", number),
        lat=line["lat"],
        lon=line["lon"],
        accuracy_m=line.get("accuracy_m"),
        speed_mps=line.get("speed_mps"),
        bearing_deg=line.get("bearing_deg"),
        sos=line.get("sos") is True,
        battery_pct=line.get("battery_pct"),
    )
    admitted = admit(ping, received_at_ms)
    if isinstance(admitted, Refusal):
        raise BadLine(f"line {number}: {admitted.reason} ({admitted.detail}). Correct the line or leave it out.")
    return vehicle, admitted, received_at_ms


def _time(line: dict[str, object], name: str, number: int) -> int | None:
    value = line[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise BadLine(f'line {number}: "{name}" is {value!r}, not a time in ms since 1970.')
    return round(value)
