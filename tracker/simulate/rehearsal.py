"""A whole tour driven against a running server: truth, phones and the server's clock put together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tracker.core.model import Tour
from tracker.errors import TrackerError
from tracker.simulate.boxes import BOXES, Line
from tracker.simulate.drive import Phase
from tracker.simulate.encoders import SPEECHES, USUAL
from tracker.simulate.field import Field, generator
from tracker.simulate.phones import Phones, Posting, new_session, read_clock
from tracker.simulate.receiver import Phone, Receiver
from tracker.simulate.scenario import sky_of, spread, vehicle_samples
from tracker.simulate.script import BY_CHANCE, Script

LEAST_INTERVAL_S = 10
STANDING_MPS = 0.5


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What to drive, and how fast. `tokens` are those of the devices, `interval_s` None for a sensible one."""

    tour: Tour
    url: str
    tokens: Mapping[str, str]
    speed: float
    seed: int
    vehicles: int | None = None  # so many of the field; None: all, support included
    interval_s: int | None = None
    mix: bool = False  # every app that people have, instead of one
    script: Script = BY_CHANCE
    streams: Mapping[str, int] = field(default_factory=dict)  # ports at which devices with an IMEI speak as boxes


def sensible_interval_s(speed: float) -> int:
    """Ten seconds as phones do; at a high speed so rarely that one car posts about twice a real second."""
    return max(LEAST_INTERVAL_S, math.ceil(speed / 20.0) * 10)


def chosen_vehicles(tour: Tour, count: int | None) -> Sequence[int]:
    """The whole field, or so many participants."""
    if count is None:
        return range(len(tour.vehicles))
    return spread(tour, count)


async def drive_tour(rehearsal: Rehearsal, say: Callable[[str], None]) -> None:
    """Drive from whatever time it is at the server to the end of the tour. Raises TrackerError with a sentence."""
    tour = rehearsal.tour
    async with new_session() as session:
        clock = await read_clock(session, rehearsal.url, rehearsal.speed)
        field = Field(tour, rehearsal.seed, rehearsal.script.mishaps, rehearsal.script)
        chosen = chosen_vehicles(tour, rehearsal.vehicles)
        from_ms = max(clock.now_ms(), field.begin_ms)
        postings = _postings(rehearsal, field, chosen, from_ms)
        if all(field.over(vehicle, from_ms) for vehicle in chosen):
            raise TrackerError(
                f"it is {_when(tour, from_ms)} at the server, and the tour is over. `tracker redate` moves it to other "
                "dates; `tracker serve --clock-start` begins at another time"
            )
        if from_ms > clock.now_ms():
            say(f"It is {_when(tour, clock.now_ms())} at the server; the first phones wake on {_when(tour, from_ms)}.")
        phones = Phones(session, clock, postings, say, lambda now_ms: describe(field, chosen, now_ms))
        try:
            await phones.run()
        except* TrackerError as errors:
            raise errors.exceptions[0] from None
        say(f"The tour is over; {phones.tally.sent:,} sent.")


def _postings(rehearsal: Rehearsal, field: Field, chosen: Sequence[int], from_ms: int) -> list[Posting]:
    tour = rehearsal.tour
    sky = sky_of(tour, rehearsal.seed, rehearsal.script)
    interval_s = rehearsal.interval_s or sensible_interval_s(rehearsal.speed)
    speeches = [*SPEECHES.values()] if rehearsal.mix else [USUAL]
    boxes = [BOXES[name] for name in rehearsal.streams]
    host, turns = urlsplit(rehearsal.url).hostname or "127.0.0.1", count()
    postings: list[Posting] = []
    for vehicle in chosen:
        for device in tour.vehicles[vehicle].devices:
            token = rehearsal.tokens.get(device.name)
            if token is None:
                raise TrackerError(
                    f"the server has no device {device.name!r} of vehicle {tour.vehicles[vehicle].number}. "
                    "Give the folder and the data folder of the running server"
                )
            rng = generator(rehearsal.seed, device.name, "phone")
            receiver = Receiver(Phone.drawn(rng), sky, rng)
            coming = vehicle_samples(field, vehicle, receiver, from_ms, interval_s, rng)
            posting = Posting(rehearsal.url, token, device.name, coming, speeches[len(postings) % len(speeches)])
            if device.imei is not None and boxes:
                box = boxes[next(turns) % len(boxes)]
                posting.line = Line(host, rehearsal.streams[box.protocol], device.imei, box)
            postings.append(posting)
    return postings


def describe(field: Field, chosen: Sequence[int], now_ms: int) -> str:
    """Where the field is: "Mon 26 Apr 10:42, leg 1: 61 driving, 5 standing, 8 not under way"."""
    tour = field.tour
    driving = standing = 0
    leg = 0
    for vehicle in chosen:
        moment = field.at(vehicle, now_ms)
        leg = max(leg, moment.leg)
        if moment.phase is Phase.RUNNING:
            driving += moment.speed_mps >= STANDING_MPS
            standing += moment.speed_mps < STANDING_MPS
    resting = len(chosen) - driving - standing
    return f"{_when(tour, now_ms)}, leg {leg + 1}: {driving} driving, {standing} standing, {resting} not under way"


def _when(tour: Tour, time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, ZoneInfo(tour.timezone)):%a %d %b %Y %H:%M}"
