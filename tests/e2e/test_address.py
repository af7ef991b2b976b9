"""What the page's address says is what the page shows, both ways."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import drawn, until, visit
from tests.e2e.morning import Morning

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_an_address_with_a_car_is_that_cars_page(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, f"{morning.server.url}/?car=12&units=km&lang=it&theme=dark") as spectator:
        await drawn(spectator)
        page = spectator.page
        await expect(page.locator("#car h2")).to_contain_text("12 · Alfa Romeo")
        await expect(page.locator("#car .now")).to_contain_text("ferma da")
        await expect(page.locator("#car .position")).to_contain_text("km ")
        await expect(page.locator("html")).to_have_attribute("lang", "it")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_address_follows_what_is_chosen(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        page = spectator.page

        async def query() -> str:
            return str(await page.evaluate("location.search"))

        await page.locator("[data-number='23'] .car").click()
        await until(query, lambda seen: seen == "?car=23")
        await page.locator("#more summary").click()
        await page.locator("#units").click()
        await until(query, lambda seen: seen == "?car=23&units=km")
        await page.locator("#more summary").click()
        await page.locator("#legs").select_option("2")
        await until(query, lambda seen: seen == "?car=23&leg=2&units=km")
        await expect(page.locator("#leg")).to_contain_text("Leg 2 of 5")
        await page.locator("#car button").click()
        await until(query, lambda seen: seen == "?leg=2&units=km")


async def test_favourites_are_there_again(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        await spectator.page.locator("[data-number='47'] .star").click()
        await spectator.page.reload()
        await drawn(spectator)
        await expect(spectator.page.locator("#list li").nth(1)).to_have_attribute("data-number", "47")


async def test_the_text_view_fits_on_a_sheet(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, f"{morning.server.url}/tour/california-mille/text") as spectator:
        await expect(spectator.page.locator("tr th[scope=row]")).to_have_count(len(morning.urls))
        printed = await spectator.page.pdf(format="A4")
        assert printed.count(b"/Type /Page\n") == 1


async def test_several_cars_are_followed_together(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        page = spectator.page
        for number in ("3", "66"):  # far apart on the road
            await page.locator("#search").fill(number)
            await page.locator(f"#list [data-number='{number}'] .star").click()
        await page.locator("#search").fill("")
        await page.locator("#follow-mine").click()
        await expect(page.locator("#follow-mine")).to_have_attribute("aria-pressed", "true")
        assert page.url.endswith("?car=3,66")
        await page.reload()  # the address says it all, and favourites are kept
        await drawn(spectator)
        await expect(page.locator("#follow-mine")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#list .row").first).to_have_attribute("data-number", "3")
        await page.locator("#list [data-number='12'] .car").click()
        await expect(page.locator("#follow-mine")).to_have_attribute("aria-pressed", "false")
        await expect(page.locator("#follow")).to_have_text("Follow 12")
