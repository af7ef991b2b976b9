"""`python -m tests.bench.page_costs`: what the spectator's page costs with 74 and 500 vehicles, in real Chromium.

The page and its course come from a real server, the live feed from here: frames as the engine's projector makes them,
so that an hour of them takes a minute. Draw cost is the page's own (`milepost.drawMs`: place, map and ladder), the
median of a few hundred frames, on a still map and while it follows a car. The heap is measured after a collection.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, WebSocketRoute, async_playwright

from tests.e2e.browsers import DESKTOP, launch, until
from tests.serving import serve
from tracker.catalogue import ServedTour
from tracker.commands.demo import FOLDER
from tracker.core.model import Freshness, Status, VehicleView
from tracker.tourfiles import load_tour_folder
from tracker.wire.audience import PUBLIC
from tracker.wire.frames import Projector

HOUR_S = 3600
HEAP_AT_S = (600, 1800, 3600)
EVERY_MS = 12  # between two frames of the hour that is run through fast
DRAWS = 300
MPS = 13.0
SPACING_M = 300.0
DRAWN = """count => new Promise(done => {
  const costs = [];
  const look = () => {
    costs.push(milepost.drawMs);
    if (costs.length < count) requestAnimationFrame(look);
    else done(costs);
  };
  requestAnimationFrame(look);
})"""


def crowded(folder: Path, vehicles: int) -> Path:
    """The demo tour with so many vehicles."""
    shutil.copytree(FOLDER, folder)
    with (folder / "roster.csv").open(newline="", encoding="utf-8") as file:
        titles, *rows = csv.reader(file)
    more = [[str(number), *rows[number % 60][1:]] for number in range(len(rows) + 1, vehicles + 8)]
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([titles, *(rows + more)[:vehicles]])
    return folder


@dataclass
class Field:
    """Vehicles that drive the first leg in a row, told by frames as the engine's."""

    served: ServedTour
    projector: Projector
    start_ms: int
    told_s: int = 0

    @classmethod
    def of(cls, folder: Path, rate: float) -> Field:
        served = ServedTour.of(load_tour_folder(folder), 1, 10)
        vehicles = len(served.tour.vehicles)
        leg = served.tour.legs[0]
        projector = Projector(served.about(PUBLIC), vehicles, 1, rate)
        return cls(served, projector, leg.first_start_ms + 3_600_000)

    @property
    def now_ms(self) -> int:
        return self.start_ms + self.told_s * 1000

    def frame(self) -> bytes:
        """One second later: everybody has driven on."""
        self.told_s += 1
        leg = self.served.tour.legs[0]
        views = []
        for row in range(len(self.served.tour.vehicles)):
            along_m = (row * SPACING_M + self.told_s * MPS) % leg.length_m
            lat, lon = leg.course.point_at(along_m)
            views.append(
                VehicleView(
                    row,
                    self.now_ms,
                    lat,
                    lon,
                    leg=0,
                    along_m=along_m,
                    status=Status.RUNNING,
                    status_since_ms=self.now_ms - 600_000,
                    freshness=Freshness.LIVE,
                )
            )
        frame = self.projector.delta(views, self.now_ms)
        assert frame is not None
        return frame


async def open_page(browser: Browser, url: str, field: Field) -> tuple[Page, WebSocketRoute]:
    """The page with the field's feed in place of the server's."""
    page = await browser.new_page(viewport={"width": DESKTOP.width, "height": DESKTOP.height})
    opened: asyncio.Future[WebSocketRoute] = asyncio.get_running_loop().create_future()

    def connected(socket: WebSocketRoute) -> None:
        if not opened.done():
            opened.set_result(socket)

    await page.route_web_socket("**/live/**", connected)
    await page.goto(url)
    socket = await opened
    field.frame()
    socket.send(field.projector.snapshot(field.now_ms))

    async def drawn() -> object:
        return await page.evaluate("window.milepost?.firstVehicleMs ?? null")

    await until(drawn, lambda seen: seen is not None)
    return page, socket


async def draw_costs(browser: Browser, folder: Path, url: str) -> None:
    field = Field.of(folder, 1.0)
    page, socket = await open_page(browser, url, field)

    async def tell() -> None:
        while True:
            await asyncio.sleep(1)
            socket.send(field.frame())

    telling = asyncio.create_task(tell())
    await asyncio.sleep(6)
    for name, address in (("whole leg", None), ("following", "#list .car")):
        if address:
            await page.locator(address).nth(20).click()
            await asyncio.sleep(3)
        costs = sorted(await page.evaluate(DRAWN, DRAWS))
        median, most = statistics.median(costs), costs[int(len(costs) * 0.95)]
        count = len(field.served.tour.vehicles)
        print(f"draw, {count} vehicles, {name}: median {median:.2f} ms, 95 % within {most:.2f} ms", flush=True)
    telling.cancel()
    await page.close()


async def heap(browser: Browser, folder: Path, url: str) -> None:
    field = Field.of(folder, 1000 / EVERY_MS)
    page, socket = await open_page(browser, url, field)
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.enable")
    for second in range(1, HOUR_S + 1):
        socket.send(field.frame())
        await asyncio.sleep(EVERY_MS / 1000)
        if second in HEAP_AT_S:
            await until(lambda: page.evaluate("milepost.seq"), lambda seq: seq == field.projector.seq)
            await session.send("HeapProfiler.collectGarbage")
            used = (await session.send("Runtime.getHeapUsage"))["usedSize"] / 1e6
            print(
                f"heap, {len(field.served.tour.vehicles)} vehicles, after {second // 60} min: {used:.1f} MB", flush=True
            )
    await page.close()


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-heap", action="store_true", help="leave out the simulated hour")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("no Chromium on PATH: `make test` installs it through apt-get", file=sys.stderr)
        return 2
    async with async_playwright() as playwright:
        browser = await launch(playwright, chromium)
        for vehicles in (74, 500):
            with tempfile.TemporaryDirectory() as data:
                folder = crowded(Path(data) / "tour", vehicles)
                with serve(folder, Path(data) / "data") as server:
                    await draw_costs(browser, folder, server.url)
                    if vehicles == 500 and not options.no_heap:
                        await heap(browser, folder, server.url)
        await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
