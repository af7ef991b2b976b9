"""Promise 1: a ping that was answered with success survives kill -9 at any instant, and counts once."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.sendings import Said, Sent, batched, journalled, morning, post_all, rebuilt_digest, said_in, tokens_of
from tests.serving import Server, free_port, serve
from tracker.tourfiles import load_tour_folder

CLOCK = ("--clock-start", "2027-04-27T13:00:00-07:00")  # after the last ping of all: none is from the future
VEHICLES = 16
PINGS = 1_600


@dataclass
class Fleet:
    """Phones that go on sending after every restart of their server, first of all what was not acknowledged."""

    folder: Path
    data: Path
    sent: list[Sent]
    acknowledged: set[Said] = field(default_factory=set)
    rng: Random = field(default_factory=lambda: Random(1))

    def __post_init__(self) -> None:
        self._tour = load_tour_folder(self.folder)
        self._tokens = tokens_of(self._tour, self.data)

    def waiting(self) -> list[list[Sent]]:
        """The next requests."""
        left = (ping for ping in self.sent if ping.said not in self.acknowledged)
        return batched(itertools.islice(left, 400), self.rng, largest=4)

    async def until_killed(self, command: Sequence[str] = (), kill_after_s: float | None = None) -> None:
        """Post to a server until it dies by itself, or of a SIGKILL a while after it began to answer."""
        port = free_port()
        plain = (sys.executable, "-m", "tracker", "serve", str(self.folder), "--data", str(self.data))
        arguments = [*command, *plain, "--port", str(port), *CLOCK]
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as process:  # noqa: ASYNC220 it starts at once
            server = Server(process, plain, self.folder, self.data, port)
            while process.poll() is None:
                answered = await post_all(server, self._tokens, self.waiting(), phones=4)
                self.acknowledged |= answered
                if answered and kill_after_s is not None:
                    asyncio.get_running_loop().call_later(kill_after_s, process.kill)
                    kill_after_s = None
                await asyncio.sleep(0.02)
                if len(self.acknowledged) == len(self.sent):  # nothing is left to say, and it lives
                    process.kill()

    async def nothing_is_lost(self) -> str:
        """Compare with the journal, send everything again, and compare once more: the digest."""
        kept = said_in(await journalled(self.data, self._tour.slug))
        assert self.acknowledged <= kept.keys()
        assert set(kept.values()) <= {1}
        everything = {ping.said for ping in self.sent}
        with serve(self.folder, self.data, *CLOCK) as server:
            assert await post_all(server, self._tokens, batched(self.sent, self.rng)) == everything
        records = await journalled(self.data, self._tour.slug)
        assert said_in(records) == dict.fromkeys(everything, 1)
        return rebuilt_digest(self._tour, records)


def dying_at(strace: str, flush: int) -> list[str]:
    """A command before the server's own: it is killed as its journal's n-th flush to disk begins."""
    inject = f"inject=fdatasync:signal=KILL:when={flush}"
    # -D: the server stays our own child. No --seccomp-bpf: with it strace 6.1 kills at the first flush or never.
    return [strace, "-D", "-f", "-qq", "-o", os.devnull, "-e", "trace=fdatasync", "-e", inject]


class Trial:
    """The same pings for a fleet whose servers are killed and for one whose server is not."""

    def __init__(self, folder: Path, tmp_path: Path, pings: int) -> None:
        sent = morning(load_tour_folder(folder), VEHICLES, pings)
        self.killed = Fleet(folder, tmp_path / "killed", sent)
        self.undisturbed = Fleet(folder, tmp_path / "undisturbed", sent)

    async def ends_well(self) -> None:
        acknowledged = len(self.killed.acknowledged)
        print(f"{acknowledged:,} of {len(self.killed.sent):,} pings were acknowledged before the last kill")
        assert 0 < acknowledged < len(self.killed.sent), "the servers died too early or too late to show anything"
        assert await self.killed.nothing_is_lost() == await self.undisturbed.nothing_is_lost()


async def test_acknowledged_pings_survive_sigkill_at_a_flush(
    demo_folder: Path, tmp_path: Path, program: Callable[..., str]
) -> None:
    """The first flushes make the tables, later ones carry pings."""
    trial = Trial(demo_folder, tmp_path, PINGS)
    for flush in (1, 4, 12, 24):
        await trial.killed.until_killed(dying_at(program("strace"), flush))
    await trial.ends_well()


async def test_acknowledged_pings_survive_sigkill_at_a_random_moment(demo_folder: Path, tmp_path: Path) -> None:
    trial = Trial(demo_folder, tmp_path, PINGS)
    for _ in range(2):
        await trial.killed.until_killed(kill_after_s=trial.killed.rng.uniform(0.0, 0.3))
    await trial.ends_well()


@pytest.mark.soak
async def test_acknowledged_pings_survive_sigkill_at_every_flush(
    demo_folder: Path, tmp_path: Path, program: Callable[..., str]
) -> None:
    trial = Trial(demo_folder, tmp_path, 40_000)
    for flush in range(1, 81):
        await trial.killed.until_killed(dying_at(program("strace"), flush))
    await trial.ends_well()


@pytest.mark.soak
async def test_acknowledged_pings_survive_sixty_kills(demo_folder: Path, tmp_path: Path) -> None:
    trial = Trial(demo_folder, tmp_path, 80_000)
    for _ in range(60):
        await trial.killed.until_killed(kill_after_s=trial.killed.rng.uniform(0.0, 1.0))
    await trial.ends_well()
