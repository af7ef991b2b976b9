"""`python -m tests.bench.page_costs`: what the spectator's page costs with 74 and 500 vehicles, in real Chromium.

The page and its course come from a real server, the live feed from here: frames as the engine's projector makes them,
so that an hour of them takes a minute. Draw cost is the page's own (`milepost.drawMs`: vehicles, numbers, trails, names
and the ladder), over a few hundred frames: on a still map, with the trails of an hour behind a dozen, while one car is
followed, and while the map is moved, which lays out every name anew. The browser's clock ticks in tenths of a
millisecond; the mean of the middle half of the frames is finer than that and leaves out the worst of what else the
machine does, and the quietest tenth is what an idle one would show. The heap is measured after a collection.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, Route, WebSocketRoute, async_playwright

from tests.e2e.browsers import DESKTOP, launch, until
from tests.serving import serve
from tracker.catalogue import ServedTour
from tracker.commands.demo import FOLDER
from tracker.core.model import Freshness, Status, VehicleView
from tracker.core.segments import SLOT_MS, Traces, slot_of
from tracker.core.shown import Shown
from tracker.tourfiles import load_tour_folder
from tracker.wire.audience import PUBLIC
from tracker.wire.frames import Projector
from tracker.wire.segments import Segment, encode_segment

HOUR_S = 3600
HEAP_AT_S = (600, 1800, 3600)
EVERY_MS = 12  # between two frames of the hour that is run through fast
DRAWS = 300
MPS = 13.0
SPACING_M = 300.0
TRAILED = 12  # so many have a trail behind them
TRAIL_S = 3600
POINT_EVERY_S = 30
DRAWN = """([count, moved]) => new Promise(done => {
  const costs = [];
  const map = document.querySelector("#map");
  let seen = milepost.draws;
  const look = () => {
    if (milepost.draws > seen) costs.push(milepost.drawMs);
    seen = milepost.draws;
    if (costs.length >= count) return done(costs);
    if (moved) map.dispatchEvent(new KeyboardEvent("keydown", { key: seen % 2 ? "ArrowLeft" : "ArrowRight" }));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
TRAILS = """numbers => {
  localStorage.setItem("milepost.favourites.california-mille", numbers);
  localStorage.setItem("milepost.trails", "Infinity");
}"""


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

    def along_m(self, row: int, told_s: int) -> float:
        return (row * SPACING_M + told_s * MPS) % self.served.tour.legs[0].length_m

    def frame(self) -> bytes:
        """One second later: everybody has driven on."""
        self.told_s += 1
        leg = self.served.tour.legs[0]
        views = []
        for row in range(len(self.served.tour.vehicles)):
            along_m = self.along_m(row, self.told_s)
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

    def slices(self) -> dict[str, Segment]:
        """The hour before the first frame, by hash."""
        tour = self.served.tour
        numbers = [vehicle.number for vehicle in tour.vehicles]
        first_ms = slot_of(self.start_ms - TRAIL_S * 1000)
        found = {}
        for slot_ms in range(first_ms, self.start_ms, SLOT_MS):
            times_ms = range(slot_ms, min(slot_ms + SLOT_MS, self.start_ms), POINT_EVERY_S * 1000)
            traces = [
                Traces(row, slot_ms, tuple(self.shown(row, time_ms) for time_ms in times_ms))
                for row in range(len(numbers))
            ]
            segment = encode_segment(0, slot_ms, numbers, traces)
            found[segment.hash] = segment
        return found

    def shown(self, row: int, time_ms: int) -> Shown:
        along_m = self.along_m(row, (time_ms - self.start_ms) // 1000)
        lat, lon = self.served.tour.legs[0].course.point_at(along_m)
        return Shown(time_ms, round(lat * 1e7), round(lon * 1e7), 0, round(along_m), Status.RUNNING)


async def serve_slices(page: Page, field: Field) -> None:
    """The field's own past in place of the server's, which has none."""
    slices = field.slices()
    listed = [
        {"start_ms": each.start_ms, "end_ms": each.start_ms + SLOT_MS, "hash": each.hash, "bytes": len(each.body)}
        for each in slices.values()
    ]

    async def answer(route: Route) -> None:
        found = slices.get(route.request.url.rpartition("/")[2])
        if found:
            await route.fulfill(body=found.body, content_type="application/octet-stream")
        else:
            await route.fulfill(body=json.dumps({"leg": 1, "segments": listed}), content_type="application/json")

    await page.route("**/segments**", answer)


async def open_page(browser: Browser, url: str, field: Field, trailed: str = "") -> tuple[Page, WebSocketRoute]:
    """The page with the field's feed in place of the server's; `trailed` are the favourites that have a trail."""
    page = await browser.new_page(viewport={"width": DESKTOP.width, "height": DESKTOP.height})
    opened: asyncio.Future[WebSocketRoute] = asyncio.get_running_loop().create_future()

    def connected(socket: WebSocketRoute) -> None:
        if not opened.done():
            opened.set_result(socket)

    await page.route_web_socket("**/live/**", connected)
    if trailed:
        await serve_slices(page, field)
        await page.add_init_script(f"({TRAILS})({trailed!r})")
    await page.goto(url)
    socket = await opened
    field.frame()
    socket.send(field.projector.snapshot(field.now_ms))

    async def drawn() -> object:
        return await page.evaluate("window.milepost?.firstVehicleMs ?? null")

    await until(drawn, lambda seen: seen is not None)
    return page, socket


async def draw_costs(browser: Browser, folder: Path, url: str) -> None:
    """Without trails, and with those of a dozen favourites that stand all over the field."""
    vehicles = Field.of(folder, 1.0).served.tour.vehicles
    favourites = ",".join(vehicle.number for vehicle in vehicles[:: len(vehicles) // TRAILED][:TRAILED])
    for trailed in ("", favourites):
        field = Field.of(folder, 1.0)
        page, socket = await open_page(browser, url, field, trailed)
        telling = asyncio.create_task(tell(field, socket))
        await asyncio.sleep(6)
        trails = f", {TRAILED} trails" if trailed else ""
        await draw_cost(page, f"{len(vehicles)} vehicles, whole leg{trails}")
        await page.locator("#list .car").nth(20).click()
        await asyncio.sleep(3)
        await draw_cost(page, f"{len(vehicles)} vehicles, following{trails}")
        await draw_cost(page, f"{len(vehicles)} vehicles, map moved{trails}", moved=True)
        telling.cancel()
        await page.close()


async def tell(field: Field, socket: WebSocketRoute) -> None:
    while True:
        await asyncio.sleep(1)
        socket.send(field.frame())


async def draw_cost(page: Page, name: str, *, moved: bool = False) -> None:
    costs = sorted(await page.evaluate(DRAWN, [DRAWS, moved]))
    middle = statistics.fmean(costs[len(costs) // 4 : -(len(costs) // 4)])
    quietest = statistics.fmean(costs[: len(costs) // 10])
    most = costs[int(len(costs) * 0.95)]
    load = os.getloadavg()[0]
    print(
        f"draw, {name}: {middle:.2f} ms; quietest tenth {quietest:.2f}, 95 % within {most:.1f} (load {load:.1f})",
        flush=True,
    )


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
    parser.add_argument("--vehicles", type=int, nargs="+", default=[74, 500], help="how many (default 74 and 500)")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("no Chromium on PATH: `make test` installs it through apt-get", file=sys.stderr)
        return 2
    async with async_playwright() as playwright:
        browser = await launch(playwright, chromium)
        for vehicles in options.vehicles:
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
