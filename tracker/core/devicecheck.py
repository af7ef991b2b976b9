"""The check list of the morning: how each device is doing, what is wrong with it, and what to do about it. Pure.

Everything comes from the journal's records, in their order. A device that was heard and whose clock, battery, rhythm
and positions are good has no problems.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from statistics import median

from tracker.core.calibration import LEFT_ALONE_MS, Calibrator
from tracker.core.freshness import Rhythm
from tracker.core.geo import distance_m
from tracker.core.model import Calibration, Freshness, Ping, Record

RECENT = 20  # accuracies that are judged
RECENT_MS = 10 * 60_000  # a device without a position for so long has none
ROUGH_M = 100.0
SLOW_MS = 90_000  # cards ask for 10 s; while parked, some phones wait for their heartbeat of 60 s
LOW_BATTERY_PCT = 20.0
JUMP_M, JUMP_MPS = 1000.0, 100.0  # no car does that; two phones with one card do it all the time
JUMPS = 6  # of the last RECENT fixes
MOCK_EVENT = "mock location"  # as the protocols call it


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a device, as a sentence without its name, and what to do."""

    kind: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """How a device is doing. None is what it never said, or what there is too little of to say."""

    device: str
    heard_at_ms: int | None
    fix_time_ms: int | None  # of its newest position, corrected for its clock
    accuracy_m: float | None
    battery_pct: float | None
    every_s: int | None
    mock: bool
    clock_error_s: int | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Heard:
    """What was heard of one device so far."""

    pings: int = 0
    heard_at_ms: int = 0
    fix_time_ms: int | None = None
    fix_heard_at_ms: int | None = None
    last: tuple[int, float, float] | None = None  # the fix that came last: its time and place
    jumps: deque[bool] = field(default_factory=lambda: deque(maxlen=RECENT))
    battery_pct: float | None = None
    mock: bool = False
    rhythm: Rhythm = field(default_factory=Rhythm)
    accuracies_m: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))

    def take(self, ping: Ping, stored_at_ms: int) -> None:
        self.pings += 1
        self.heard_at_ms = stored_at_ms
        if ping.battery_pct is not None:
            self.battery_pct = ping.battery_pct
        if ping.fix_time_ms is not None:
            self.rhythm.heard_fix(ping.fix_time_ms, stored_at_ms)
        if not ping.valid or ping.lat is None or ping.lon is None or ping.fix_time_ms is None:
            return
        here = ping.fix_time_ms, ping.lat, ping.lon
        self.jumps.append(self.last is not None and _jumped(self.last, here))
        self.last = here
        self.mock = ping.event == MOCK_EVENT
        self.fix_heard_at_ms = stored_at_ms
        self.fix_time_ms = max(ping.fix_time_ms, self.fix_time_ms or 0)
        if ping.accuracy_m is not None:
            self.accuracies_m.append(ping.accuracy_m)


class DeviceCheck:
    """Feed it the journal's records in order, then ask for the reports."""

    def __init__(self, devices: Iterable[str], boxes: Collection[str] = ()) -> None:
        self._boxes = boxes  # those that nobody can open an app on
        self._heard = {device: _Heard() for device in devices}
        self._calibrator = Calibrator()

    def observe(self, record: Record) -> None:
        """One record; devices that are not asked about are left alone."""
        body = record.body
        if isinstance(body, Calibration):
            self._calibrator.believed(body)
        elif isinstance(body, Ping) and body.device is not None and body.device in self._heard:
            self._heard[body.device].take(body, record.stored_at_ms)
            if body.fix_time_ms is not None and body.time_given:
                self._calibrator.observe(body.device, body.fix_time_ms, record.stored_at_ms)

    def reports(self, now_ms: int) -> list[DeviceReport]:
        """Every device as it is at `now_ms`, in the order in which they were named."""
        return [self._report(device, heard, now_ms) for device, heard in self._heard.items()]

    def _report(self, device: str, heard: _Heard, now_ms: int) -> DeviceReport:
        if not heard.pings:
            never = NEVER_BOX if device in self._boxes else NEVER
            return DeviceReport(device, None, None, None, None, None, mock=False, clock_error_s=None, problems=(never,))
        error_ms = self._calibrator.error_ms(device)
        accuracy_m = median(heard.accuracies_m) if heard.accuracies_m else None
        every_ms = heard.rhythm.every_ms if heard.pings > 1 else None
        return DeviceReport(
            device,
            heard.heard_at_ms,
            None if heard.fix_time_ms is None else heard.fix_time_ms - error_ms,
            accuracy_m,
            heard.battery_pct,
            None if every_ms is None else round(every_ms / 1000),
            heard.mock,
            round(error_ms / 1000),
            tuple(_problems(heard, accuracy_m, every_ms, error_ms, now_ms, box=device in self._boxes)),
        )


NEVER = Problem(
    "never",
    "has never been heard",
    "Scan its card again and switch tracking on; then look whether the phone has a network at all",
)


NEVER_BOX = Problem(
    "never",
    "has never been heard",
    "Look whether it has power, its SIM has data, and it knows this server's address and port",
)


def _jumped(before: tuple[int, float, float], here: tuple[int, float, float]) -> bool:
    apart_m = distance_m(*before[1:], *here[1:])
    return apart_m > JUMP_M and apart_m > JUMP_MPS * abs(here[0] - before[0]) / 1000


def _problems(
    heard: _Heard, accuracy_m: float | None, every_ms: float | None, error_ms: int, now_ms: int, *, box: bool
) -> Iterable[Problem]:
    arrivals = Rhythm(heard.heard_at_ms, heard.heard_at_ms, heard.rhythm.every_ms, heard=True)
    if arrivals.freshness(now_ms) is Freshness.SILENT:
        yield Problem(
            "silent",
            f"has been silent for {_duration(now_ms - heard.heard_at_ms)}",
            "Look whether it has power: boxes on the ignition sleep with it"
            if box
            else "Open the app: is tracking on? Allow location always, and take the app out of battery saving",
        )
    elif every_ms is not None and every_ms > SLOW_MS:
        yield Problem(
            "slow",
            f"speaks only every {_duration(round(every_ms))}",
            "Set its reporting interval to 10 s"
            if box
            else "Scan its card again, which sets 10 s, and take the app out of battery saving",
        )
    if heard.fix_heard_at_ms is None or heard.heard_at_ms - heard.fix_heard_at_ms > RECENT_MS:
        yield Problem(
            "no position",
            "is heard, but has no position",
            "Put it where it sees the sky, and allow the app the precise location",
        )
    elif heard.fix_time_ms is not None and heard.heard_at_ms - (heard.fix_time_ms - error_ms) > RECENT_MS:
        yield Problem(
            "old position",
            f"is heard, but its newest position is {_duration(now_ms - (heard.fix_time_ms - error_ms))} old",
            "If it comes out of a dead zone, wait: it sends in order. Else put it where it sees the sky",
        )
    elif accuracy_m is not None and accuracy_m > ROUGH_M:
        yield Problem(
            "rough",
            f"knows its place to {accuracy_m:.0f} m only",
            "Allow the app the precise location, switch GPS on, and move the phone away from metal",
        )
    if sum(heard.jumps) >= JUMPS:
        yield Problem(
            "twice",
            "is in two places at once",
            "Two phones have scanned this card: give the other one the card of its own car",
        )
    if heard.mock:
        yield Problem(
            "mock",
            "sends made-up positions",
            "Switch the mock location app off in the phone's developer options",
        )
    if heard.battery_pct is not None and heard.battery_pct <= LOW_BATTERY_PCT:
        yield Problem("battery", f"has {heard.battery_pct:.0f} % of battery left", "Plug it in")
    if abs(error_ms) >= LEFT_ALONE_MS:
        side = "ahead" if error_ms > 0 else "behind"
        yield Problem(
            "clock",
            f"has a clock that is {_duration(abs(error_ms))} {side}",
            "Set the phone's date and time to automatic; until then its times are corrected here",
        )


def _duration(ms: int) -> str:
    seconds = round(ms / 1000)
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
