"""The scaled shape under faults: kill, stop and restart any part; nothing acknowledged is lost, pages come right."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
from websockets.sync.client import connect

from tests.breakfast import NEW_CAR, change, heard, new_car_is_heard, page_shows_it
from tests.scaled.devices import Phones
from tests.scaled.shape import TOUR, Shape
from tests.serving import fetch
from tracker.wire.frames import FeedState

PAGES_RIGHT_WITHIN_S = 10.0  # what is promised; in a quiet minute it takes three
DEVICE_WAITS_AT_MOST_S = 2.5  # 2 s of promise, and what this busy machine adds


def kept(shape: Shape, acknowledged: set[tuple[str, int]]) -> None:
    """Every acknowledged ping is in the journal, once."""
    lines = shape.tracker("export", str(shape.folder), "pings").splitlines()
    stored = Counter((row["device"], row["fix_time_ms"]) for row in map(json.loads, lines))
    assert acknowledged <= set(stored)
    assert max(stored.values()) == 1


def newest_fix_ms(shape: Shape, hub: str) -> int:
    """The newest fix that a hub shows of any vehicle; 0 while it shows none."""
    try:
        status, body = fetch(f"{shape.parts[hub].url}/api/v1/tours/{TOUR}/vehicles")
    except OSError:
        return 0
    return max((vehicle["fix_time_ms"] or 0 for vehicle in json.loads(body)), default=0) if status == 200 else 0


def pages_come_right(shape: Shape, since_ms: int) -> None:
    """Both hubs show fixes younger than an instant, soon."""
    deadline = time.monotonic() + PAGES_RIGHT_WITHIN_S
    while time.monotonic() < deadline:
        if min(newest_fix_ms(shape, "hub1"), newest_fix_ms(shape, "hub2")) > since_ms:
            return
        time.sleep(0.1)
    raise AssertionError(f"the pages do not follow\n{shape.logs()}")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_pings_through_the_proxy_reach_a_page_of_every_hub(shape: Shape) -> None:
    with Phones(shape) as phones:
        pages_come_right(shape, now_ms())
    time.sleep(2)
    states = []
    for hub in ("hub1", "hub2"):
        with connect(shape.parts[hub].url.replace("http", "ws") + f"/live/{TOUR}") as page:
            state = FeedState()
            state.fold(page.recv(decode=False))
            states.append(state)
    assert states[0].columns == states[1].columns
    with connect(shape.url.replace("http", "ws") + f"/live/{TOUR}") as page:
        assert FeedState().fold(page.recv(decode=False)).name == "ANEW"
    kept(shape, phones.acknowledged)


@pytest.mark.parametrize("part", ["ingest1", "engine1", "engine2", "hub1"])
def test_any_process_may_be_killed(shape: Shape, part: str) -> None:
    with Phones(shape) as phones:
        time.sleep(1)
        shape.parts[part].kill()
        killed_ms = now_ms()
        if part == "hub1":
            shape.restart_part(part)
        pages_come_right(shape, killed_ms)
    if part != "hub1":
        shape.restart_part(part)
    shape.ready(part)
    kept(shape, phones.acknowledged)


def test_a_leader_that_was_paused_steps_down(shape: Shape) -> None:
    """SIGSTOP is the cruellest: it comes back believing that it leads."""
    with Phones(shape) as phones:
        time.sleep(1)
        for engine in ("engine1", "engine2"):  # one of them leads
            shape.parts[engine].signal(signal.SIGSTOP)
            pages_come_right(shape, now_ms())
            shape.parts[engine].signal(signal.SIGCONT)
            pages_come_right(shape, now_ms())
    kept(shape, phones.acknowledged)


def test_a_tour_that_changes_at_breakfast_is_taken_by_every_process(shape: Shape) -> None:
    hubs = [shape.parts[name].url for name in ("hub1", "hub2")]
    with Phones(shape) as phones:
        change(shape.folder)
        shape.tracker("import", str(shape.folder))
        for hub in hubs:
            page_shows_it(hub, TOUR)
        rows = json.loads(shape.tracker("devices", str(shape.folder), "--json"))
        (token,) = (row["token"] for row in rows if row["vehicle"] == NEW_CAR)
        new_car_is_heard(hubs, [shape.parts[name].url for name in ("ingest1", "ingest2")], TOUR, token)
        for engine in ("engine1", "engine2"):  # the standby took it too
            shape.parts[engine].kill()
            pages_come_right(shape, now_ms())
            assert all(heard(hub, TOUR) for hub in hubs)
            shape.restart_part(engine)
            shape.ready(engine)
    kept(shape, phones.acknowledged)


def redis_comes_back_empty(shape: Shape) -> None:
    shape.redis.kill()
    time.sleep(1)
    shape.redis.start()


def redis_hangs(shape: Shape) -> None:
    assert shape.redis.process is not None
    shape.redis.process.send_signal(signal.SIGSTOP)
    time.sleep(5)
    shape.redis.process.send_signal(signal.SIGCONT)


def postgres_restarts(shape: Shape) -> None:
    shape.postgres.stop("immediate")
    time.sleep(1)
    shape.postgres.start()


@pytest.mark.parametrize("fault", [redis_comes_back_empty, redis_hangs, postgres_restarts])
def test_redis_and_postgresql_may_fail(shape: Shape, fault: Callable[[Shape], None]) -> None:
    with Phones(shape) as phones:
        time.sleep(1)
        fault(shape)
        pages_come_right(shape, now_ms())
    assert phones.slowest_s < DEVICE_WAITS_AT_MOST_S
    kept(shape, phones.acknowledged)
    assert "Traceback" not in shape.logs()
