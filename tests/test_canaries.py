"""Canaries: what only crews may know, and secrets, set free in every field and searched for in everything public."""

from __future__ import annotations

import csv
import json
import shutil
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgpack
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.guests import accept, ask, decide, invitation, made
from tests.serving import Server, fetch, serve
from tracker.commands.demo import FOLDER
from tracker.wire.audience import COLUMNS
from tracker.wire.desk import decode_desk
from tracker.wire.frames import FeedState

TOUR = "california-mille"
CREW, DEVICE, IMEI, GUEST = "Quuxbert Zanzibar", "canary-device", "356307042441013", "Gwendolyn Canary"
BATTERY = "37.73"
PHONE, NOTE = "+39 055 777 1234", "Zabaglione at the third bend"
START_S = 1808753300
PUBLIC_ROSTER = {"number", "kind", "role", "class", "year", "make", "model", "colour", "start_order"}
ASKED = {"passing": "?leg=1&along_m=20000&limit=500"}  # what a path wants to know
SLICE_COLUMNS = {"leg", "start_ms", "end_ms", "vehicles", "points", "since", "t", "lat", "lon", "along", "status"}
PAGES = ("/", f"/tour/{TOUR}", "/join/nobody", "/readyz", "/healthz", "/metrics", "/api/v1/openapi.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo tour, with canaries in the first car."""
    folder = tmp_path / "tour"
    shutil.copytree(FOLDER, folder)
    with (folder / "roster.csv").open(newline="") as file:
        titles, first, *others = csv.reader(file)
    rows = [[*first[:-1], CREW, DEVICE, IMEI, PHONE], *([*row, "", "", ""] for row in others)]
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


def decide_everything(server: Server, cookie: str) -> list[str]:
    """One decision of every kind that says something; the ids that were made for them."""
    bodies = [
        made("alert", alert="sos-1-1", step="assigned", helper="S3"),
        made("note", text=NOTE, vehicle="1"),
        made("sighting", vehicle="1", leg=1, checkpoint="L1-00"),
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
    with serve(folder, tmp_path / "data", "--clock-start", "2027-04-26T08:30:00-07:00") as server:
        (token,) = (row["token"] for row in server.devices() if row["device"] == DEVICE)
        link = invitation(server, "organiser", GUEST)
        _, headers, _ = accept(server, link)
        session = headers["set-cookie"].partition(";")[0].partition("=")[2]
        ask(server, "GET", f"/api/v1/tours/{TOUR}/quarantine", Cookie=headers["set-cookie"].partition(";")[0])
        ask(server, "GET", f"{link}/nothing")
        drive(server, token)
        signed_in = headers["set-cookie"].partition(";")[0]
        decided = decide_everything(server, signed_in)
        seen = dict(enumerate(public_frames(server)))
        public: dict[object, bytes] = {f"frame {number}": frame for number, frame in seen.items()}
        paths = json.loads(server.get("/api/v1/openapi.json")[1])["paths"]
        for path in [
            *PAGES,
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
        key = (server.data / "server.key").read_text().strip()
    logged = capfd.readouterr()
    public |= {"stdout": logged.out.encode(), "stderr": logged.err.encode()}
    assert DEVICE.encode() in crews, "or nothing here could be found"
    assert b"unknown token" in public["stderr"], "or the log was not looked at"
    assert desk["phones"][0] == [PHONE], "or it could not be found either"
    assert (desk["notes"][0]["text"], desk["notes"][0]["who"]) == (NOTE, GUEST)
    assert desk["alerts"][0]["steps"][1][2] == GUEST
    canaries = [CREW, "Quuxbert", DEVICE, IMEI, GUEST, BATTERY, "battery", token, session, key, link.rpartition("/")[2]]
    canaries += [PHONE, PHONE.removeprefix("+39 "), NOTE, "Zabaglione", "sos-1-1", *decided]
    found = [(canary, place) for place, text in public.items() for canary in canaries if canary.encode() in text]
    assert found == []
