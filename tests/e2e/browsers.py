"""Headless Chromium as spectators have it: with WebGL, without it, on a desk and in a hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Playwright

Scheme = Literal["light", "dark"]

# Software drawing throughout: a CI machine has no GPU, and --use-gl=angle would send all of the page through it too.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
NO_WEBGL = "--disable-3d-apis"
T = TypeVar("T")

SOON_S = 20.0  # how long a test waits for what must come; nothing passes by waiting


@dataclass(frozen=True)
class Screen:
    """What somebody looks at the page with."""

    name: str
    width: int
    height: int
    pixel_ratio: int = 1
    touch: bool = False


DESKTOP = Screen("desktop", 1280, 800)
PHONE = Screen("phone", 390, 844, pixel_ratio=2, touch=True)


@dataclass(frozen=True)
class PageState:
    """The page's own account of what it shows: the same three that every snapshot of the feed carries."""

    epoch: int
    seq: int
    hash: int
    first_vehicle_ms: float | None  # when the first vehicle was drawn, after the start of the visit


@dataclass
class Visit:
    """A page that somebody opened, and what went over the wire and wrong meanwhile."""

    page: Page
    home: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def to_others(self) -> list[str]:
        """Requests that left for another host than the page's own."""
        own = urlsplit(self.home).netloc
        there = [urlsplit(url) for url in self.requests]
        return [url.geturl() for url in there if url.scheme not in ("data", "blob") and url.netloc != own]

    async def state(self) -> PageState | None:
        """What the page has folded, or None before its first snapshot."""
        seen = await self.page.evaluate(
            "window.milepost?.seq ? [milepost.epoch, milepost.seq, milepost.hash(), milepost.firstVehicleMs] : null"
        )
        return None if seen is None else PageState(*seen)

    def on_console(self, message: ConsoleMessage) -> None:
        of_the_driver = "GL Driver Message" in message.text  # WebGL in software finds reading pixels slow; so it is
        if message.type in ("error", "warning") and not of_the_driver:
            self.complaints.append(message.text)


async def launch(playwright: Playwright, chromium: str, *more_flags: str) -> Browser:
    return await playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *more_flags])


@asynccontextmanager
async def visit(browser: Browser, url: str, screen: Screen = DESKTOP, scheme: Scheme = "light") -> AsyncIterator[Visit]:
    """A first visit with an empty cache. A page that complains on its console fails the test that visits it."""
    context = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.pixel_ratio,
        has_touch=screen.touch,
        is_mobile=screen.touch,
        color_scheme=scheme,
        locale="en-US",
        timezone_id="Europe/Berlin",  # somebody far away: the page must speak of the tour's time by itself
    )
    try:
        visit = Visit(await context.new_page(), url)
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("websocket", lambda socket: visit.requests.append(socket.url))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("console", visit.on_console)
        visit.page.set_default_timeout(SOON_S * 1000)
        await visit.page.goto(url)
        yield visit
        assert visit.complaints == []
    finally:
        await context.close()


async def until(look: Callable[[], Awaitable[T]], satisfied: Callable[[T], bool]) -> T:
    """The first thing seen that satisfies, looking again and again; fails with the last one seen."""
    deadline = asyncio.get_running_loop().time() + SOON_S
    while not satisfied(seen := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"not within {SOON_S:g} s; last seen: {seen!r}"
        await asyncio.sleep(0.05)
    return seen


async def drawn(visit: Visit) -> PageState:
    """The page's state once vehicles are on the screen."""

    def a_vehicle_is_drawn(state: PageState | None) -> bool:
        return state is not None and state.first_vehicle_ms is not None

    state = await until(visit.state, a_vehicle_is_drawn)
    assert state is not None
    return state


async def until_true(page: Page, script: str) -> None:
    """Wait until an asynchronous function of the page says yes: `wait_for_function` takes its promise for one."""

    async def ask() -> object:
        return await page.evaluate(script)

    await until(ask, bool)
