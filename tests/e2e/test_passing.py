""" "When do they pass me?", asked with keys, a finger, a position and an address."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import PHONE, drawn, until, visit
from tests.e2e.morning import Morning
from tests.e2e.test_accessible import AXE, VIOLATIONS

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

WINDOW = re.compile(r"\d\d:\d\d–\d\d:\d\d")
OWN_WINDOW = re.compile(r"your time \d\d:\d\d–\d\d:\d\d")  # the test's spectator is far away


async def test_asked_by_keyboard_and_shared(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        page, keys = spectator.page, spectator.page.keyboard
        await page.locator("#ask").focus()
        await keys.press("Enter")
        await expect(page.locator("#passing h2")).to_be_focused()
        await page.locator("#passing select").focus()
        await keys.type("Fort")
        await keys.press("Enter")
        await expect(page.locator("#passing h2")).to_have_text("Fort Bragg, mile 160")
        first = page.locator("#passing li").first
        await expect(first.locator(".when")).to_have_text(WINDOW)
        await expect(first.locator("small")).to_have_text(OWN_WINDOW)
        await expect(page.locator("#passing .whole")).to_have_text(WINDOW)
        await expect(page.locator("#passing .results")).to_contain_text("67 to come")
        address = page.url
        assert "at=1," in address
        await keys.press("Escape")
        await expect(page.locator("#ask")).to_be_focused()
        await expect(page.locator("#list [data-number='12']")).to_be_visible()
        assert "at=" not in page.url
    async with visit(without_webgl, f"{address}&lang=it", PHONE, "dark") as friend:
        await drawn(friend)
        await expect(friend.page.locator("#passing .results")).to_contain_text("67 in arrivo")
        await friend.page.evaluate(AXE.read_text(encoding="utf-8"))
        assert await friend.page.evaluate(VIOLATIONS) == []


async def test_asked_with_a_position_and_on_the_map(without_webgl: Browser, morning: Morning) -> None:
    lat, lon = morning.tour.legs[0].course.point_at(200_000)
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        page = spectator.page
        await page.context.grant_permissions(["geolocation"])
        await page.context.set_geolocation({"latitude": lat + 0.003, "longitude": lon})
        await page.locator("#ask").click()
        await page.locator("#passing .locate").click()
        await expect(page.locator("#passing h2")).to_have_text("mile 124, between Point Arena and Navarro River")
        await expect(page.locator("#passing li").first.locator(".when")).to_have_text(WINDOW)
        assert not any("geo" in url or str(lat)[:6] in url for url in spectator.requests), (
            "a position stays where it is"
        )
        await page.locator("#passing .another").click()
        await page.context.set_geolocation({"latitude": 52.5, "longitude": 13.4})
        await page.locator("#passing .locate").click()
        await expect(page.locator("#passing .status")).to_contain_text("miles from the course")
        ladder = await page.locator("#ladder").bounding_box()
        assert ladder is not None
        await page.mouse.click(ladder["x"] + ladder["width"] - 60, ladder["y"] + ladder["height"] - 34)
        await expect(page.locator("#passing h2")).to_contain_text(re.compile("mile 15|Fort Bragg"))
        await page.context.set_offline(offline=True)
        await expect(page.locator("#passing li").first.locator(".when")).to_have_text(WINDOW)
        await page.context.set_offline(offline=False)
        await page.locator("#passing li button").first.click()

        async def chosen() -> object:
            return await page.evaluate("milepost.selected")

        await until(chosen, lambda number: number is not None)
