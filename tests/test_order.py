"""Promise 2: any order, duplication and batching of the same pings, and any restarts, end in the same digest."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.sendings import Sent, batched, journalled, live_digest, morning, post_all, rebuilt_digest, tokens_of
from tests.serving import serve
from tracker.tourfiles import load_tour_folder

RESTARTS = 3
REPEATED = 0.2  # so many of the pings are sent again, now or after a restart
CLOCK = ("--clock-start", "2027-05-10T08:00:00-07:00")  # all of it is long ago: no phone looks live, as in a backlog


async def digests(
    folder: Path, data: Path, turns: list[list[Sent]], rng: Random, largest_batch: int = 40
) -> tuple[str, str]:
    """Let servers take turns over the pings, every other one dying of SIGKILL: the journal's digest, the engine's."""
    tour = load_tour_folder(folder)
    tokens = tokens_of(tour, data)
    for number, sent in enumerate(turns, 1):
        with serve(folder, data, *CLOCK) as server:
            requests = batched(sent, rng, largest_batch)
            assert await post_all(server, tokens, requests) == {ping.said for ping in sent}
            if number < len(turns) and number % 2:
                server.process.kill()
    return rebuilt_digest(tour, await journalled(data, tour.slug)), await live_digest(tour, data)


async def any_order_gives_the_same(folder: Path, tmp_path: Path, vehicles: int, count: int, seeds: range) -> None:
    sent = morning(load_tour_folder(folder), vehicles, count)
    in_order, live = await digests(folder, tmp_path / "in order", [sent], Random(0), largest_batch=1)
    assert in_order == live
    for seed in seeds:
        rng = Random(seed)
        shuffled = [*sent, *rng.sample(sent, int(REPEATED * count))]
        rng.shuffle(shuffled)
        share = -(-len(shuffled) // (RESTARTS + 1))
        turns = [shuffled[at : at + share] for at in range(0, len(shuffled), share)]
        assert await digests(folder, tmp_path / str(seed), turns, rng) == (in_order, in_order)


async def test_any_order_gives_the_same_digest(demo_folder: Path, tmp_path: Path) -> None:
    await any_order_gives_the_same(demo_folder, tmp_path, vehicles=12, count=900, seeds=range(1, 2))


@pytest.mark.soak
async def test_any_order_of_a_whole_morning_gives_the_same_digest(demo_folder: Path, tmp_path: Path) -> None:
    await any_order_gives_the_same(demo_folder, tmp_path, vehicles=74, count=6_000, seeds=range(1, 4))
