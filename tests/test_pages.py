"""Pages and what organisers add to them: who may frame the tour, whom a page may ask, and whose files are served."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hills import PIXEL, SLUG, hills
from tests.serving import Server, fetch, serve
from tracker.tourfiles import check_tour_folder

TOUR = SLUG
PMTILES = b"PMTiles\x03" + bytes(119) + b"the tiles"
EMBED_ON = 'embed_on = ["https://club.example"]\n'
MAP = '[map]\npmtiles = "own.pmtiles"\nattribution = "Ours"\nhosts = ["https://fonts.example.org"]\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = hills(tmp_path_factory.mktemp("pages") / "tour", EMBED_ON + MAP)
    (folder / "own.pmtiles").write_bytes(PMTILES)
    (folder / "secret.png").write_bytes(PIXEL)
    with serve(folder, folder.parent / "data") as server:
        yield server


def headers_of(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def policy_of(server: Server, path: str) -> dict[str, str]:
    policy = headers_of(server.url + path)[1]["content-security-policy"]
    return {words.split()[0]: " ".join(words.split()[1:]) for words in policy.split(";")}


def test_only_the_embed_may_be_framed_and_only_where_the_organiser_says(server: Server) -> None:
    assert policy_of(server, f"/embed/{TOUR}")["frame-ancestors"] == "https://club.example"
    for page in ("/", f"/tour/{TOUR}", f"/arrivals/{TOUR}"):
        assert policy_of(server, page)["frame-ancestors"] == "'none'"


def test_pages_may_ask_the_hosts_of_the_base_map_and_no_others(server: Server) -> None:
    policy = policy_of(server, "/")
    assert policy["connect-src"] == "'self' https://fonts.example.org"
    assert policy["img-src"] == "'self' data: blob: https://fonts.example.org"
    assert policy["script-src"] == "'self'"


def test_what_the_organiser_adds_is_told_once(server: Server) -> None:
    address = f"{server.url}/api/v1/tours/{TOUR}/presentation"
    _status, headers, body = headers_of(address)
    assert json.loads(body) == {
        "map": {"kind": "pmtiles", "url": "own.pmtiles", "attribution": "Ours"},
        "cars": [{"number": "1", "crew": "Team Uno", "story": "Found in a barn near Lucca.", "photo": "one.png"}],
    }
    assert fetch(address, None, **{"If-None-Match": headers["etag"]})[0] == 304
    assert fetch(f"{server.url}/api/v1/tours/nowhere/presentation")[0] == 404


def test_files_that_the_tour_names_are_served_and_no_others(server: Server) -> None:
    files = f"{server.url}/tour-files/{TOUR}"
    _status, headers, body = headers_of(f"{files}/one.png")
    assert (body, headers["content-type"], headers["x-content-type-options"]) == (PIXEL, "image/png", "nosniff")
    assert "sandbox" in headers["content-security-policy"]
    status, _, body = headers_of(f"{files}/own.pmtiles", Range="bytes=127-129")
    assert (status, body) == (206, b"the")
    for path in ("secret.png", "tour.toml", "roster.csv", "..%2ftour%2froster.csv", "%2e%2e%2fdata", "leg-1.gpx"):
        assert fetch(f"{files}/{path}")[0] == 404, path
    assert fetch(f"{server.url}/tour-files/nowhere/one.png")[0] == 404


@pytest.mark.parametrize(
    ("before", "extra", "fault"),
    [
        ('embed_on = ["club.example"]\n', "", 'embed_on "club.example" is no host'),
        ('embed_on = ["https://a.example; script-src *"]\n', "", "is no host"),
        ('embed_on = "*"\n', "", "embed_on is text, not a list"),
        ("", "map = 3\n", "map is a number, not a table"),
        ("", '[map]\nstyle = "https://a.example/s.json"\ntiles = "x"\n', "[map] has style and tiles"),
        ("", '[map]\nstyle = "http://a.example/s.json"\n', "is no https address"),
        ("", '[map]\nstyle = "https://a.example/ x"\n', "is no https address"),
        ("", '[map]\ntiles = "https://a.example/{z}.png"\nattribution = "A"\n', "lacks {z}, {x} or {y}"),
        ("", '[map]\ntiles = "https://a.example/{z}/{x}/{y}"\n', "attribution is missing"),
        ("", '[map]\npmtiles = "../x.pmtiles"\nattribution = "A"\n', "is not the name of a .pmtiles file"),
        ("", '[map]\npmtiles = "gone.pmtiles"\nattribution = "A"\n', '"gone.pmtiles" is not in the folder'),
        ("", '[map]\npmtiles = "fake.pmtiles"\nattribution = "A"\n', '"fake.pmtiles" is no PMTiles file'),
        ("", '[map]\nstyle = "https://a.example/s"\nhosts = ["a.example"]\n', "hosts is no list of hosts"),
    ],
)
def test_the_check_says_what_is_wrong_with_them(tmp_path: Path, before: str, extra: str, fault: str) -> None:
    folder = hills(tmp_path / "tour", before + extra)
    (folder / "fake.pmtiles").write_bytes(b"no such thing")
    tour, problems = check_tour_folder(folder)
    assert tour is None
    assert [problem for problem in problems if problem.fatal and fault in problem.what], problems


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("one.png", None, "is not in the folder"),
        ("one.png", b"GIF89a", "is not what its name says"),
        ("one.png", PIXEL + bytes(400 * 1024), "is larger than 400 KB"),
    ],
)
def test_a_photo_that_cannot_be_shown_does_not_stop_the_tour(
    tmp_path: Path, name: str, content: bytes | None, fault: str
) -> None:
    folder = hills(tmp_path / "tour")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    tour, problems = check_tour_folder(folder)
    assert tour is not None
    assert tour.vehicles[0].photo == ""
    assert [problem for problem in problems if fault in problem.what]
