"""Crews on two hubs at once, while engines come and go: one of them has it, and no step is lost."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import msgpack
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.guests import accept, decide, made
from tests.scaled.shape import TOUR, Shape, wait_for
from tests.serving import Server, fetch
from tracker.wire.desk import decode_desk

SOON_S = 20.0


def served_by(shape: Shape, hub: str) -> Server:
    part = shape.parts[hub]
    return Server(part.process, (), shape.folder, shape.tmp, part.port)


def signed_in(shape: Shape, hub: str, name: str) -> str:
    link = shape.tracker("invite", str(shape.folder), "--role", "crew", "--name", name).strip()
    _, headers, _ = accept(served_by(shape, hub), link.removeprefix(shape.url))
    return headers["set-cookie"].partition(";")[0]


def steps(shape: Shape, hub: str, cookie: str, alert: str) -> list[str]:
    """What the desk of a hub says now of an alert."""
    url = shape.parts[hub].url
    live = url.replace("http", "ws") + f"/live/{TOUR}/crew"
    with connect(live, additional_headers={"Cookie": cookie}, origin=Origin(url)) as page:
        while True:
            message = page.recv(timeout=SOON_S, decode=False)
            if msgpack.unpackb(message, strict_map_key=False)[0] == 3:
                alerts = decode_desk(message)[1]["alerts"]
                return [step[0] for each in alerts if each["id"] == alert for step in each["steps"]]


def until_steps(shape: Shape, hub: str, cookie: str, *expected: str) -> None:
    deadline = time.monotonic() + SOON_S
    while steps(shape, hub, cookie, "sos-5-1") != list(expected):
        assert time.monotonic() < deadline, shape.logs()
        time.sleep(0.1)


def leads(shape: Shape, engine: str) -> bool:
    metrics = fetch(shape.parts[engine].url + "/metrics")[1].decode()
    return any(line.startswith("milepost_engine_leads{") and line.endswith(" 1.0") for line in metrics.splitlines())


def test_two_crews_on_two_hubs_and_a_leader_that_is_killed(shape: Shape) -> None:
    token = next(
        row["token"]
        for row in json.loads(shape.tracker("devices", str(shape.folder), "--json"))
        if row["vehicle"] == "5"
    )
    query = f"id=5&lat=37.79165&lon=-122.41075&accuracy=5&timestamp={int(time.time())}&alarm=sos"
    assert fetch(f"{shape.parts['ingest1'].url}/in/osmand/{token}?{query}", b"")[0] == 200
    cookies = {"hub1": signed_in(shape, "hub1", "Ann"), "hub2": signed_in(shape, "hub2", "Ben")}
    time.sleep(2.5)  # the other hub knows who is signed in
    until_steps(shape, "hub1", cookies["hub2"], "raised")

    def take(hub: str, helper: str) -> dict[str, object]:
        body = made("alert", alert="sos-5-1", step="assigned", helper=helper)
        answer: dict[str, object] = decide(served_by(shape, hub), cookies[hub], body)[1]
        return answer

    with ThreadPoolExecutor() as at_once:
        answers = list(at_once.map(take, ("hub1", "hub2"), ("S1", "S2")))
    assert sorted(str(answer["outcome"]) for answer in answers) == ["counts", "taken"]
    winner = next(answer for answer in answers if answer["outcome"] == "counts")
    assert {answer["helper"] for answer in answers} == {winner["helper"]}
    leader = next(name for name in ("engine1", "engine2") if leads(shape, name))
    shape.parts[leader].kill()
    there = made("alert", alert="sos-5-1", step="on_scene")
    status, answer = decide(served_by(shape, "hub2"), cookies["hub2"], there)
    assert (status, answer["outcome"]) in ((200, "counts"), (200, "noted")), "nobody may lead for a moment"
    until_steps(shape, "hub1", cookies["hub1"], "raised", "assigned", "on_scene")
    assert decide(served_by(shape, "hub1"), cookies["hub2"], there)[1]["outcome"] == "counts", "sent again"
    assert steps(shape, "hub2", cookies["hub2"], "sos-5-1") == ["raised", "assigned", "on_scene"]
    shape.restart_part(leader)
    wait_for(shape.parts[leader].url + "/readyz")
