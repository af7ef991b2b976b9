"""The past: a link to a moment shows the field as it was, it plays, and nobody can take it for live."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import datetime
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browsers import PHONE, drawn, until, until_true, visit
from tests.e2e.morning import NOW_MS, STOPPED, Morning
from tests.e2e.test_accessible import AXE, VIOLATIONS
from tests.serving import Server
from tracker.wire.segments import decode_segment

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

MOMENT = "2027-04-26T17:32:00Z"
MOMENT_MS = int(datetime.fromisoformat(MOMENT).timestamp() * 1000)
# The page keeps its parts when it is put away, and every twenty seconds: the parts of a replay too.
PUT_AWAY = """() => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  document.dispatchEvent(new Event("visibilitychange"));
  Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
}"""
KEPT_REPLAY = """async () => {
  const paths = async name => (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname);
  const slices = (await paths("milepost-past")).filter(path => /segments\\/\\w+$/.test(path));
  return slices.length > 0 && (await paths("milepost-watch")).some(path => path.startsWith("/assets/replay-"));
}"""
NEAR_M = 60  # slices keep places within 12 m, and the matcher smooths what phones say


async def with_a_past(server: Server) -> None:
    """Once the engine has told of everything that the morning posted."""

    leg = "/api/v1/tours/california-mille/legs/1/segments"

    async def told() -> int:
        segments = json.loads(server.get(leg)[1])["segments"]
        slices = [decode_segment(server.get(f"{leg}/{each['hash']}")[1]) for each in segments[-2:]]
        return min((len(vehicles) for vehicles in slices), default=0)

    everybody = len(server.devices())
    for _ in range(2):  # the engine looks for news every 20 s, and a test does not wait for longer than that
        with contextlib.suppress(AssertionError):
            await until(told, lambda vehicles: vehicles == everybody)
            return
    raise AssertionError("the engine made no slices")


async def shown(page: Page) -> dict[str, Any]:
    seen: dict[str, Any] = await page.evaluate("milepost.shown()")
    return seen


def told_along_m(morning: Morning, number: str, time_ms: float) -> float:
    """Where a car's phone had it at a time: its places are evenly spaced, so that a straight line is the truth."""
    index = next(i for i, vehicle in enumerate(morning.tour.vehicles) if vehicle.number == number)
    start_ms = morning.tour.start_time_ms(0, index)
    assert start_ms is not None
    first = morning.told_by(number)[0]
    course = morning.tour.legs[0].course
    along_m = min(
        range(0, round(course.length_m), 25),
        key=lambda m: abs(course.point_at(m)[0] - first["lat"]) + abs(course.point_at(m)[1] - first["lon"]),
    )
    mps = along_m / ((first["fix_time_ms"] - start_ms) / 1000)
    return (time_ms - start_ms) / 1000 * mps


async def test_a_link_to_a_moment_shows_the_field_as_it_was_and_plays(without_webgl: Browser, morning: Morning) -> None:
    await with_a_past(morning.server)
    numbers = [vehicle.number for vehicle in morning.tour.vehicles]
    async with visit(without_webgl, f"{morning.server.url}/?t={MOMENT}&theme=dark") as spectator:
        await drawn(spectator)
        page = spectator.page
        await expect(page.locator("#live")).to_have_text("REPLAY, paused")
        await expect(page.locator("#clock")).to_have_text(re.compile(r"Mon 10:32 at the tour"))
        seen = await until(lambda: shown(page), lambda seen: sum(m is not None for m in seen["alongM"]) == len(numbers))
        assert seen["nowMs"] == MOMENT_MS
        for number in ("3", "20", "45"):
            expected_m = told_along_m(morning, number, MOMENT_MS)
            assert seen["alongM"][numbers.index(number)] == pytest.approx(expected_m, abs=NEAR_M)
        for number in STOPPED:
            await expect(page.locator(f"[data-number='{number}'] .state")).to_contain_text(re.compile("stopped|on the"))
        await page.locator("#replay select").select_option("10")
        await page.locator("#replay .play").click()
        await expect(page.locator("#live")).to_have_text("REPLAY ×10")
        later = await until(lambda: shown(page), lambda seen: seen["nowMs"] > MOMENT_MS + 15_000)
        assert later["alongM"][numbers.index("3")] > seen["alongM"][numbers.index("3")] + 100
        expected_m = told_along_m(morning, "20", later["nowMs"])
        assert later["alongM"][numbers.index("20")] == pytest.approx(expected_m, abs=NEAR_M)
        await page.locator("#replay input").focus()
        await page.keyboard.press("Space")
        await expect(page.locator("#live")).to_have_text("REPLAY, paused")
        assert re.search(r"\?leg=1&t=2027-04-26T17:3\d:\d\dZ", page.url)
        await page.keyboard.press("End")
        await until(lambda: shown(page), lambda seen: seen["nowMs"] >= NOW_MS)
        await page.locator("#replay .live").click()
        await expect(page.locator("#live")).to_have_attribute("data-link", "open")
        assert "t=" not in page.url.partition("?")[2].replace("theme=", "")


async def test_a_replay_that_was_seen_is_seen_again_without_a_network(without_webgl: Browser, morning: Morning) -> None:
    await with_a_past(morning.server)
    numbers = [vehicle.number for vehicle in morning.tour.vehicles]
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        page = spectator.page
        await until_true(page, "async () => navigator.serviceWorker.controller !== null")
        await page.goto(f"{morning.server.url}/?t={MOMENT}")
        await until(lambda: shown(page), lambda seen: sum(m is not None for m in seen["alongM"]) == len(numbers))
        await page.evaluate(PUT_AWAY)
        await until_true(page, KEPT_REPLAY)
        await page.context.set_offline(True)
        await page.goto(f"{morning.server.url}/?t={MOMENT}")
        await expect(page.locator("#live")).to_have_text("REPLAY, paused")
        seen = await until(lambda: shown(page), lambda seen: sum(m is not None for m in seen["alongM"]) == len(numbers))
        assert seen["nowMs"] == MOMENT_MS
        spectator.complaints.clear()  # the browser's own words about the network that was taken away


async def test_the_past_on_a_phone_in_italian(without_webgl: Browser, morning: Morning) -> None:
    await with_a_past(morning.server)
    async with visit(without_webgl, f"{morning.server.url}/?lang=it", PHONE) as spectator:
        await drawn(spectator)
        page = spectator.page
        await page.locator("#more summary").click()
        assert not any("/segments" in url for url in spectator.requests), "nobody has asked for the past yet"
        await page.locator("#trails").select_option("30")

        async def slices() -> int:
            return sum("/segments/" in url for url in spectator.requests)

        await until(slices, lambda fetched: fetched >= 2)
        assert await page.evaluate("localStorage.getItem('milepost.trails')") == "30"
        await expect(page.locator("#trail")).to_be_hidden()
        await page.locator("#more summary").click()
        await page.locator("#list .car").first.click()
        await expect(page.locator("#trail")).to_have_attribute("aria-pressed", "true")
        await page.locator("#trail").click()
        assert await page.evaluate("localStorage.getItem('milepost.trails')") == "0"
        await page.locator("#trail").click()
        await expect(page.locator("#trails")).to_have_value("30")
        await page.locator("#more summary").click()
        await page.locator("#replay-leg").click()
        await expect(page.locator("#live")).to_contain_text("REPLAY")
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        assert await page.evaluate(VIOLATIONS) == []
