"""For everyone: no violation that axe knows of, and every task by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import DESKTOP, PHONE, Scheme, Screen, drawn, visit
from tests.e2e.morning import Morning

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async (least = 20) => {
  const { violations, passes } = await axe.run();
  if (passes.length < least) return [`axe looked at next to nothing: ${passes.length} rules`];
  const where = nodes => nodes.slice(0, 3).map(n => `${n.target} ${n.any.map(a => a.message)}`).join("; ");
  return violations.map(v => `${v.id}: ${where(v.nodes)}`);
}"""

# What a finger must hit: all that can be pressed and is on screen, by its box.
SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, select, summary, input")]
  .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.matches(".skip"))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
  .map(([e, box]) => `${e.id || e.className || e.tagName}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""

DOUBLE_TEXT = """() => {
  for (const element of document.querySelectorAll("body, body *")) {
    const size = parseFloat(getComputedStyle(element).fontSize);
    element.dataset.size = String(2 * size);
  }
  for (const element of document.querySelectorAll("[data-size]")) element.style.fontSize = `${element.dataset.size}px`;
}"""


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda screen: screen.name)
async def test_axe_finds_nothing(
    without_webgl: Browser, morning: Morning, screen: Screen, scheme: Scheme, language: str
) -> None:
    address = f"{morning.server.url}/?car=12&lang={language}"
    async with visit(without_webgl, address, screen, scheme) as spectator:
        await drawn(spectator)
        await spectator.page.locator("#more summary").click()
        await spectator.page.evaluate(AXE.read_text(encoding="utf-8"))
        assert await spectator.page.evaluate(VIOLATIONS) == []
        assert await spectator.page.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda screen: screen.name)
@pytest.mark.parametrize("path", ["/embed/california-mille?car=12", "/arrivals/california-mille?checkpoint=gualala"])
async def test_axe_finds_nothing_in_frame_and_lobby(
    without_webgl: Browser, morning: Morning, path: str, screen: Screen, language: str
) -> None:
    async with visit(without_webgl, f"{morning.server.url}{path}&lang={language}", screen, "light") as spectator:
        await expect(spectator.page.locator("#said:not(:empty), #board li").first).to_be_visible()
        await spectator.page.evaluate(AXE.read_text(encoding="utf-8"))
        assert await spectator.page.evaluate(VIOLATIONS) == []
        assert await spectator.page.evaluate(SMALL_TARGETS) == []
        await spectator.page.emulate_media(color_scheme="dark")
        await expect(spectator.page.locator("html")).to_have_attribute("data-theme", "dark")
        assert await spectator.page.evaluate(VIOLATIONS) == []


async def test_text_of_twice_the_size_loses_nothing(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, f"{morning.server.url}/?car=12", PHONE) as spectator:
        await drawn(spectator)
        await spectator.page.evaluate(DOUBLE_TEXT)
        for part in ("#search", "#car h2", "#car .now", "#ask", "#list .car"):
            box = await spectator.page.locator(part).first.bounding_box()
            assert box is not None, part
            assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE.width + 1) == (True, True), part
        assert await spectator.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_every_task_by_keyboard(without_webgl: Browser, morning: Morning) -> None:
    async with visit(without_webgl, morning.server.url) as spectator:
        await drawn(spectator)
        page, keys = spectator.page, spectator.page.keyboard
        await keys.press("/")
        await expect(page.locator("#search")).to_be_focused()
        await keys.type("alfa")
        await expect(page.locator("#list [data-number='12']")).to_be_visible()
        await keys.press("Tab")  # the menu, opened and closed
        await keys.press("Enter")
        await expect(page.locator("#copy")).to_be_visible()
        await page.locator("#theme").focus()
        await keys.press("Enter")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await keys.press("Escape")
        await expect(page.locator("#copy")).to_be_hidden()
        await page.locator("#list [data-number='12'] .car").focus()
        await keys.press("Enter")
        await expect(page.locator("#car h2")).to_contain_text("12 · Alfa Romeo")
        await keys.press("Tab")  # its star
        await keys.press("Space")
        await expect(page.locator("[data-number='12'] .star")).to_have_attribute("aria-pressed", "true")
        await page.locator("#ladder").focus()
        await keys.press("ArrowRight")
        await expect(page.locator("#car h2")).not_to_contain_text("12 · Alfa Romeo")
        await page.locator("#follow").focus()
        await keys.press("Enter")
        await expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")
        await page.locator("#search").fill("")
        await page.locator("[data-number='31'] .star").focus()
        await keys.press("Space")
        await page.locator("#follow-mine").focus()  # there from the second favourite on
        await keys.press("Enter")
        await expect(page.locator("#follow-mine")).to_have_attribute("aria-pressed", "true")
        await page.locator("#more summary").focus()
        await keys.press("Enter")
        await page.locator("#embed-code").focus()
        await keys.press("Enter")
        await expect(page.locator("#embed-code")).not_to_have_text("Copy code for your own page")
        await page.locator("#replay-leg").focus()
        await keys.press("Enter")
        await expect(page.locator("#live")).to_contain_text("REPLAY")
        await page.locator("#replay .live").focus()
        await keys.press("Enter")
        await expect(page.locator("#live")).to_have_attribute("data-link", "open")
        await page.locator("#more summary").focus()
        await keys.press("Enter")
        await page.locator("#arrivals").focus()
        await keys.press("Enter")
        await expect(page.locator("#board, #title, h1").first).to_be_visible()
        assert "/arrivals/california-mille" in page.url
