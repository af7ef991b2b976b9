"""The organiser's own base map: its hosts and no others are asked, and the plain map stays where they cannot be had."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import Visit, until, visit
from tests.hills import PIXEL, hills
from tests.serving import free_port, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

CLOCK = ("--clock-start", "2027-05-03T07:30:00+02:00")
PNG_TILES = 2  # of PMTiles' kinds


def archive(tile: bytes) -> bytes:
    """A PMTiles file of version 3 with one PNG tile, the whole world."""
    directory = bytes([1, 0, 1, len(tile), 1])  # one entry: tile 0, one of it, so long, at the beginning
    start = 127
    places = (start, len(directory), start + len(directory), 2, 0, 0, start + len(directory) + 2, len(tile))
    header = b"PMTiles\x03" + struct.pack("<8Q3Q", *places, 1, 1, 1)
    header += struct.pack("<6B", 1, 1, 1, PNG_TILES, 0, 0)  # clustered, not compressed twice, kind, zooms
    header += struct.pack("<4iB2i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000, 0, 0, 0)
    return header + directory + b"{}" + tile


@contextmanager
def tile_host() -> Iterator[str]:
    """Somebody else's tiles; yields their address."""

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(PIXEL)

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is for failures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tiles) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def map_table(kind: str, url: str) -> str:
    return f'\n[map]\n{kind} = "{url}"\nattribution = "Painted by hand"\n'


async def ground(spectator: Visit) -> str:
    return str(await spectator.page.evaluate("window.milepost?.ground ?? ''"))


async def test_raster_tiles_of_another_host(with_webgl: Browser, tmp_path: Path, artefacts: Path) -> None:
    with tile_host() as host:
        folder = hills(tmp_path / "tour", map_table("tiles", host + "/{z}/{x}/{y}.png"))
        with serve(folder, tmp_path / "data", *CLOCK) as server:
            async with visit(with_webgl, server.url) as spectator:
                await until(lambda: ground(spectator), lambda seen: seen == "maplibre")
                await expect(spectator.page.locator("#credits")).to_have_text("Painted by hand")
                assert {url.rpartition("/")[0][: len(host)] for url in spectator.to_others()} == {host}
                blocked = await spectator.page.evaluate(
                    "fetch('http://127.0.0.1:9/').then(() => 'asked', error => error.constructor.name)"
                )
                assert blocked == "TypeError"
                await spectator.page.screenshot(path=artefacts / "own-map.png")
                assert any("Content Security Policy" in line for line in spectator.complaints)
                spectator.complaints.clear()  # which is what was wanted


async def test_a_pmtiles_file_of_the_folder(with_webgl: Browser, tmp_path: Path) -> None:
    folder = hills(tmp_path / "tour", map_table("pmtiles", "own.pmtiles"))
    (folder / "own.pmtiles").write_bytes(archive(PIXEL))
    with serve(folder, tmp_path / "data", *CLOCK) as server:
        async with visit(with_webgl, server.url) as spectator:
            await until(lambda: ground(spectator), lambda seen: seen == "maplibre")
            await expect(spectator.page.locator("#credits")).to_have_text("Painted by hand")
            assert spectator.to_others() == []


async def test_hosts_that_cannot_be_reached(with_webgl: Browser, tmp_path: Path) -> None:
    folder = hills(tmp_path / "tour", map_table("style", f"http://127.0.0.1:{free_port()}/style.json"))
    text = (folder / "tour.toml").read_text(encoding="utf-8")
    (folder / "tour.toml").write_text(text.replace('attribution = "Painted by hand"\n', ""), encoding="utf-8")
    with serve(folder, tmp_path / "data", *CLOCK) as server:
        async with visit(with_webgl, server.url) as spectator:
            await expect(spectator.page.locator("#list [data-number]")).to_have_count(7)

            async def said() -> bool:
                return any("the plain map stays" in line for line in spectator.complaints)

            await until(said, bool)
            assert await ground(spectator) == "plain"
            await expect(spectator.page.locator("#credits")).to_contain_text("Natural Earth")
            spectator.complaints.clear()
