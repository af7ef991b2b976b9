"""`python -m tests.bench.first_vehicle`: how soon a first visit sees a vehicle, and the map, with a cold cache.

Locally, and as on a bad mobile line with a slow phone (1.6 Mbit/s, 150 ms, CPU at a quarter). Medians of five visits.
The map is ready when MapLibre has drawn it, in software; until then the plain map is there.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.e2e.browsers import DESKTOP, PHONE, Screen, drawn, launch, visit
from tests.e2e.morning import CLOCK_START, Morning
from tests.serving import serve
from tracker.commands.demo import FOLDER

VISITS = 5
BAD_LINE_BYTES_PER_S = 1_600_000 / 8
BAD_LINE_LATENCY_MS = 150
SLOW_CPU = 4


async def throttle(page: Page) -> None:
    session = await page.context.new_cdp_session(page)
    line = {"offline": False, "latency": BAD_LINE_LATENCY_MS, "downloadThroughput": BAD_LINE_BYTES_PER_S}
    await session.send("Network.emulateNetworkConditions", line | {"uploadThroughput": BAD_LINE_BYTES_PER_S})
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})


async def measure(browser: Browser, url: str, screen: Screen, *, slow: bool) -> tuple[list[float], list[float]]:
    """Milliseconds from the start of the visit to the first vehicle drawn, as the page takes them, and to the map."""
    taken, ready = [], []
    for _ in range(VISITS):
        async with visit(browser, "about:blank", screen) as blank:
            if slow:
                await throttle(blank.page)
            await blank.page.goto(url)
            state = await drawn(blank)
            assert state.first_vehicle_ms is not None
            taken.append(state.first_vehicle_ms)
            ready.append(await map_ready_ms(blank.page))
    return taken, ready


async def map_ready_ms(page: Page) -> float:
    """When MapLibre has drawn the ground; the look itself is a tenth of a second apart."""
    for _ in range(600):
        now_ms = await page.evaluate("milepost.ground === 'maplibre' ? performance.now() : null")
        if now_ms is not None:
            return float(now_ms)
        await asyncio.sleep(0.1)
    raise AssertionError("no map within a minute")


async def main() -> int:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("no Chromium on PATH: `make test` installs it through apt-get", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as data, serve(FOLDER, Path(data), "--clock-start", CLOCK_START) as server:
        Morning.of(server).post_all()
        async with async_playwright() as playwright:
            browser = await launch(playwright, chromium)
            for name, screen, slow in (("local", DESKTOP, False), ("local", PHONE, False), ("bad line", PHONE, True)):
                vehicle, ready = await measure(browser, server.url, screen, slow=slow)
                for what, taken in (("first vehicle", vehicle), ("map", ready)):
                    spread = ", ".join(f"{each:.0f}" for each in sorted(taken))
                    print(
                        f"{name}, {screen.name}: {what} after {statistics.median(taken):.0f} ms ({spread})", flush=True
                    )
            await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
