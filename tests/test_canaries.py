"""Canaries: what only crews may know, and secrets, set free in every field and searched for in everything public."""

from __future__ import annotations

import csv
import json
import shutil
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgpack
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.guests import accept, ask, decide, invitation, made
from tests.serving import Server, fetch, free_port, serve
from tracker.commands.demo import FOLDER
from tracker.wire.audience import COLUMNS
from tracker.wire.desk import decode_desk
from tracker.wire.frames import FeedState

TOUR = "california-mille"
CREW, DEVICE, IMEI, GUEST = "Quuxbert Zanzibar", "canary-device", "356307042441013", "Gwendolyn Canary"
BATTERY = "37.73"
PHONE, NOTE = "+39 055 777 1234", "Zabaglione at the third bend"
SPARE, UNLISTED, FOR_ALL = "canary-spare", "356307042449917", "Tiramisu for all crews"
TARGET, SECRET = "canary-target-path", "whsec_Y2FuYXJ5LXNlY3JldC1vZi1vdXJz"
START_S = 1808753300
SEEN_MS = START_S * 1000 + 40_317  # when a marshal saw the first car pass
PUBLIC_ROSTER = {"number", "kind", "role", "class", "year", "make", "model", "colour", "start_order"}
ASKED = {"passing": "?leg=1&along_m=20000&limit=500"}  # what a path wants to know
SLICE_COLUMNS = {"leg", "start_ms", "end_ms", "vehicles", "points", "since", "t", "lat", "lon", "along", "status"}
PAGES = (
    *("/", f"/tour/{TOUR}", f"/tour/{TOUR}/text", f"/tour/{TOUR}/text?lang=it", "/embed", f"/embed/{TOUR}"),
    *("/arrivals", f"/arrivals/{TOUR}", "/join/nobody", "/drive/nobody", f"/api/v1/tours/{TOUR}/presentation"),
    *("/readyz", "/healthz", "/metrics", "/api/v1/openapi.json"),
)
# What somebody is told who is not signed in.
CLOSED = (
    *(f"/crew/{TOUR}", f"/crew/{TOUR}/radio", f"/crew/{TOUR}/radio.txt", f"/marshal/{TOUR}", f"/organise/{TOUR}"),
    *(f"/api/v1/tours/{TOUR}/{rest}" for rest in ("me", "notify", "quarantine", "devices", "decisions")),
    *(f"/api/v1/tours/{TOUR}/devices/{rest}" for rest in ("unknown", "protocols", "cards", f"card?device={DEVICE}")),
    f"/live/{TOUR}/crew",
)
# The words of the desk; no frame, slice or answer for spectators has a field of such a name.
DESK_WORDS = ("helper", "assigned", "sightings", "observed", "own_m", "stand_down", "phones", "standings", "evidence")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo tour, with canaries in the first car."""
    folder = tmp_path / "tour"
    shutil.copytree(FOLDER, folder)
    with (folder / "roster.csv").open(newline="") as file:
        titles, first, *others = csv.reader(file)
    rows = [[*first[:-1], CREW, DEVICE, IMEI, PHONE], *([*row, "", "", ""] for row in others)]
    rows[-1][-3] = f"S7|{SPARE}"
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[*titles, "device", "imei", "phone"], *rows])
    return folder


def drive(server: Server, token: str) -> None:
    """Some fixes, an SOS with everything that a device can say, a refusal, and a wrong token."""
    place = f"id={DEVICE}&lat=37.79165&lon=-122.41075&accuracy=5&batt={BATTERY}&speed=3&bearing=200"
    for number in range(3):
        assert fetch(f"{server.url}/in/osmand/{token}?{place}&timestamp={START_S + 10 * number}", b"")[0] == 200
    for path in (f"{token}?{place}&timestamp={START_S + 40}&alarm=sos", f"{token}?id={DEVICE}&lat=91&lon=0"):
        assert fetch(f"{server.url}/in/osmand/{path}", b"")[0] == 200
    assert fetch(f"{server.url}/in/osmand/{token}x?{place}", b"")[0] == 401


def box_talk(port: int) -> None:
    """The first car's box, twice at once and garbled, and one that nobody has listed."""
    fix = f"imei:{IMEI},tracker,2704261528,,F,152835.000,A,3747.4990,N,12224.6450,W,0.0,0;"
    login = f"##,imei:{IMEI},A;"
    lines = [login + fix, login, f"##,imei:{UNLISTED},A;", f"{login}{'x' * 9000};"]
    with ExitStack() as stack:
        for line in lines:
            box = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            box.sendall(line.encode())
            box.recv(100)  # its answer, or that it was hung up on


def decide_everything(server: Server, cookie: str) -> list[str]:
    """One decision of every kind that says something; the ids that were made for them."""
    bodies = [
        made("alert", alert="sos-1-1", step="assigned", helper="S3"),
        made("note", text=NOTE, vehicle="1"),
        made("note", text=FOR_ALL),
        made("sighting", vehicle="1", leg=1, checkpoint="L1-00", at_ms=SEEN_MS),
        made("assign", device=SPARE, vehicle="1"),
        made("standing", vehicle="2", standing="retired"),
        made("delay", leg=2, minutes=20),
    ]
    assert [decide(server, cookie, body)[0] for body in bodies] == [200] * len(bodies)
    return [str(body["id"]) for body in bodies]


def public_frames(server: Server) -> Iterator[bytes]:
    """What a spectator's socket brings, inflated where it is compressed."""
    with connect(f"ws://127.0.0.1:{server.port}/live/{TOUR}") as page:
        state = FeedState()
        deadline = time.monotonic() + 20
        while not state.columns or state.columns[0][0] != (START_S + 40) * 10 - state.about["base_ms"] // 100:
            assert time.monotonic() < deadline, "the last fix was never shown"
            frame = page.recv(timeout=20, decode=False)
            yield frame
            message = msgpack.unpackb(frame, strict_map_key=False)
            if message[0] == 0:
                yield zlib.decompress(message[5])
            state.fold(frame)
        assert state.names == list(COLUMNS)
        assert set(state.about["roster"]) == PUBLIC_ROSTER


def slices(server: Server) -> Iterator[tuple[str, bytes]]:
    """The slices of the past, inflated, once there are some."""
    path = f"/api/v1/tours/{TOUR}/legs/1/segments"
    deadline = time.monotonic() + 30
    while not (listed := json.loads(server.get(path)[1])["segments"]):
        assert time.monotonic() < deadline, "no slice was made"
        time.sleep(0.2)
    for each in listed:
        whole = zlib.decompress(server.get(f"{path}/{each['hash']}")[1])
        assert set(msgpack.unpackb(whole)) == SLICE_COLUMNS
        yield each["hash"], whole


def test_canaries_are_in_nothing_that_is_public(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notify = tmp_path / "notify.toml"  # nobody listens at these addresses
    notify.write_text(
        f'[[target]]\nname = "Crews"\nurl = "json://127.0.0.1:9/{TARGET}"\n'
        f'[[webhook]]\nname = "Control"\nurl = "http://127.0.0.1:9/{TARGET}"\nsecret = "{SECRET}"\n'
    )
    port = free_port()
    options = ("--notify-file", str(notify), "--streams", f"gps103={port}")
    with serve(folder, tmp_path / "data", "--clock-start", "2027-04-26T08:30:00-07:00", *options) as server:
        (token,) = (row["token"] for row in server.devices() if row["device"] == DEVICE)
        link = invitation(server, "organiser", GUEST)
        _, headers, _ = accept(server, link)
        session = headers["set-cookie"].partition(";")[0].partition("=")[2]
        ask(server, "GET", f"/api/v1/tours/{TOUR}/quarantine", Cookie=headers["set-cookie"].partition(";")[0])
        ask(server, "GET", f"{link}/nothing")
        drive(server, token)
        box_talk(port)
        signed_in = headers["set-cookie"].partition(";")[0]
        decided = decide_everything(server, signed_in)
        seen = dict(enumerate(public_frames(server)))
        public: dict[object, bytes] = {f"frame {number}": frame for number, frame in seen.items()}
        paths = json.loads(server.get("/api/v1/openapi.json")[1])["paths"]
        for path in [
            *PAGES,
            *CLOSED,
            *(
                path.format(tour=TOUR, hash="0", leg=1, number="1") + ASKED.get(path.rpartition("/")[2], "")
                for path in paths
            ),
        ]:
            public[path] = server.get(path)[1]
        public |= {f"slice {content_hash}": whole for content_hash, whole in slices(server)}
        crews = ask(server, "GET", f"/api/v1/tours/{TOUR}/quarantine", Cookie=f"milepost-{TOUR}={session}")[2]
        with connect(
            f"ws://127.0.0.1:{server.port}/live/{TOUR}/crew",
            additional_headers={"Cookie": signed_in},
            origin=Origin(server.url),
        ) as page:
            desk = decode_desk([page.recv(timeout=10, decode=False) for _ in range(2)][1])[1]
        notified = ask(server, "GET", f"/api/v1/tours/{TOUR}/notify", Cookie=signed_in)[2]
        key = (server.data / "server.key").read_text().strip()
    logged = capfd.readouterr()
    public |= {"stdout": logged.out.encode(), "stderr": logged.err.encode()}
    assert DEVICE.encode() in crews, "or nothing here could be found"
    assert b"unknown token" in public["stderr"], "or the log was not looked at"
    assert desk["phones"][0] == [PHONE], "or it could not be found either"
    assert [(note["text"], note["who"]) for note in desk["notes"]] == [(FOR_ALL, GUEST), (NOTE, GUEST)]
    assert [(each["at_ms"], each["who"]) for each in desk["sightings"]] == [(SEEN_MS, GUEST)]
    assert any(each.get("device") == SPARE for each in desk["undo"])
    assert b"Crews" in notified, "or nobody was to be told"
    assert b"connected twice" in public["stderr"], "or no box was heard"
    assert b"unknown number" in public["stderr"]
    assert all(word in str(desk) for word in DESK_WORDS)
    assert desk["alerts"][0]["steps"][1][2] == GUEST
    canaries = [CREW, "Quuxbert", DEVICE, IMEI, GUEST, BATTERY, token, session, key, link.rpartition("/")[2]]
    canaries += [PHONE, PHONE.removeprefix("+39 "), NOTE, "Zabaglione", "sos-1-1", *decided]
    canaries += [SPARE, UNLISTED, FOR_ALL, "Tiramisu", TARGET, SECRET, SECRET.removeprefix("whsec_"), str(SEEN_MS)]
    hidden = [*(canary.encode() for canary in canaries), msgpack.packb(SEEN_MS)]
    found = [(canary, place) for place, text in public.items() for canary in hidden if canary in text]
    assert found == []
    told = [place for place in public if str(place).startswith(("frame", "slice", "/api/v1/tours/"))]
    assert [
        (word, place) for place in told for word in (*DESK_WORDS, "battery") if word.encode() in public[place]
    ] == []
