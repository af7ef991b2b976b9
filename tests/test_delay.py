"""A tour whose public feed is late on purpose, served whole: crews see now what spectators see later."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

from websockets.sync.client import connect
from websockets.typing import Origin

from tests.guests import decide, made, sign_in
from tests.serving import Server, fetch, serve
from tracker.commands.demo import FOLDER
from tracker.wire.frames import FeedState

TOUR = "california-mille"


def delayed_tour(folder: Path) -> Path:
    """The demo tour, ten minutes late for spectators."""
    shutil.copytree(FOLDER, folder)
    toml = folder / "tour.toml"
    toml.write_text(toml.read_text().replace("start_interval_s = 60", "public_delay_s = 600\nstart_interval_s = 60"))
    return folder


def send_sos(server: Server) -> None:
    """From the car in the first row."""
    token = next(row["token"] for row in server.devices() if row["vehicle"] == "1")
    query = f"id=1&lat=37.79165&lon=-122.41075&accuracy=5&alarm=sos&timestamp={int(time.time()) - 1}"
    assert fetch(f"{server.url}/in/osmand/{token}?{query}", b"")[0] == 200


def test_crews_see_an_sos_at_once_and_spectators_nothing_yet(tmp_path: Path) -> None:
    with serve(delayed_tour(tmp_path / "tour"), tmp_path / "data") as server:
        cookie = {"Cookie": sign_in(server, "crew")}
        url = f"ws://127.0.0.1:{server.port}/live/{TOUR}/crew"
        with connect(url, additional_headers=cookie, origin=Origin(server.url)) as page:
            crew = FeedState()
            crew.fold(page.recv(timeout=10, decode=False))
            send_sos(server)
            while not crew.columns[crew.names.index("sos")][0]:
                crew.fold(page.recv(timeout=10, decode=False))
            organiser = sign_in(server, "organiser")
            assert decide(server, organiser, made("delay", leg=2, minutes=20))[1]["outcome"] == "counts"
            assert (
                decide(server, organiser, made("standing", vehicle="2", standing="retired"))[1]["outcome"] == "counts"
            )
            while not (crew.about["legs"][1]["delay_s"] and crew.columns[crew.names.index("standing")][1]):
                crew.fold(page.recv(timeout=10, decode=False))
        with connect(url.removesuffix("/crew")) as page:
            public = FeedState()
            public.fold(page.recv(timeout=10, decode=False))
        assert public.about["tour"]["delay_s"] == 600
        assert public.about["legs"][1]["delay_s"] == 0, "what was decided is as late for spectators as the rest"
        assert not any(public.columns[public.names.index("standing")])
        assert crew.now_ms - public.now_ms >= 595_000
        assert {vehicle["freshness"] for vehicle in server.vehicles()} == {"never"}
        assert all(vehicle["lat"] is None for vehicle in server.vehicles())
        passing = json.loads(server.get(f"/api/v1/tours/{TOUR}/passing?leg=1&along_m=20000&vehicle=1&limit=1")[1])
        (window,) = passing["next"] + passing["overdue"]
        assert window["planned"], "spectators' engine has not heard it yet"
        assert json.loads(server.get(f"/api/v1/tours/{TOUR}/legs/1/segments")[1])["segments"] == []
        metrics = server.get("/metrics")[1].decode()
    for delay_s in ("0", "600"):
        assert f'milepost_engine_leads{{delay_s="{delay_s}",tour="{TOUR}"}} 1.0' in metrics
