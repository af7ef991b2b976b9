"""Pages and what organisers add to them: who may frame the tour, whom a page may ask, and whose files are served."""

from __future__ import annotations

import csv
import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Server, fetch, serve
from tracker.tourfiles import check_tour_folder

TOUR = "california-mille"
JPEG = b"\xff\xd8\xff\xe0" + bytes(200)
PMTILES = b"PMTiles\x03" + bytes(119) + b"the tiles"
MAP = '[map]\npmtiles = "own.pmtiles"\nattribution = "Ours"\nhosts = ["https://fonts.example.org"]\n'


def furnished(
    demo: Path, folder: Path, extra: str = MAP, before: str = 'embed_on = ["https://club.example"]\n'
) -> Path:
    """The demo tour with a photo, a story and a label for its first car, and more in tour.toml."""
    shutil.copytree(demo, folder)
    text = (folder / "tour.toml").read_text(encoding="utf-8")
    (folder / "tour.toml").write_text(before + text + "\n" + extra, encoding="utf-8")
    with (folder / "roster.csv").open(newline="") as file:
        titles, first, *others = csv.reader(file)
    more = ["Team Quux", "Found in a barn.", "one.jpg"]
    with (folder / "roster.csv").open("w", newline="") as file:
        rows = [[*titles, "crew label", "story", "photo"], [*first, *more], *([*row, "", "", ""] for row in others)]
        csv.writer(file).writerows(rows)
    (folder / "one.jpg").write_bytes(JPEG)
    (folder / "own.pmtiles").write_bytes(PMTILES)
    return folder


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = furnished(demo_folder, tmp_path_factory.mktemp("pages") / "tour")
    (folder / "secret.jpg").write_bytes(JPEG)
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
        "cars": [{"number": "1", "crew": "Team Quux", "story": "Found in a barn.", "photo": "one.jpg"}],
    }
    assert fetch(address, None, **{"If-None-Match": headers["etag"]})[0] == 304
    assert fetch(f"{server.url}/api/v1/tours/nowhere/presentation")[0] == 404


def test_files_that_the_tour_names_are_served_and_no_others(server: Server) -> None:
    files = f"{server.url}/tour-files/{TOUR}"
    _status, headers, body = headers_of(f"{files}/one.jpg")
    assert (body, headers["content-type"], headers["x-content-type-options"]) == (JPEG, "image/jpeg", "nosniff")
    assert "sandbox" in headers["content-security-policy"]
    status, _, body = headers_of(f"{files}/own.pmtiles", Range="bytes=127-129")
    assert (status, body) == (206, b"the")
    for path in ("secret.jpg", "tour.toml", "roster.csv", "..%2ftour%2froster.csv", "%2e%2e%2fdata", "leg-1.gpx"):
        assert fetch(f"{files}/{path}")[0] == 404, path
    assert fetch(f"{server.url}/tour-files/nowhere/one.jpg")[0] == 404


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
def test_the_check_says_what_is_wrong_with_them(
    demo_folder: Path, tmp_path: Path, before: str, extra: str, fault: str
) -> None:
    folder = furnished(demo_folder, tmp_path / "tour", "" if extra.startswith("map =") else extra, before)
    if extra.startswith("map ="):
        text = (folder / "tour.toml").read_text(encoding="utf-8")
        (folder / "tour.toml").write_text(extra + text, encoding="utf-8")
    (folder / "fake.pmtiles").write_bytes(b"no such thing")
    tour, problems = check_tour_folder(folder)
    assert tour is None
    assert [problem for problem in problems if problem.fatal and fault in problem.what], problems


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("one.jpg", None, "is not in the folder"),
        ("one.jpg", b"GIF89a", "is not what its name says"),
        ("one.jpg", JPEG + bytes(400 * 1024), "is larger than 400 KB"),
    ],
)
def test_a_photo_that_cannot_be_shown_does_not_stop_the_tour(
    demo_folder: Path, tmp_path: Path, name: str, content: bytes | None, fault: str
) -> None:
    folder = furnished(demo_folder, tmp_path / "tour")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    tour, problems = check_tour_folder(folder)
    assert tour is not None
    assert tour.vehicles[0].photo == ""
    assert [problem for problem in problems if fault in problem.what]
