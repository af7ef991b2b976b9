"""A page that was visited once opens without a connection, with the field as it was and how long ago that is."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import SOON_S, drawn, until, visit
from tests.e2e.morning import CLOCK_START, Morning
from tests.serving import serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

KEPT = """async () => {
  const paths = (await (await caches.open("milepost-watch")).keys()).map(request => new URL(request.url).pathname);
  const whole = ["/kept/california-mille", "/", "/basemap/far.json"].every(path => paths.includes(path));
  return whole && paths.some(path => path.includes("/courses/")) && navigator.serviceWorker.controller !== null;
}"""


async def test_it_works_offline_after_one_visit(without_webgl: Browser, demo_folder: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with serve(demo_folder, tmp_path, "--clock-start", CLOCK_START, "--clock-rate", "1") as server:
            morning = Morning.of(server)
            for number in ("12", "31"):
                morning.post(number, morning.told_by(number))
            spectator = await stack.enter_async_context(visit(without_webgl, f"{server.url}/"))
            await drawn(spectator)
            page = spectator.page

            async def kept() -> bool:
                return bool(await page.evaluate(KEPT))

            await until(kept, bool)
        await page.context.set_offline(True)  # which leaves websockets alone: the server is gone too
        await page.goto(f"{server.url}/?car=12")
        await expect(page.locator("#list [data-number]")).to_have_count(len(morning.urls))
        await expect(page.locator("#car h2")).to_contain_text("12 · Alfa Romeo")
        await expect(page.locator("#offline")).to_contain_text("No connection", timeout=SOON_S * 1000)
        spectator.complaints.clear()  # the browser itself reports every connection that was refused meanwhile
