"""What people see, kept as pictures in artefacts/ for whoever reviews a change; `make images` makes the documents'."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import DESKTOP, PHONE, Scheme, Screen, drawn, visit
from tests.e2e.morning import Morning

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda screen: screen.name)
async def test_the_page_fits_its_screen(
    browser: Browser, morning: Morning, artefacts: Path, screen: Screen, scheme: Scheme, request: pytest.FixtureRequest
) -> None:
    engine = request.node.callspec.params["browser"].replace("_", "-")
    async with visit(browser, morning.server.url, screen, scheme) as spectator:
        await drawn(spectator)
        await expect(spectator.page.locator("#ladder")).to_be_visible()
        await expect(spectator.page.locator("#live")).to_be_visible()
        await spectator.page.wait_for_load_state("networkidle")
        await spectator.page.screenshot(path=artefacts / f"{screen.name}-{scheme}-{engine}.png")
        wider_by = await spectator.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider_by <= 0, "the page scrolls sideways"
