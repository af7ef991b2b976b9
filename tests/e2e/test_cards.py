"""The cards as Chromium prints them: two on a sheet, nothing cut off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tracker.cli import main

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
async def test_two_cards_fit_on_a_sheet(
    with_webgl: Browser, demo_folder: Path, tmp_path: Path, artefacts: Path, paper: str
) -> None:
    file = tmp_path / "cards.html"
    address = ["--data", str(tmp_path), "--url", "https://tracking.californiamille.example"]
    code = await asyncio.to_thread(main, ["devices", str(demo_folder), *address, "--cards", str(file)])
    assert code == 0
    page = await with_webgl.new_page()
    try:
        await page.goto(file.as_uri())
        printed = await page.pdf(path=artefacts / f"cards-{paper}.pdf", format=paper, print_background=True)
        await page.screenshot(path=artefacts / "cards.png")
        cut_off = "[...document.querySelectorAll('.card')].filter(c => c.scrollHeight > c.clientHeight).length"
        assert await page.evaluate(cut_off) == 0
        cards = await page.locator(".card").count()
    finally:
        await page.close()
    assert printed.count(b"/Type /Page\n") == cards / 2
