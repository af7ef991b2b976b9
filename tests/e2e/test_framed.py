"""The tour in a frame of somebody's page, and the arrivals board in the lobby."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.browsers import DESKTOP, PHONE, Screen, drawn, until, visit
from tests.e2e.morning import Morning

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

TELEVISION = Screen("television", 1920, 1080)


@contextmanager
def club_page(address: str) -> Iterator[str]:
    """A page of another site with the tour in a frame; yields its address while it is served."""
    frame = f'<iframe src="{address}" width="360" height="480"></iframe>'
    page = f"<!doctype html><title>Club</title><p>Our tour</p>{frame}<div style='height:3000px'></div>".encode()

    class Club(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is for failures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Club) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"  # by another name than the tour's: another site
        server.shutdown()


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda screen: screen.name)
async def test_a_page_of_another_site_shows_the_tour(
    without_webgl: Browser, morning: Morning, screen: Screen, artefacts: Path
) -> None:
    context = await without_webgl.new_context(viewport={"width": screen.width, "height": screen.height})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def heard(message: ConsoleMessage) -> None:
        ours = str(message.location.get("url", "")).startswith(
            morning.server.url
        )  # the club's own page is not the matter
        if ours and message.type == "error":
            complaints.append(message.text)

    page.on("console", heard)

    with club_page(f"{morning.server.url}/embed/california-mille?car=12") as club:
        await page.goto(club)
    framed = page.frames[1]

    async def first_vehicle() -> object:
        return await framed.evaluate("window.milepost?.firstVehicleMs ?? null")

    await until(first_vehicle, lambda seen: seen is not None)
    await expect(framed.locator("#said")).to_contain_text("12, Alfa Romeo 8C 2300: stopped")
    await expect(framed.locator("#live")).to_contain_text("LIVE")
    await framed.locator("#closer").click()  # there to be pressed: the map has a height in its frame
    assert await framed.locator("#whole").get_attribute("href") == "/tour/california-mille?car=12"
    assert await context.cookies() == []
    # Headless Chromium keeps storage from frames of other sites; the page must live without.
    await page.mouse.move(180, 250)
    await page.mouse.wheel(0, 400)

    async def scrolled() -> float:
        return float(await page.evaluate("scrollY"))

    await until(scrolled, lambda y: y > 0)  # the frame is no trap for the wheel
    await page.screenshot(path=artefacts / f"embed-{screen.name}.png")
    assert complaints == []
    await context.close()


async def test_the_board_says_who_comes_next_and_keeps_it_without_a_network(
    without_webgl: Browser, morning: Morning, artefacts: Path
) -> None:
    address = f"{morning.server.url}/arrivals/california-mille?checkpoint=gualala"
    async with visit(without_webgl, address, TELEVISION, "dark") as lobby:
        page = lobby.page
        rows = page.locator("#board li")
        await expect(rows).to_have_count(10)
        await expect(page.locator("h1")).to_have_text("Arriving at Gualala")
        await expect(rows.first.locator(".when")).to_contain_text("min")
        await expect(page.locator("#count")).to_contain_text("on the road")
        assert await higher_than(page, "#board .when", 50), "too small to be read at five metres"
        await page.screenshot(path=artefacts / "arrivals-board.png")
        fits = await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert fits, "a television cannot be scrolled"
        await lobby.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        names = await rows.all_inner_texts()
        await page.context.set_offline(True)
        await page.evaluate("const now = Date.now; Date.now = () => now() + 600_000")  # ten minutes later
        await expect(page.locator("#age")).to_contain_text("10 min ago")
        assert [name.split("\n")[0] for name in await rows.all_inner_texts()] == [name.split("\n")[0] for name in names]
        lobby.complaints.clear()  # the browser itself reports every request that failed meanwhile


async def higher_than(page: Page, selector: str, pixels: float) -> bool:
    size = await page.locator(selector).first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    return float(size) >= pixels


async def test_the_board_rolls_on_to_the_next_start(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, f"{morning.server.url}/arrivals/california-mille?leg=2&lang=it") as lobby:
        await drawn_board(lobby.page)
        await expect(lobby.page.locator("#where")).to_contain_text("Tappa 2 di 5")


async def drawn_board(page: Page) -> None:
    await expect(page.locator("#clock")).not_to_be_empty()


async def test_a_kiosk_shows_no_controls_and_goes_round_by_itself(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, f"{morning.server.url}/?kiosk=1&car=12,31") as kiosk:
        await drawn(kiosk)
        for control in ("#search", "#more", ".tools", ".zoom"):
            await expect(kiosk.page.locator(control)).to_be_hidden()
        assert "car=12,31" in kiosk.page.url
