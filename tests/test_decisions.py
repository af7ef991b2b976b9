"""Deciding by hand on a real server: who may what, what it answers, and that it counts once."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import msgpack
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.guests import ask, made, send, sign_in
from tests.guests import decide as post
from tests.serving import Server, fetch, serve
from tracker.commands.demo import FOLDER
from tracker.wire.audience import LEG
from tracker.wire.desk import decode_desk
from tracker.wire.frames import FeedState
from tracker.wire.radiowords import SECONDS, WORDS_PER_MINUTE, spoken_words

TOUR = "california-mille"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(FOLDER, tmp_path_factory.mktemp("data"), "--clock-start", "2027-04-26T08:30:00-07:00") as server:
        yield server


@pytest.fixture(scope="module")
def cookies(server: Server) -> dict[str, str]:
    return {role: sign_in(server, role, f"Ann {role}") for role in ("crew", "marshal", "organiser")}


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


def alert_when(page: ClientConnection, name: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """An alert of the desk, once it is as it should become; others may come up beside it."""
    while True:
        for alert in desk(page)["alerts"]:
            if alert["id"] == name and is_so(alert):
                return dict(alert)


def sos(server: Server, vehicle: str, at_s: int = 1808753400) -> None:
    token = next(row["token"] for row in server.devices() if row["vehicle"] == vehicle)
    query = f"id={vehicle}&lat=37.79165&lon=-122.41075&accuracy=5&timestamp={at_s}&alarm=sos"
    assert fetch(f"{server.url}/in/osmand/{token}?{query}", b"")[0] == 200


def test_two_crews_tap_at_once_and_the_first_one_has_it(server: Server, cookies: dict[str, str]) -> None:
    with crew_feed(server, cookies["crew"]) as page:
        assert desk(page)["alerts"] == [], "the desk comes with the snapshot"
        sos(server, "1")
        raised = alert_when(page, "sos-1-1", lambda alert: alert["state"] == "raised")
        assert (raised["vehicle"], raised["kind"], raised["closed_ms"]) == (0, "sos", -1)
        first = made("alert", alert="sos-1-1", step="assigned", helper="S3")
        status, answer = post(server, cookies["crew"], first)
        assert (status, answer["outcome"], answer["helper"]) == (200, "counts", "S3")
        second = made("alert", alert="sos-1-1", step="assigned", helper="S4")
        status, answer = post(server, cookies["organiser"], second)
        assert (status, answer["outcome"], answer["who"], answer["helper"]) == (200, "taken", "Ann crew", "S3")
        status, answer = post(server, cookies["crew"], first)
        assert (status, answer["outcome"]) == (200, "counts"), "sent again, counts once"
        alert = alert_when(page, "sos-1-1", lambda alert: alert["state"] == "assigned")
        assert [step[0] for step in alert["steps"]] == ["raised", "assigned"]
        relieved = second | {"id": str(uuid4()), "instead_of": "S3"}
        assert post(server, cookies["organiser"], relieved)[1]["outcome"] == "counts"
        assert post(server, cookies["crew"], made("undo", of=relieved["id"]))[1]["outcome"] == "not_allowed"
        assert post(server, cookies["organiser"], made("undo", of=relieved["id"]))[1]["outcome"] == "counts"
        assert post(server, cookies["organiser"], made("undo", of=relieved["id"]))[1]["outcome"] == "over"
        assert post(server, cookies["crew"], made("undo", of="nobody-knows"))[1]["outcome"] == "unknown"
        done = made("alert", alert="sos-1-1", step="resolved")
        assert post(server, cookies["crew"], done)[1]["outcome"] == "counts"
        alert = alert_when(page, "sos-1-1", lambda alert: alert["closed_ms"] >= 0)
        assert [step[0] for step in alert["steps"]] == ["raised", "assigned", "resolved"]
        assert post(server, cookies["crew"], made("alert", alert="sos-1-1", step="on_scene"))[1]["outcome"] != "counts"
        assert post(server, cookies["crew"], made("undo", of=done["id"]))[1]["outcome"] == "counts"
        alert = alert_when(page, "sos-1-1", lambda alert: alert["closed_ms"] < 0 and alert["state"] != "resolved")
        assert alert["state"] == "assigned", "and open again"
    log = server.tracker("invite", str(FOLDER), "--data", str(server.data), "--log")
    assert "decided alert alert sos-1-1 step assigned helper S3" in log


def test_a_leg_that_is_delayed_reaches_open_pages_within_seconds(server: Server, cookies: dict[str, str]) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/live/{TOUR}") as page:
        state = FeedState()
        state.fold(page.recv(timeout=10, decode=False))
        assert [(leg["delay_s"], leg["cancelled"]) for leg in state.about["legs"]][:2] == [(0, 0), (0, 0)]
        delay = made("delay", leg=2, minutes=20)
        assert post(server, cookies["organiser"], delay)[1]["outcome"] == "counts"
        assert post(server, cookies["organiser"], made("cancel", leg=3))[1]["outcome"] == "counts"
        while [(leg["delay_s"], leg["cancelled"]) for leg in state.about["legs"]][1:3] != [(1200, 0), (0, 1)]:
            state.fold(page.recv(timeout=5, decode=False))
        assert post(server, cookies["organiser"], made("undo", of=delay["id"]))[1]["outcome"] == "counts"
        while state.about["legs"][1]["delay_s"]:
            state.fold(page.recv(timeout=5, decode=False))
        assert post(server, cookies["organiser"], made("delay", leg=1, minutes=5))[1]["outcome"] == "counts"
        while not state.about["legs"][0]["delay_s"]:
            state.fold(page.recv(timeout=5, decode=False))
        sos(server, "40")
        while 1 not in state.columns[LEG]:
            state.fold(page.recv(timeout=5, decode=False))
        assert b"(first start 08:05)" in server.get(f"/tour/{TOUR}/text")[1]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("crew", {"alert", "standing", "note", "sighting", "undo"}),
        ("marshal", {"note", "sighting", "undo"}),
        ("organiser", {"alert", "standing", "note", "sighting", "delay", "cancel", "assign", "undo"}),
    ],
)
def test_who_may_decide_what(server: Server, cookies: dict[str, str], role: str, may: set[str]) -> None:
    about = json.loads(ask(server, "GET", f"/api/v1/tours/{TOUR}/me", Cookie=cookies[role])[2])
    assert about == {"name": f"Ann {role}", "role": role, "may": sorted(may)}
    bodies = [
        made("alert", alert="stopped-1-99", step="acknowledged"),
        made("standing", vehicle="2", standing="running"),
        made("note", text="The bridge is narrow"),
        made("sighting", vehicle="2", leg=1, checkpoint="L1-00"),
        made("delay", leg=5, minutes=0),
        made("assign", device="2", vehicle="2"),
        made("undo", of="nothing-at-all"),
    ]
    statuses = {str(body["decision"]): post(server, cookies[role], body)[0] for body in bodies}
    assert statuses == {decision: 200 if decision in may else 403 for decision in statuses}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Cookie": None}, 403),
        ({"Cookie": f"milepost-{TOUR}=guessed"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_no_other_site_and_nobody_else_decides(
    server: Server, cookies: dict[str, str], headers: dict[str, str | None], status: int
) -> None:
    answered, body = post(server, cookies["organiser"], made("cancel", leg=1), TOUR, **headers)
    assert answered == status
    assert len(body["error"]) > 10


@pytest.mark.parametrize(
    ("body", "status", "field", "says"),
    [
        (b"{", 400, "", "not JSON"),
        (b"[]", 400, "", "one JSON object"),
        (b'{"id":"aaaaaaaa","id":"bbbbbbbb"}', 400, "", "a key twice"),
        (b'{"x":"' + b"y" * 5000 + b'"}', 413, None, "4096 bytes"),
        ({"decision": "note", "text": "hi"}, 400, "id", "made anew"),
        ({"id": "short", "decision": "note", "text": "hi"}, 400, "id", "randomUUID"),
        (made("dance"), 400, "decision", "there is no decision"),
        (made("note"), 400, "text", "what shall the crews know"),
        (made("note", text=7), 400, "text", "no text"),
        (made("note", text="x" * 501), 400, "text", "the limit is 500"),
        (made("note", text="a\x00b"), 400, "text", "control characters"),
        (made("note", text="hi", vehicle="999"), 400, "vehicle", "no vehicle"),
        (made("note", text="hi", colour="red"), 400, "colour", "leave it out"),
        (made("note", text="hi", at_ms="now"), 400, "at_ms", "last 7 days"),
        (made("note", text="hi", at_ms=1), 400, "at_ms", "last 7 days"),
        (made("note", text="hi", at_ms=1 << 60), 400, "at_ms", "from the crew feed"),
        (made("standing", vehicle="1", standing="tired"), 400, "standing", "retired"),
        (made("sighting", vehicle="1", leg=9, checkpoint="L1-00"), 400, "leg", "from 1 to 5"),
        (made("sighting", vehicle="1", leg=1, checkpoint="L2-00"), 400, "checkpoint", "leg 1 has no checkpoint"),
        (made("delay", leg=1, minutes=2.5), 400, "minutes", "from 0 to 1440"),
        (made("delay", leg=1, minutes=True), 400, "minutes", "from 0 to 1440"),
        (made("assign", device="nobody's", vehicle="1"), 400, "device", "no device"),
        (made("alert", alert="?", step="resolved"), 400, "alert", "as the desk gives it"),
        (made("alert", alert="sos-1-1", step="raised"), 400, "step", "no step"),
        (made("alert", alert="sos-1-1", step="assigned"), 400, "helper", "missing"),
        (made("alert", alert="sos-1-1", step="assigned", helper="1"), 400, "helper", "no support vehicle"),
        (made("alert", alert="sos-1-1", step="resolved", helper="S1"), 400, "helper", "leave it out"),
        (made("undo", of="#"), 400, "of", "as the desk gives it"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    server: Server, cookies: dict[str, str], body: object, status: int, field: str | None, says: str
) -> None:
    answered, refusal = post(server, cookies["organiser"], body)
    assert (answered, refusal.get("field")) == (status, field)
    assert says in refusal["error"]


def test_nobody_decides_all_the_time(server: Server) -> None:
    cookie = sign_in(server, "marshal", "Hasty")
    answers = [post(server, cookie, b"no")[0] for _ in range(121)]
    assert answers == [400] * 120 + [429]


# The radio room


def test_while_the_store_is_away_nothing_is_half_decided_and_the_same_id_counts_once(
    server: Server, cookies: dict[str, str]
) -> None:
    note = made("note", text="the bridge at mile 12 is closed", vehicle="9")
    sent = json.dumps(note).encode()
    headers = {"Content_Type": "application/json", "Origin": server.url, "Cookie": cookies["crew"]}
    path = f"/api/v1/tours/{TOUR}/decisions"
    with closing(sqlite3.connect(server.data / "journal.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, answered, body = send(server, "POST", path, sent, headers)
        assert (status, answered["retry-after"], body) == (503, "5", b"")
        other.execute("ROLLBACK")
    seqs = []
    with crew_feed(server, cookies["crew"]) as page:
        found = desk(page)
        assert note["id"] not in found["answers"]
        assert note["id"] not in [each["id"] for each in found["notes"] + found["undo"]]
        for _ in range(2):
            status, answer = post(server, cookies["crew"], note)
            assert (status, answer["outcome"], answer["who"]) == (200, "counts", "Ann crew")
            seqs.append(answer["seq"])
        while note["id"] not in [each["id"] for each in found["notes"]]:
            found = desk(page)
        while found["position"] < max(seqs):
            found = desk(page)
        assert [each["id"] for each in found["notes"]].count(note["id"]) == 1
        assert [each["id"] for each in found["undo"]].count(note["id"]) == 1


def test_the_radio_room_reads_in_a_quarter_of_a_minute_and_needs_no_script(
    server: Server, cookies: dict[str, str]
) -> None:
    with crew_feed(server, cookies["crew"]) as page:
        for number, at_s in (("3", 0), ("4", 1), ("5", 2), ("6", 3)):
            sos(server, number, 1808753400 + at_s)
        alert_when(page, "sos-6-1", lambda alert: alert["state"] == "raised")
        help_3 = made("alert", alert="sos-3-1", step="assigned", helper="S2")
        assert post(server, cookies["crew"], help_3)[1]["outcome"] == "counts"
        alert_when(page, "sos-3-1", lambda alert: alert["state"] == "assigned")
    path = f"/crew/{TOUR}/radio"
    status, headers, body = ask(server, "GET", f"{path}.txt", Cookie=cookies["marshal"])
    assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
    spoken = body.decode()
    assert spoken_words(spoken) <= SECONDS * WORDS_PER_MINUTE / 60
    assert "SOS from car 4" in spoken
    assert "nobody yet." in spoken
    status, headers, page_bytes = ask(server, "GET", path, Cookie=cookies["marshal"])
    assert status == 200
    assert len(page_bytes) < 30_000
    assert b'http-equiv="refresh"' in page_bytes
    assert b"<script" not in page_bytes
    italian = ask(server, "GET", f"{path}.txt?lang=it", Cookie=cookies["marshal"])[2].decode()
    assert "SOS dall'auto 4" in italian
    assert {ask(server, "GET", each)[0] for each in (path, f"{path}.txt")} == {403}
    assert ask(server, "GET", "/crew/nobody/radio", Cookie=cookies["marshal"])[0] == 404
    log = server.tracker("invite", str(FOLDER), "--data", str(server.data), "--log").splitlines()
    looks = [line for line in log if "Ann marshal" in line and "looked at the radio room" in line]
    assert len(looks) == 1, "a page that loads itself anew is one look"
    assert any("Ann crew" in line and "looked at the crew feed" in line for line in log)
