"""Cards: every link is on its card as a code, and what the roster says cannot break out of the page."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tracker.cards import cards_page, qr_svg
from tracker.cli import main
from tracker.core.model import Device
from tracker.devices import drive_link, owntracks_link, swap_link
from tracker.tourfiles import load_tour_folder

LINKS = ("url", "owntracks", "drive")


def rows_of(demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    arguments = ["devices", str(demo_folder), "--data", str(data), "--url", "https://tour.example", "--json"]
    assert main(arguments) == 0
    rows: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    return rows


def test_every_device_has_its_links_as_codes(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(demo_folder, tmp_path, capsys)
    file = tmp_path / "cards.html"
    address = ["--data", str(tmp_path), "--url", "https://tour.example"]
    assert main(["devices", str(demo_folder), *address, "--cards", str(file)]) == 0
    page = file.read_text()
    assert page.count('<section class="card">') == len(rows) == 74
    for link in (row[name] for row in rows[:3] for name in LINKS):
        assert f'<a href="{escape(link)}">{qr_svg(link)}</a>' in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert file.stat().st_mode & 0o077 == 0


def test_a_spare_has_the_code_that_puts_it_into_a_car(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tour = load_tour_folder(demo_folder)
    (row,) = rows_of(demo_folder, tmp_path, capsys)[:1]
    car = replace(tour.vehicles[0], devices=(Device("1"), Device("spare-1")))
    spare = row | {"device": "spare-1", "swap": swap_link("https://tour.example", tour.slug, "spare-1")}
    own, other = cards_page(replace(tour, vehicles=(car,)), [row, spare]).split('<section class="card">')[1:]
    assert "/swap/" not in own
    assert qr_svg("https://tour.example/organise/california-mille/swap/spare-1") in other


def test_names_of_the_roster_stay_text(demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tour = load_tour_folder(demo_folder)
    hostile = replace(tour.vehicles[0], make="<script>alert(1)</script>", crew='"><img src=x>')
    page = cards_page(replace(tour, vehicles=(hostile,)), rows_of(demo_folder, tmp_path, capsys)[:1])
    assert "<script" not in page
    assert "<img" not in page


def test_a_card_needs_the_address_of_the_server(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cards.html"
    assert main(["devices", str(demo_folder), "--data", str(tmp_path), "--cards", str(file)]) == 2
    assert "--url https://" in capsys.readouterr().err
    assert not file.exists()


def test_a_server_without_https_is_warned_of(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = ["--data", str(tmp_path), "--url", "http://192.168.1.2:8080"]
    assert main(["devices", str(demo_folder), *address, "--cards", str(tmp_path / "cards.html")]) == 0
    assert "without https" in capsys.readouterr().err


def test_the_owntracks_link_is_a_configuration() -> None:
    link = urlsplit(owntracks_link("https://tour.example/", "TOKEN", "S 1", "417"))
    assert (link.scheme, link.path) == ("owntracks", "/config")
    setup = json.loads(base64.b64decode(parse_qs(link.query)["inline"][0]))
    assert setup["_type"] == "configuration"
    assert setup["url"] == "https://tour.example/in/owntracks/TOKEN"
    assert (setup["mode"], setup["monitoring"], setup["tid"]) == (3, 2, "17")


def test_the_driver_pages_link_keeps_the_number_behind_the_hash() -> None:
    assert drive_link("https://tour.example/", "TOKEN", "S 1") == "https://tour.example/drive/TOKEN#S%201"
