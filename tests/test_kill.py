"""Promise 1: a ping that was answered with success survives kill -9 at any instant, and counts once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from tests.serving import Server, serve

START = "2027-04-26T08:00:00-07:00"
START_MS = int(datetime.fromisoformat(START).timestamp() * 1000)
PHONES = 8
KILLS = 3
ACKNOWLEDGED_BEFORE_KILL = 150

Said = tuple[str, int]  # device, fix time


class Phone:
    """A phone that posts a ping every moment, each with a new time, and remembers what was answered."""

    def __init__(self, row: dict[str, Any], number: int) -> None:
        self.device: str = row["device"]
        self.token: str = row["token"]
        self.sent: list[dict[str, float]] = []
        self.acknowledged: list[Said] = []
        self._number = number

    async def post_until_the_server_dies(self, session: aiohttp.ClientSession, server: Server) -> None:
        while True:
            fix_time_ms = START_MS + len(self.sent) * 1000
            self.sent.append({"lat": 37.79 + self._number * 1e-3, "lon": -122.41, "fix_time_ms": fix_time_ms})
            try:
                await self.post(session, server, self.sent[-1:])
            except aiohttp.ClientError:
                return
            self.acknowledged.append((self.device, fix_time_ms))

    async def post(self, session: aiohttp.ClientSession, server: Server, pings: list[dict[str, float]]) -> None:
        async with session.post(f"{server.url}/in/pings/{self.token}", json=pings) as answer:
            assert answer.status == HTTPStatus.OK
            await answer.read()


def exported(server: Server) -> Counter[Said]:
    """Every journalled ping and how often it is there."""
    lines = server.tracker("export", str(server.folder), "--data", str(server.data), "pings").splitlines()
    pings = [json.loads(line) for line in lines]
    return Counter((ping["device"], ping["fix_time_ms"]) for ping in pings)


async def test_acknowledged_pings_survive_sigkill_and_count_once(demo_folder: Path, tmp_path: Path) -> None:
    phones: list[Phone] = []
    options = ("--clock-start", START, "--clock-rate", "1")
    for kill in range(1, KILLS + 1):
        with serve(demo_folder, tmp_path, *options) as server:
            phones = phones or [Phone(row, i) for i, row in enumerate(server.devices()[:PHONES])]
            async with aiohttp.ClientSession() as session:
                posting = [asyncio.create_task(phone.post_until_the_server_dies(session, server)) for phone in phones]
                while sum(len(phone.acknowledged) for phone in phones) < kill * ACKNOWLEDGED_BEFORE_KILL:
                    await asyncio.sleep(0.01)
                    assert not any(task.done() for task in posting)
                server.process.kill()
                await asyncio.gather(*posting)

    acknowledged = {said for phone in phones for said in phone.acknowledged}
    with serve(demo_folder, tmp_path, *options) as server:
        after_the_kills = exported(server)
        assert acknowledged <= after_the_kills.keys()
        assert set(after_the_kills.values()) == {1}

        # A phone that got no answer sends again, and may send all of it again.
        async with aiohttp.ClientSession() as session:
            for phone in phones:
                await phone.post(session, server, phone.sent)
        everything = {(phone.device, int(ping["fix_time_ms"])) for phone in phones for ping in phone.sent}
        assert exported(server) == Counter(everything)
