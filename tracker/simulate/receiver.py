"""What a phone makes of the truth: GPS noise that drifts, outliers, gaps, a clock that is wrong, a battery.

Each axis is a first-order Gauss-Markov process: errors of neighbouring fixes are alike, those of minutes apart are
not. `accuracy_m` is the radius that holds 68 % of the fixes, as Android defines it (1.515 standard deviations of
one axis).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tracker.simulate.drive import Moment
from tracker.simulate.route import beside, moved
from tracker.simulate.sky import Sky

RADIUS_68 = 1.515  # of a circular Gaussian, in standard deviations of one axis
CORRELATION_S = 90.0
OUTLIER_RATE = 0.001
RESENT_RATE = 0.015
BATTERY_PCT_PER_H = 7.0
MIN_ACCURACY_M = 5.0
MAX_ACCURACY_M = 30.0
ASLEEP_AFTER_S = 900.0  # at rest this long outside the leg, a phone reports at a slower pace
ASLEEP_INTERVAL_S = 600


@dataclass(frozen=True, slots=True)
class Make:
    """What all phones of a run have in common: their noise, and what they say of a fix beside its place."""

    accuracy_m: float | None = None  # under an open sky; None: each has its own
    correlation_s: float = CORRELATION_S
    outlier_rate: float = OUTLIER_RATE
    tells_accuracy: bool = True
    tells_speed: bool = True
    tells_bearing: bool = True


USUAL = Make()


@dataclass(frozen=True, slots=True)
class Phone:
    """What is particular about one phone."""

    accuracy_m: float  # under an open sky
    clock_error_ms: int  # fix time minus true time
    ordered: bool  # sends oldest first and waits; some apps send each fix on its own
    charging: bool  # on the car's socket
    make: Make = USUAL

    @classmethod
    def drawn(cls, rng: Random, make: Make = USUAL) -> Phone:
        kind = rng.random()
        if kind < 0.78:  # stamps fixes with GPS time
            clock_error_ms = 0
        elif kind < 0.93:  # stamps them with its own clock, set by the network
            clock_error_ms = round(rng.gauss(0.0, 250.0))
        else:
            clock_error_ms = round(rng.choice((-1.0, 1.0)) * rng.uniform(12.0, 120.0)) * 1000
        accuracy_m = min(5.0 + rng.expovariate(1.0 / 2.5), 18.0)
        ordered, charging = rng.random() < 0.75, rng.random() < 0.85
        return cls(make.accuracy_m or accuracy_m, clock_error_ms, ordered, charging, make)


@dataclass(frozen=True, slots=True)
class Sample:
    """One fix of a phone. `true_ms` is when it was really taken, `online` whether there was a network."""

    true_ms: int
    fix_time_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None
    bearing_deg: float | None
    battery_pct: int
    charging: bool
    online: bool
    outlier: bool
    resent: bool  # the answer got lost, the phone sends it again
    sos: bool = False


class Receiver:
    """GPS and phone of one vehicle; ask it in the order of time."""

    def __init__(self, phone: Phone, sky: Sky, rng: Random) -> None:
        self.phone = phone
        self._sky = sky
        self._rng = rng
        self._east = rng.gauss(0.0, 1.0)
        self._north = rng.gauss(0.0, 1.0)
        self._level = 0.0
        self._at_ms: int | None = None
        self._lost_until_ms = 0
        self._offline_until_ms = 0
        self._wild = 0
        self._battery_pct = rng.uniform(80.0, 100.0)

    def sample(self, time_ms: int, truth: Moment, *, awake: bool) -> Sample | None:
        """What the phone says at a time, or None where it has no fix."""
        rng = self._rng
        gap_s = 0.0 if self._at_ms is None else (time_ms - self._at_ms) / 1000.0
        self._at_ms = time_ms
        self._drift(gap_s)
        drain_pct = gap_s / 3600.0 * (-20.0 if self.phone.charging or not awake else BATTERY_PCT_PER_H)
        self._battery_pct = min(max(self._battery_pct - drain_pct, 2.0), 100.0)
        if awake and time_ms >= self._lost_until_ms and rng.random() < 1.0 - math.exp(-gap_s / 16_000.0):
            self._lost_until_ms = time_ms + round(rng.uniform(60_000, 420_000))
        if time_ms < self._lost_until_ms:
            return None
        if time_ms >= self._offline_until_ms and rng.random() < 1.0 - math.exp(-gap_s / 5_000.0):
            self._offline_until_ms = time_ms + round(rng.uniform(15_000, 150_000))
        accuracy_m = self.phone.accuracy_m * self._sky.blur(truth.leg, truth.along_m) * math.exp(self._level)
        accuracy_m = min(max(accuracy_m, MIN_ACCURACY_M), MAX_ACCURACY_M)
        sigma_m = accuracy_m / RADIUS_68
        north_m = sigma_m * self._north + rng.gauss(0.0, 0.6)
        east_m = sigma_m * self._east + rng.gauss(0.0, 0.6)
        lat, lon = moved((truth.lat, truth.lon), north_m, east_m)
        outlier = self._is_outlier()
        if outlier:
            lat, lon = beside((lat, lon), rng.uniform(0.0, 360.0), rng.uniform(600.0, 8000.0), 0.0)
            accuracy_m = rng.uniform(300.0, 2500.0) if rng.random() < 0.5 else accuracy_m
        speed_mps, bearing_deg = self._motion(truth)
        return Sample(
            time_ms,
            time_ms + self.phone.clock_error_ms,
            round(lat, 7),
            round(lon, 7),
            round(accuracy_m * rng.uniform(0.9, 1.1), 1),
            speed_mps,
            bearing_deg,
            round(self._battery_pct),
            self.phone.charging or not awake,
            time_ms >= self._offline_until_ms and self._sky.online(truth.leg, truth.along_m, time_ms),
            outlier,
            rng.random() < RESENT_RATE,
        )

    def _drift(self, gap_s: float) -> None:
        rng = self._rng
        keep = math.exp(-gap_s / self.phone.make.correlation_s)
        fresh = math.sqrt(1.0 - keep * keep)
        self._east = keep * self._east + fresh * rng.gauss(0.0, 1.0)
        self._north = keep * self._north + fresh * rng.gauss(0.0, 1.0)
        slow = math.exp(-gap_s / 600.0)
        self._level = slow * self._level + math.sqrt(1.0 - slow * slow) * rng.gauss(0.0, 0.25)

    def _is_outlier(self) -> bool:
        """Outliers come alone, or two or three in a row."""
        if self._wild:
            self._wild -= 1
            return True
        if self._rng.random() < self.phone.make.outlier_rate:
            self._wild = self._rng.choice((0, 0, 0, 1, 2))
            return True
        return False

    def _motion(self, truth: Moment) -> tuple[float | None, float | None]:
        rng = self._rng
        if truth.speed_mps < 0.7:
            speed_mps = None if rng.random() < 0.3 else round(abs(rng.gauss(0.0, 0.35)), 2)
            return speed_mps, None if rng.random() < 0.6 else round(rng.uniform(0.0, 359.9), 1)
        speed_mps = round(max(truth.speed_mps + rng.gauss(0.0, 0.3), 0.0), 2)
        bearing = truth.bearing_deg + rng.gauss(0.0, 2.0 + 18.0 / truth.speed_mps)
        return speed_mps, None if rng.random() < 0.02 else round(bearing % 360.0, 1) % 360.0


def samples(
    at: Callable[[int], Moment],
    receiver: Receiver,
    from_ms: int,
    interval_s: int,
    awake: Callable[[int], bool],
    over: Callable[[int], bool],
    rng: Random,
) -> Iterator[Sample]:
    """The fixes of one phone from a time until its tour is over, on whole seconds as GPS has it.

    While not `awake` the phone reports now and then only, as it does at night.
    """
    time_ms = from_ms - from_ms % 1000 + rng.randrange(interval_s) * 1000
    while not over(time_ms):
        busy = awake(time_ms)
        sample = receiver.sample(time_ms, at(time_ms), awake=busy)
        if sample is not None:
            yield sample
        step_s = interval_s if busy else ASLEEP_INTERVAL_S
        time_ms += step_s * 1000 + (1000 if rng.random() < 0.1 else 0)
