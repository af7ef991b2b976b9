"""A tour that changes at breakfast: a car more, a checkpoint with another name, a bend less on the last leg."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

from websockets.sync.client import connect

from tests.serving import fetch
from tracker.wire.frames import FeedState

NEW_CAR = "175"
WITHIN_S = 30.0  # some seconds, and what a busy machine adds
POINT = re.compile(r"\s*<trkpt\b.*?(?:/>|</trkpt>)", re.DOTALL)


def change(folder: Path) -> None:
    """Edit the demo tour's folder."""
    with (folder / "roster.csv").open("a") as roster:
        roster.write(f"{NEW_CAR},participant,,Pre-War,1931,Alfa Romeo,8C 2300,Crew {NEW_CAR}\n")
    toml = (folder / "tour.toml").read_text()
    assert "Golden Gate, north end" in toml
    (folder / "tour.toml").write_text(toml.replace("Golden Gate, north end", "Vista Point"))
    line = (folder / "leg-5.gpx").read_text()
    bend = list(POINT.finditer(line))[10]
    (folder / "leg-5.gpx").write_text(line[: bend.start()] + line[bend.end() :])


def page_shows_it(url: str, tour: str) -> None:
    """A page that was open all the time gets the change, and a page's next requests find what belongs to it."""
    shown = FeedState()
    deadline = time.monotonic() + WITHIN_S
    with connect(f"{url.replace('http', 'ws')}/live/{tour}") as page:
        while NEW_CAR not in shown.about.get("roster", {}).get("number", ()):
            shown.fold(page.recv(timeout=max(0.0, deadline - time.monotonic()), decode=False))
    assert shown.about["legs"][0]["checkpoints"]["name"][1] == "Vista Point"
    for leg in shown.about["legs"]:
        assert fetch(f"{url}/api/v1/tours/{tour}/courses/{leg['course']}")[0] == 200


def new_car_is_heard(urls: Sequence[str], ways_in: Sequence[str], tour: str, token: str) -> None:
    """The new car's phone posts to every way in until it is let in, and every hub shows it."""
    now_ms = time.time_ns() // 1_000_000
    deadline = time.monotonic() + WITHIN_S
    for number, way_in in enumerate(ways_in):
        form = f"id=x&lat={37.79165 + number * 1e-4}&lon=-122.41075&timestamp={now_ms + number}&accuracy=5"
        while fetch(f"{way_in}/in/osmand/{token}", form.encode())[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    for url in urls:
        while not heard(url, tour):
            assert time.monotonic() < deadline
            time.sleep(0.2)


def heard(url: str, tour: str) -> bool:
    vehicles = json.loads(fetch(f"{url}/api/v1/tours/{tour}/vehicles")[1])
    return any(vehicle["number"] == NEW_CAR and vehicle["fix_time_ms"] is not None for vehicle in vehicles)
