"""`python -m tracker.bench.ping_client`: phones on kept-alive connections, each waiting for its answer.

Reads a JSON object from standard input (`port`, `paths`, `connections`, `rate`, `seconds`, `warmup_s`) and writes one.
With a rate, pings are due at fixed times and their latency counts from then, so that a server that stalls cannot hide
its queue; with rate 0 every phone sends as soon as it is answered. Every ping has a fix time of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field

FIRST_FIX_MS = 1_700_000_000_000


@dataclass
class Load:
    """What all phones share."""

    rate: float
    measuring: bool = False
    stopped: bool = False
    sent: int = 0
    accepted: int = 0
    latencies_s: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    idle: deque[Phone] = field(default_factory=deque)
    due: deque[float] = field(default_factory=deque)


class Phone(asyncio.Protocol):
    """One connection. The request is Traccar Client's: a form body of some 130 bytes."""

    def __init__(self, load: Load, port: int, path: str) -> None:
        self._load = load
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: TraccarClient\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        ).encode()
        self._transport: asyncio.Transport | None = None
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._load.stopped:
            self._load.failures["connection lost"] += 1

    def send(self, since: float) -> None:
        load = self._load
        load.sent += 1
        number = load.sent
        body = (
            f"id=car&lat={38 + number % 9973 * 1e-5:.6f}&lon={-122 - number % 7919 * 1e-5:.6f}"
            f"&timestamp={FIRST_FIX_MS + number}&accuracy=5.0&altitude=436.0&speed=29.16"
            "&bearing=128.0&batt=83&charge=true"
        ).encode()
        self._since = since
        if self._transport is not None:
            self._transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))

    def data_received(self, data: bytes) -> None:
        load = self._load
        now = time.perf_counter()
        if not data.startswith(b"HTTP/1.1 200"):
            load.failures[data[:12].decode("latin-1")] += 1
        elif load.measuring:
            load.accepted += 1
            load.latencies_s.append(now - self._since)
        if load.stopped:
            return
        if not load.rate:
            self.send(now)
        elif load.due:
            self.send(load.due.popleft())
        else:
            load.idle.append(self)


async def keep_the_rate(load: Load) -> None:
    """Let pings fall due at the load's rate; whoever is idle sends them."""
    started = time.perf_counter()
    made = 0
    while not load.stopped:
        now = time.perf_counter()
        while started + made / load.rate <= now:
            due_at = started + made / load.rate
            made += 1
            if load.idle:
                load.idle.popleft().send(due_at)
            else:
                load.due.append(due_at)
        await asyncio.sleep(0.001)


async def run(order: dict[str, object]) -> dict[str, object]:
    port, paths = int(str(order["port"])), order["paths"]
    assert isinstance(paths, list)
    load = Load(rate=float(str(order["rate"])))
    loop = asyncio.get_running_loop()
    phones = []
    for number in range(int(str(order["connections"]))):
        path = str(paths[number % len(paths)])
        _, phone = await loop.create_connection(lambda path=path: Phone(load, port, path), "127.0.0.1", port)  # type: ignore[misc]
        phones.append(phone)
    if load.rate:
        load.idle.extend(phones)
        pace = asyncio.create_task(keep_the_rate(load))
    else:
        pace = None
        for phone in phones:
            phone.send(time.perf_counter())
    await asyncio.sleep(float(str(order["warmup_s"])))
    print("measuring", flush=True)
    load.measuring = True
    started = time.perf_counter()
    await asyncio.sleep(float(str(order["seconds"])))
    load.measuring = False
    elapsed_s = time.perf_counter() - started
    print("measured", flush=True)
    load.stopped = True
    if pace is not None:
        await pace
    await asyncio.sleep(0.2)
    latencies = sorted(load.latencies_s) or [0.0]
    return {
        "accepted": load.accepted,
        "accepted_per_s": load.accepted / elapsed_s,
        "ack_p50_ms": latencies[len(latencies) // 2] * 1000,
        "ack_p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
        "failures": dict(load.failures),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(sys.stdin.readline())))), flush=True)
