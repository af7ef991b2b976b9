"""The driver's page on a phone: what the browser was told of positions is what the journal holds, whatever happened.

Places are emulated, and so is the screen lock, which headless Chromium refuses.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response, Route, expect

from tests.e2e.browsers import PHONE, Scheme, Screen, Visit, until_true, visit
from tests.serving import Server, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

SCREEN_LOCK = """
    window.locks = {asked: 0, last: null};
    Object.defineProperty(navigator, 'wakeLock', {configurable: true, value: {request: async () => {
        window.locks.asked += 1;
        return window.locks.last = Object.assign(new EventTarget(), {release: async () => {}});
    }}});
"""
REFUSED_LOCK = """
    Object.defineProperty(navigator, 'wakeLock', {configurable: true, value: {request: async () => {
        throw new DOMException('low power', 'NotAllowedError');
    }}});
"""
PATIENCE_MS = 60_000  # an answer may be lost and asked for again, on a machine that has other things to do
STEP_DEG = 0.002  # some 220 m: far enough for a fix of its own
LYING = Screen("lying", 844, 390, pixel_ratio=2, touch=True)
SMALL = Screen("small", 360, 640, pixel_ratio=2, touch=True)
DEAD_ZONE_FIXES = 60  # ten minutes, at one each ten seconds
SOMEWHERE = (38.0, -122.8)


@dataclass
class Driver:
    """A phone in a car with the page open, and the places where it has been."""

    visit: Visit
    places: list[tuple[float, float]] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.visit.page

    async def start(self) -> None:
        """Tap the big button; the first fix is with the tour when this returns."""

        def holds_a_fix(answer: Response) -> bool:
            return "/in/pings/" in answer.url and '"lat"' in (answer.request.post_data or "")

        async with self.page.expect_response(holds_a_fix, timeout=PATIENCE_MS):
            await self.drive_on()
            await self.page.locator("#share").tap()

    async def drive_on(self) -> None:
        lat, lon = SOMEWHERE[0] + len(self.places) * STEP_DEG, SOMEWHERE[1]
        self.places.append((round(lat, 7), lon))
        await self.page.context.set_geolocation({"latitude": lat, "longitude": lon, "accuracy": 6})

    async def drive_on_without_signal(self, fixes: int) -> None:
        """So many fixes that the page keeps for later."""
        for _ in range(fixes):
            waiting = await self.waiting()
            await self.drive_on()
            await self.shows("queue", "1 position" if waiting == 0 else f"{waiting + 1} positions")

    async def waiting(self) -> int:
        words = await self.page.locator("#queue").inner_text()
        return 0 if words == "all sent" else int(words.split()[0])

    async def shows(self, element: str, words: str) -> None:
        await expect(self.page.locator(f"#{element}")).to_have_text(words)

    async def everything_is_sent(self) -> None:
        await self.shows("queue", "all sent")

    async def can_open_without_coverage(self) -> None:
        await until_true(self.page, "async () => !!(await caches.match('/drive/'))")


@asynccontextmanager
async def driver_of(
    browser: Browser,
    server: Server,
    number: str,
    scheme: Scheme = "light",
    screen: Screen = PHONE,
    lock: str = SCREEN_LOCK,
) -> AsyncIterator[Driver]:
    """The page of a car, opened from its card."""
    async with visit(browser, drive_url(server, number), screen, scheme) as opened:
        await opened.page.context.grant_permissions(["geolocation"])
        await opened.page.evaluate(lock)
        await opened.page.add_init_script(lock)
        yield Driver(opened)


def drive_url(server: Server, number: str) -> str:
    (device,) = (device for device in server.devices() if device["vehicle"] == number)
    return f"{server.url}/drive/{device['token']}#{number}"


def journalled(server: Server, number: str) -> list[dict[str, Any]]:
    """What the journal holds of a car, by fix time."""
    lines = server.tracker("export", str(server.folder), "--data", str(server.data), "pings").splitlines()
    pings: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return sorted((ping for ping in pings if ping["vehicle"] == number), key=lambda ping: ping["fix_time_ms"])


def places_of(pings: list[dict[str, Any]]) -> list[tuple[float, float]]:
    return [(ping["lat"], ping["lon"]) for ping in pings]


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(demo_folder, tmp_path_factory.mktemp("drive")) as running:
        yield running


async def test_a_tap_and_the_tour_has_the_position(with_webgl: Browser, server: Server) -> None:
    async with driver_of(with_webgl, server, "12") as driver:
        await driver.start()
        await driver.shows("signal", "good")
        await driver.everything_is_sent()
        await expect(driver.page.locator("#share .small")).to_have_text("since the tour knew your place")
        await expect(driver.page.locator("#number")).to_have_text("12")
    (ping,) = journalled(server, "12")
    assert places_of([ping]) == driver.places
    assert ping["accuracy_m"] == 6.0


async def test_ten_minutes_without_signal_and_a_reload_lose_and_double_nothing(
    with_webgl: Browser, server: Server
) -> None:
    async with driver_of(with_webgl, server, "17") as driver:
        await driver.start()
        await driver.everything_is_sent()
        await driver.can_open_without_coverage()
        await driver.page.context.set_offline(True)
        await driver.drive_on_without_signal(DEAD_ZONE_FIXES // 2)
        reloaded = await driver.page.reload()
        assert reloaded is not None
        assert reloaded.from_service_worker
        await driver.page.clock.install()
        # The page goes on by itself, and the browser tells it once more what it told before the reload.
        await driver.shows("queue", f"{DEAD_ZONE_FIXES // 2 + 1} positions")
        await driver.drive_on_without_signal(DEAD_ZONE_FIXES // 2)
        await driver.page.clock.fast_forward("10:00")
        await driver.shows("signal", "none for now")
        await expect(driver.page.locator("#share .big")).to_have_text("10 min")
        await driver.page.context.set_offline(False)
        await driver.everything_is_sent()
        driver.visit.complaints.clear()  # the browser itself reports every request that found no network
    assert places_of(journalled(server, "17")) == driver.places


async def test_an_answer_that_gets_lost_doubles_nothing(with_webgl: Browser, server: Server) -> None:
    async with driver_of(with_webgl, server, "21") as driver:
        requests = 0

        async def lose_the_first_answer(route: Route) -> None:
            nonlocal requests
            if '"lat"' not in (route.request.post_data or ""):
                await route.continue_()  # the page's greeting
                return
            requests += 1
            if requests > 1:
                await route.continue_()
                return
            await route.fetch()
            await route.abort()

        await driver.page.route("**/in/pings/*", lose_the_first_answer)
        await driver.start()
        await driver.everything_is_sent()
        assert requests == 2
        driver.visit.complaints.clear()
    assert places_of(journalled(server, "21")) == driver.places


async def test_an_sos_without_signal_gets_through_later_and_the_page_says_when(
    with_webgl: Browser, demo_folder: Path, tmp_path: Path
) -> None:
    async with driver_of_restarting(with_webgl, demo_folder, tmp_path) as (driver, stack, port):
        page = driver.page
        await page.locator("#sos").tap()
        await page.locator("#ask .yes").tap()
        await expect(page.locator("#messages")).to_have_text("SOS waits for signal and goes out by itself")
        await page.reload()
        await expect(page.locator("#messages")).to_have_text("SOS waits for signal and goes out by itself")
        await page.locator("#fine").tap()
        await expect(page.locator("#messages li")).to_have_count(2)
        server = stack.enter_context(serve(demo_folder, tmp_path, port=port))
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("#messages li[data-call=sos]")).to_contain_text("The tour has your SOS since")
        await expect(page.locator("#messages li[data-call=fine]")).to_contain_text("that you are fine")
        assert [ping["sos"] for ping in journalled(server, "44") if ping["sos"]] == [True]
        driver.visit.complaints.clear()


@asynccontextmanager
async def driver_of_restarting(
    browser: Browser, folder: Path, data: Path
) -> AsyncIterator[tuple[Driver, ExitStack, int]]:
    """A driver whose server has gone away after the first fix; the caller may start another on the port."""
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        server = first.enter_context(serve(folder, data))
        async with driver_of(browser, server, "44") as driver:
            await driver.start()
            await driver.everything_is_sent()
            await driver.can_open_without_coverage()
            first.close()
            yield driver, stack, server.port


async def test_an_sos_wants_a_second_touch(with_webgl: Browser, server: Server) -> None:
    async with driver_of(with_webgl, server, "45") as driver:
        await driver.page.locator("#sos").tap()
        await driver.page.locator("#ask .no").tap()
        await expect(driver.page.locator("#ask")).to_be_hidden()
        await expect(driver.page.locator("#messages li")).to_have_count(0)
    assert journalled(server, "45") == []


async def test_stopping_takes_two_touches_too(with_webgl: Browser, server: Server) -> None:
    async with driver_of(with_webgl, server, "46") as driver:
        await driver.start()
        await driver.everything_is_sent()
        await driver.page.locator("#share").tap()
        await expect(driver.page.locator("#share .big")).to_have_text("Stop?")
        await driver.page.locator("#share").tap()
        await expect(driver.page.locator("#share .big")).to_have_text("Start")


async def test_the_screen_is_kept_on_and_asked_for_again(with_webgl: Browser, server: Server) -> None:
    async with driver_of(with_webgl, server, "47") as driver:
        await driver.start()
        await driver.shows("screen", "The screen stays on by itself. Another app, and no positions go out.")
        await driver.page.evaluate("locks.last.dispatchEvent(new Event('release'))")  # as when the page was hidden
        await expect(driver.page.locator("#screen")).to_have_attribute("data-bad", "true")
        await driver.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(driver.page.locator("#screen")).to_have_attribute("data-bad", "false")
        assert await driver.page.evaluate("locks.asked") == 2


async def test_a_screen_that_cannot_be_kept_on_is_said_so(with_webgl: Browser, server: Server) -> None:
    async with driver_of(with_webgl, server, "48", lock=REFUSED_LOCK) as driver:
        await driver.start()
        await expect(driver.page.locator("#screen")).to_contain_text("will not keep its screen on")


async def test_a_link_that_the_tour_does_not_know_is_said_so(with_webgl: Browser, server: Server) -> None:
    async with visit(with_webgl, f"{server.url}/drive/{'x' * 24}", PHONE) as stranger:
        await stranger.page.context.grant_permissions(["geolocation"])
        await expect(stranger.page.locator("#notice")).to_contain_text("does not know this link")  # before the start
        driver = Driver(stranger)
        await driver.start()
        await expect(stranger.page.locator("#notice")).to_contain_text("does not know this link")
        await driver.shows("queue", "1 position")
        await stranger.page.locator("#sos").tap()
        await stranger.page.locator("#ask .yes").tap()
        await expect(stranger.page.locator("#messages")).to_contain_text("telephone the organisers")
        stranger.complaints.clear()


async def test_the_page_is_the_same_whether_the_token_is_known_or_not(server: Server) -> None:
    known = drive_url(server, "12").removeprefix(server.url).partition("#")[0]
    status, page = server.get(known)
    assert status == HTTPStatus.OK
    for other in ("/drive/" + "x" * 24, "/drive/-", "/drive/car_12/"):
        assert server.get(other) == (HTTPStatus.OK, page)


async def test_nothing_may_keep_the_address_or_pass_it_on(server: Server) -> None:
    with await asyncio.to_thread(urllib.request.urlopen, drive_url(server, "12")) as answer:
        headers = answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("screen", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (SMALL, "light"), (LYING, "dark")],
    ids=lambda value: getattr(value, "name", value),
)
async def test_everything_is_in_sight_without_scrolling(
    with_webgl: Browser, server: Server, artefacts: Path, screen: Screen, scheme: Scheme
) -> None:
    name = f"drive-{screen.name}-{scheme}"
    async with driver_of(with_webgl, server, "12", scheme, screen) as driver:
        page = driver.page
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=artefacts / f"{name}-start.png")
        await driver.start()
        await driver.everything_is_sent()
        await page.context.set_offline(True)
        await driver.drive_on_without_signal(3)
        await page.locator("#sos").tap()
        await page.screenshot(path=artefacts / f"{name}-ask.png")
        await page.locator("#ask .yes").tap()
        await expect(page.locator("#messages li")).to_have_count(1)
        await page.screenshot(path=artefacts / f"{name}-offline.png")
        beyond = (
            "[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]"
        )
        assert await page.evaluate(beyond) == [0, 0]
        driver.visit.complaints.clear()
