"""What is fetched: the pages and the public interface of a real server, as OpenAPI says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from websockets.sync.client import connect

from tests.guests import sign_in
from tests.serving import Server, fetch, serve
from tracker.commands.demo import FOLDER
from tracker.wire.frames import FeedState
from tracker.wire.segments import decode_segment

TOUR = "california-mille"
TRICKS = ["/..%2f..%2fpyproject.toml", "/%2e%2e/app.py", "/assets/..%5cindex.html", "/assets/%00", "/static/", "//etc"]
ASKED = {"passing": "?leg=1&along_m=20000"}  # what a path wants to know
KINDS = {
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
    "boolean": bool,
    "null": type(None),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    with serve(FOLDER, data, "--clock-start", "2027-04-26T08:30:00-07:00", "--clock-rate", "60") as server:
        token = next(row["token"] for row in server.devices() if row["vehicle"] == "12")
        for number in range(5):
            form = f"id=x&lat={37.7917 + number * 1e-4}&lon=-122.4108&timestamp={1808753300 + 10 * number}&accuracy=5"
            assert fetch(f"{server.url}/in/osmand/{token}", form.encode())[0] == 200
        for _ in range(100):
            if any(vehicle["fix_time_ms"] == 1808753340000 for vehicle in server.vehicles()):
                break
            time.sleep(0.1)
        yield server


def get_json(server: Server, path: str) -> Any:  # noqa: ANN401 - JSON is what it is
    status, body = server.get(path)
    assert status == 200, path
    return json.loads(body)


def conforms(value: Any, schema: dict[str, Any]) -> None:  # noqa: ANN401 - JSON is what it is
    """Enough of JSON Schema for our own document."""
    if "enum" in schema:
        assert value in schema["enum"]
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert any(isinstance(value, KINDS[kind]) for kind in kinds), (value, schema)  # type: ignore[arg-type]
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                conforms(value[name], inner)
    if isinstance(value, list) and "items" in schema:
        for item in value[:100]:
            conforms(item, schema["items"])


def test_every_path_of_the_description_answers_as_described(server: Server) -> None:
    document = get_json(server, "/api/v1/openapi.json")
    course = served_course(server)
    cookie = sign_in(server, "organiser")
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue  # what is decided has tests of its own
        content = operations["get"]["responses"]["200"]["content"]
        content_hash = slice_of(server) if "/segments/" in path else course
        address = path.format(tour=TOUR, hash=content_hash, leg=1, number="12") + ASKED.get(path.rpartition("/")[2], "")
        for_everybody = "security" not in operations["get"]
        assert server.get(address)[0] == (200 if for_everybody else 403), address
        status, answer = fetch(f"{server.url}{address}", Cookie=cookie)
        assert status == 200, address
        ((kind, described),) = content.items()
        if kind == "application/octet-stream":
            newest = decode_segment(answer)["12"][-1]
            assert (newest.time_ms, newest.lat, newest.lon) == (1808753340000, 37.7921, -122.4108)
            continue
        body = json.loads(answer)
        conforms(body, described["schema"])


def slice_of(server: Server) -> str:
    """The hash of the newest slice of the first leg, once there is one."""
    for _ in range(100):
        segments = get_json(server, f"/api/v1/tours/{TOUR}/legs/1/segments")["segments"]
        if segments:
            newest: str = segments[-1]["hash"]
            return newest
        time.sleep(0.2)
    raise AssertionError("no slice of the past was made")


def served_course(server: Server) -> str:
    with connect(f"{server.url.replace('http', 'ws')}/live/{TOUR}") as page:
        state = FeedState()
        state.fold(page.recv(decode=False))
    course: str = state.about["legs"][0]["course"]
    return course


def test_vehicles_are_a_row_each_of_what_spectators_may_know(server: Server) -> None:
    vehicles = get_json(server, f"/api/v1/tours/{TOUR}/vehicles")
    assert len(vehicles) == 74
    twelve = next(vehicle for vehicle in vehicles if vehicle["number"] == "12")
    assert twelve["fix_time_ms"] == 1808753340000
    assert twelve["lat"] == pytest.approx(37.7921)
    assert twelve["leg"] == 1
    silent = next(vehicle for vehicle in vehicles if vehicle["number"] == "13")
    assert (silent["lat"], silent["freshness"]) == (None, "never")
    assert "Crew" not in json.dumps(vehicles)


def test_the_clock_tells_the_tour_s_time_and_rate(server: Server) -> None:
    clock = get_json(server, "/api/v1/clock")
    assert clock["rate"] == 60
    assert clock["now_ms"] > 1808753400000


@pytest.mark.parametrize(
    "path",
    ["/api/v1/tours/nobody/vehicles", f"/api/v1/tours/{TOUR}/courses/0", "/tour/nobody", "/nothing.css", *TRICKS],
)
def test_what_is_not_there_is_404(server: Server, path: str) -> None:
    assert server.get(path)[0] == 404


def test_a_page_asks_no_other_host_for_anything(server: Server) -> None:
    for path in ("/", f"/tour/{TOUR}"):
        with urlopen(server.url + path, timeout=10) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in policy
        assert "http" not in policy


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ("starts ", "waiting at the start", "no signal")),
        ("it", ("parte ", "in attesa alla partenza", "nessun segnale")),
    ],
)
def test_the_text_view_names_every_vehicle_in_few_bytes(server: Server, language: str, says: tuple[str, ...]) -> None:
    status, body = server.get(f"/tour/{TOUR}/text?lang={language}")
    page = body.decode()
    assert status == 200
    assert len(body) < 30_000
    assert f'<html lang="{language}">' in page
    assert "Alfa Romeo" in page
    for vehicle in server.vehicles():
        assert f'<th scope="row">{vehicle["number"]}</th>' in page
    assert any(f"<td>{words}" in page for words in says)  # a minute of the tour is a second of ours
    assert "<script" not in page


def test_there_is_no_text_view_of_another_tour(server: Server) -> None:
    assert server.get("/tour/nowhere/text")[0] == 404


def test_who_passes_a_place_is_told_as_ranges_in_whole_minutes(server: Server) -> None:
    path = f"/api/v1/tours/{TOUR}/passing?leg=2&along_m=100000"
    told = get_json(server, path + "&limit=3")
    assert (told["leg"], told["along_m"], len(told["next"])) == (2, 100_000, 3)
    assert told["field"]["coming"] == 67
    assert told["field"]["early_ms"] == told["next"][0]["early_ms"] < told["field"]["late_ms"]
    for window in told["next"]:
        assert window["planned"], "nobody is on the second day's road yet"
        assert window["early_ms"] % 60_000 == window["late_ms"] % 60_000 == 0 < window["late_ms"] - window["early_ms"]
    (twelve,) = get_json(server, path + "&vehicle=12")["next"]
    assert twelve["number"] == "12"
    arrivals = get_json(server, f"/api/v1/tours/{TOUR}/vehicles/12/arrivals")
    assert [point["kind"] for point in arrivals["checkpoints"]].count("finish") == 1
    times = [point["early_ms"] for point in arrivals["checkpoints"]]
    assert times == sorted(times)
    assert any(asked_again(server, path) == 304 for _ in range(5)), "or there is a newer forecast every time"


def asked_again(server: Server, path: str) -> int:
    """The status for somebody who has the newest answer."""
    with urlopen(server.url + path, timeout=10) as answer:
        etag = answer.headers["ETag"]
    return fetch(server.url + path, **{"If-None-Match": etag})[0]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("along_m=5", "leg"),
        ("leg=0&along_m=5", "leg"),
        ("leg=6&along_m=5", "leg"),
        ("leg=1", "along_m"),
        ("leg=1&along_m=-3", "along_m"),
        ("leg=1&along_m=1e3", "along_m"),
        ("leg=1&along_m=99999999999999999999", "along_m"),
        ("leg=1&along_m=%D9%A3", "along_m"),
        ("leg=1&along_m=5&vehicle=nobody", "vehicle"),
        ("leg=1&along_m=5&limit=0", "limit"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_what_would(server: Server, query: str, names: str) -> None:
    status, body = server.get(f"/api/v1/tours/{TOUR}/passing?{query}")
    assert status == 400
    assert names in json.loads(body)["error"]
