"""`python -m tracker.bench.fanout_server`: a step's server, fed by an engine that only stamps its frames.

Prints the port on which it listens. The deltas move every vehicle there and back by the same differences, so the hub
folds real frames, while the making of frames (the engine's work) stays out of what is measured here. The frames'
`now_ms` holds nanoseconds, for the load client to read.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import time
from random import Random
from typing import Any

from tracker.bench.fanout_steps import STEPS
from tracker.bus.contract import frames_topic, wants_topic
from tracker.bus.memory import MemoryBus
from tracker.wire.audience import COLUMNS, NEVER_HEARD, T
from tracker.wire.frames import MOVED_BY, encode_delta, encode_snapshot, snapshot_body

Groups = dict[int, list[list[int]]]

TOUR = "bench"
EPOCH = 1
FIRST_SEQ = 1000  # from here to 65,535 msgpack needs three bytes, so that the stamp stays where it is
DIFFERENT_DELTAS = 64
RANGES = ((-250, 250), (-250, 250), (10, 30))  # of lat, lon, along
STAMP_OFFSET = 7  # array, kind, epoch, three of seq, the mark of a 64-bit integer


def about(vehicles: int) -> dict[str, Any]:
    """The unchanging part of a snapshot, about the size of a real roster's."""
    return {
        "tour": {"slug": TOUR, "name": "Bench", "zone": "UTC", "units": "km", "version": 1, "delay_s": 0},
        "base_ms": 0,
        "legs": [],
        "roster": {
            "number": [str(number) for number in range(vehicles)],
            "make": [f"Make {number % 23}" for number in range(vehicles)],
            "model": [f"Model {number * 7 % 61}" for number in range(vehicles)],
        },
    }


def there_and_back(vehicles: int) -> list[Groups]:
    """Deltas of which every second undoes the one before: every vehicle's next fix, some 25 m on.

    So many different ones that compression with a memory finds none of them again.
    """
    rng = Random(1)
    deltas: list[Groups] = []
    for _ in range(DIFFERENT_DELTAS // 2):
        east, north, along = ([rng.randint(low, high) for _ in range(vehicles)] for low, high in RANGES)
        there = [list(range(vehicles)), [10] * vehicles, east, north, along]
        back = [there[0], *([-value for value in column] for column in there[1:])]
        deltas += [{MOVED_BY: there}, {MOVED_BY: back}]
    return deltas


class StampingEngine:
    """Answers what the hub wants and publishes one stamped delta per beat."""

    def __init__(self, bus: MemoryBus, vehicles: int) -> None:
        self._bus = bus
        self._seq = FIRST_SEQ
        self._deltas = there_and_back(vehicles)
        columns = [list(column) for column in zip(*[(0, *NEVER_HEARD[T + 1 :])] * vehicles, strict=True)]
        self._body = snapshot_body(about(vehicles), COLUMNS, columns)

    async def run(self, rate: float) -> None:
        """Publish `rate` frames a second; 0 is silence."""
        if not rate:
            await asyncio.Event().wait()
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += 1 / rate
            await asyncio.sleep(due - loop.time())
            self._seq += 1
            delta = encode_delta(EPOCH, self._seq, time.time_ns(), self._deltas[self._seq % DIFFERENT_DELTAS])
            self._bus.publish(frames_topic(TOUR, "public"), delta)

    def on_want(self, _message: bytes) -> None:
        snapshot = encode_snapshot(EPOCH, self._seq, time.time_ns(), 1.0, self._body)
        self._bus.publish(frames_topic(TOUR, "public"), snapshot)


async def serve(step: str, rate: float, vehicles: int) -> None:
    bus = MemoryBus()
    engine = StampingEngine(bus, vehicles)
    await bus.subscribe(wants_topic(TOUR), engine.on_want, lambda: None)
    print(await STEPS[step](bus, TOUR), flush=True)
    await engine.run(rate)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--step", choices=STEPS, default="hub")
    parser.add_argument("--rate", type=float, default=5.0, help="frames a second; 0 = silence")
    parser.add_argument("--vehicles", type=int, default=205)
    args = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(serve(args.step, args.rate, args.vehicles))


if __name__ == "__main__":
    main()
