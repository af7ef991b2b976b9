"""Deciding by hand on a real server: who may what, what it answers, and that it counts once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import msgpack
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.guests import sign_in
from tests.serving import Server, fetch, serve
from tracker.commands.demo import FOLDER
from tracker.wire.desk import decode_desk

TOUR = "california-mille"
DECISIONS = f"/api/v1/tours/{TOUR}/decisions"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(FOLDER, tmp_path_factory.mktemp("data"), "--clock-start", "2027-04-26T08:30:00-07:00") as server:
        yield server


@pytest.fixture(scope="module")
def cookies(server: Server) -> dict[str, str]:
    return {role: sign_in(server, role, f"Ann {role}") for role in ("crew", "marshal", "organiser")}


def post(server: Server, cookie: str | None, body: object, **headers: str | None) -> tuple[int, Any]:
    """Decide as our own page does; the status and what the answer says."""
    given: dict[str, str | None] = {"Content_Type": "application/json", "Origin": server.url, "Cookie": cookie}
    named = {k.replace("_", "-"): v for k, v in (given | headers).items() if v is not None}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", DECISIONS, body if isinstance(body, bytes) else json.dumps(body).encode(), named)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def made(decision: str, **fields: object) -> dict[str, object]:
    return {"id": str(uuid4()), "decision": decision} | fields


def crew_feed(server: Server, cookie: str) -> ClientConnection:
    url = f"ws://127.0.0.1:{server.port}/live/{TOUR}/crew"
    return connect(url, additional_headers={"Cookie": cookie}, origin=Origin(server.url))


def desk(page: ClientConnection, within_s: float = 10.0) -> dict[str, Any]:
    """The next desk message on a crew feed."""
    deadline = time.monotonic() + within_s
    while True:
        message = page.recv(timeout=deadline - time.monotonic(), decode=False)
        if msgpack.unpackb(message, strict_map_key=False)[0] == 3:
            return decode_desk(message)[1]


def sos(server: Server, vehicle: str, at_s: int = 1808753400) -> None:
    token = next(row["token"] for row in server.devices() if row["vehicle"] == vehicle)
    query = f"id={vehicle}&lat=37.79165&lon=-122.41075&accuracy=5&timestamp={at_s}&alarm=sos"
    assert fetch(f"{server.url}/in/osmand/{token}?{query}", b"")[0] == 200


def test_two_crews_tap_at_once_and_the_first_one_has_it(server: Server, cookies: dict[str, str]) -> None:
    with crew_feed(server, cookies["crew"]) as page:
        assert desk(page)["alerts"] == [], "the desk comes with the snapshot"
        sos(server, "1")
        while not (alerts := desk(page)["alerts"]):
            pass
        assert [(alert["id"], alert["state"], alert["vehicle"]) for alert in alerts] == [("sos-1-1", "raised", 0)]
        first = made("alert", alert="sos-1-1", step="assigned", helper="S3")
        status, answer = post(server, cookies["crew"], first)
        assert (status, answer["outcome"], answer["helper"]) == (200, "counts", "S3")
        second = made("alert", alert="sos-1-1", step="assigned", helper="S4")
        status, answer = post(server, cookies["organiser"], second)
        assert (status, answer["outcome"], answer["who"], answer["helper"]) == (200, "taken", "Ann crew", "S3")
        status, answer = post(server, cookies["crew"], first)
        assert (status, answer["outcome"]) == (200, "counts"), "sent again, counts once"
        while (alert := desk(page)["alerts"][0])["state"] != "assigned":
            pass
        assert [step[0] for step in alert["steps"]] == ["raised", "assigned"]
        relieved = second | {"id": str(uuid4()), "instead_of": "S3"}
        assert post(server, cookies["organiser"], relieved)[1]["outcome"] == "counts"
        assert post(server, cookies["crew"], made("undo", of=relieved["id"]))[1]["outcome"] == "not_allowed"
        assert post(server, cookies["organiser"], made("undo", of=relieved["id"]))[1]["outcome"] == "counts"
        assert post(server, cookies["organiser"], made("undo", of=relieved["id"]))[1]["outcome"] == "over"
        assert post(server, cookies["crew"], made("undo", of="nobody-knows"))[1]["outcome"] == "unknown"
        done = made("alert", alert="sos-1-1", step="resolved")
        assert post(server, cookies["crew"], done)[1]["outcome"] == "counts"
        while (alert := desk(page)["alerts"][0])["closed_ms"] < 0:
            pass
        assert [step[0] for step in alert["steps"]] == ["raised", "assigned", "resolved"]
        assert post(server, cookies["crew"], made("alert", alert="sos-1-1", step="on_scene"))[1]["outcome"] != "counts"
        assert post(server, cookies["crew"], made("undo", of=done["id"]))[1]["outcome"] == "counts"
        while (alert := desk(page)["alerts"][0])["closed_ms"] >= 0:
            pass
        assert alert["state"] == "assigned", "and open again"
    log = server.tracker("invite", str(FOLDER), "--data", str(server.data), "--log")
    assert "decided alert alert sos-1-1 step assigned helper S3" in log
