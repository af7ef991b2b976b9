"""A whole run at once: the pings of a few vehicles in the order of arrival, and the truth behind them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from tracker.core.geo import bearing_deg, distance_m
from tracker.core.model import Tour
from tracker.simulate.drive import Drive, Moment
from tracker.simulate.field import Field, generator
from tracker.simulate.mishaps import EVENTFUL, Mishaps
from tracker.simulate.receiver import USUAL, Make, Phone, Receiver, Sample, samples
from tracker.simulate.script import BY_CHANCE, Script
from tracker.simulate.sky import Sky, leg_sky

Line = dict[str, object]  # one line of the form that `tracker replay` reads


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line comes from: vehicle (index), when its fix was really taken, and how wrong it is.

    `ahead_m` is how far ahead of the vehicle, along its direction, the fix lies: what nobody can know.
    """

    vehicle: int
    true_ms: int
    outlier: bool
    ahead_m: float


@dataclass(frozen=True)
class Truth:
    """What really happened. `origins` runs beside the lines."""

    tour: Tour
    field: Field
    vehicles: tuple[int, ...]
    phones: dict[int, tuple[Phone, ...]]
    origins: tuple[Origin, ...]

    def at(self, vehicle: int, time_ms: float) -> Moment:
        return self.field.at(vehicle, time_ms)

    def drives(self, vehicle: int) -> list[Drive]:
        """The vehicle's drives, leg by leg, as far as it got."""
        found = (self.field.drive(vehicle, leg) for leg in range(len(self.tour.legs)))
        return [drive for drive in found if drive is not None]


@dataclass(frozen=True)
class Run:
    lines: list[Line]
    truth: Truth


def sky_of(tour: Tour, seed: int, script: Script = BY_CHANCE) -> Sky:
    """The dead zones and canyons of a tour, by chance and by the script."""
    legs = [leg_sky(leg, generator(seed, "sky", index)) for index, leg in enumerate(tour.legs)]
    scripted = [replace(leg, dead=leg.dead + script.dead_zones.get(index, ())) for index, leg in enumerate(legs)]
    return Sky(scripted, script.outages)


def spread(tour: Tour, count: int) -> tuple[int, ...]:
    """So many participants, evenly over the start order."""
    field = [i for i, vehicle in enumerate(tour.vehicles) if vehicle.start_order is not None]
    count = min(count, len(field))
    return tuple(field[i * len(field) // count] for i in range(count))


def make_run(
    tour: Tour,
    seed: int,
    vehicles: int | Sequence[int] = 8,
    interval_s: int = 10,
    mishaps: Mishaps = EVENTFUL,
    script: Script = BY_CHANCE,
    make: Make = USUAL,
    phones_each: int = 1,
) -> Run:
    """Drive the tour with some of its vehicles: so many participants, or the ones with these indices."""
    chosen = spread(tour, vehicles) if isinstance(vehicles, int) else tuple(vehicles)
    field = Field(tour, seed, mishaps, script)
    sky = sky_of(tour, seed, script)
    phones: dict[int, tuple[Phone, ...]] = {}
    arrivals: list[tuple[int, int, int, int, Sample]] = []
    for vehicle in chosen:
        device = tour.vehicles[vehicle].devices[0].name
        generators = [generator(seed, device, "phone", *([number] if number else [])) for number in range(phones_each)]
        phones[vehicle] = tuple(Phone.drawn(rng, make) for rng in generators)
        for number, (phone, rng) in enumerate(zip(phones[vehicle], generators, strict=True)):
            taken = vehicle_samples(field, vehicle, Receiver(phone, sky, rng), field.begin_ms, interval_s, rng)
            for order, (received_at_ms, sample) in enumerate(_received(taken, phone, rng)):
                arrivals.append((received_at_ms, vehicle, number, order, sample))
    arrivals.sort(key=lambda arrival: arrival[:4])
    lines = [
        _line(tour, vehicle, number, make, received_at_ms, sample)
        for received_at_ms, vehicle, number, _, sample in arrivals
    ]
    origins = tuple(_origin(field, vehicle, sample) for _, vehicle, _, _, sample in arrivals)
    return Run(lines, Truth(tour, field, chosen, phones, origins))


def vehicle_samples(
    field: Field, vehicle: int, receiver: Receiver, from_ms: int, interval_s: int, rng: Random
) -> Iterator[Sample]:
    """The fixes of one vehicle's phone from a time to the end of its tour. A call is the next fix after it."""
    calls_ms = deque(time_ms for time_ms in field.calls_ms(vehicle) if time_ms >= from_ms)
    for sample in samples(
        lambda time_ms: field.carried(vehicle, time_ms),
        receiver,
        from_ms,
        interval_s,
        lambda time_ms: field.awake(vehicle, time_ms),
        lambda time_ms: field.over(vehicle, time_ms),
        rng,
    ):
        calls = bool(calls_ms) and sample.true_ms >= calls_ms[0]
        if calls:
            calls_ms.popleft()
        yield replace(sample, sos=True) if calls else sample


def _received(taken: Iterator[Sample], phone: Phone, rng: Random) -> Iterator[tuple[int, Sample]]:
    """When each fix reaches the server: at once, late after a dead zone, sometimes twice."""
    backlog: list[Sample] = []
    line_free_ms = 0
    for sample in taken:
        if not sample.online:
            backlog.append(sample)
            continue
        back_ms = sample.true_ms + round(rng.uniform(1_000, 20_000)) if backlog else sample.true_ms
        again = len(backlog) > 3 and rng.random() < 0.15  # the answer was lost: the whole lot once more
        for late in backlog:
            if phone.ordered:
                line_free_ms = max(line_free_ms + round(rng.uniform(30, 110)), back_ms)
                at_ms = line_free_ms
            else:
                at_ms = back_ms + round(rng.uniform(0, 45_000))
            yield at_ms, late
            if again:
                yield at_ms + 40_000, late
        backlog.clear()
        at_ms = sample.true_ms + _network_ms(rng)
        if phone.ordered:
            at_ms = line_free_ms = max(at_ms, line_free_ms + 30)
        yield at_ms, sample
        if sample.resent:
            yield at_ms + round(rng.uniform(1_000, 40_000)), sample
    for late in backlog:
        yield late.true_ms + 600_000, late


def _network_ms(rng: Random) -> int:
    """A mobile network: a third of a second as a rule, now and then half a minute."""
    if rng.random() < 0.01:
        return round(rng.uniform(3_000, 30_000))
    return round(min(max(rng.lognormvariate(-1.05, 0.5), 0.08), 5.0) * 1000.0)


def _origin(field: Field, vehicle: int, sample: Sample) -> Origin:
    here = field.at(vehicle, sample.true_ms)
    there = (sample.lat, sample.lon)
    off_deg = bearing_deg(here.lat, here.lon, *there) - here.bearing_deg
    ahead_m = distance_m(here.lat, here.lon, *there) * math.cos(math.radians(off_deg))
    return Origin(vehicle, sample.true_ms, sample.outlier, ahead_m)


def _line(tour: Tour, vehicle: int, number: int, make: Make, received_at_ms: int, sample: Sample) -> Line:
    entry = tour.vehicles[vehicle]
    device = entry.devices[0].name
    line: Line = {
        "vehicle": entry.number,
        "device": f"{device}-{number + 1}" if number else device,
        "fix_time_ms": sample.fix_time_ms,
        "received_at_ms": received_at_ms,
        "lat": sample.lat,
        "lon": sample.lon,
        "accuracy_m": sample.accuracy_m if make.tells_accuracy else None,
        "speed_mps": sample.speed_mps if make.tells_speed else None,
        "bearing_deg": sample.bearing_deg if make.tells_bearing else None,
        "battery_pct": sample.battery_pct,
    }
    return line | {"sos": True} if sample.sos else line
