"""The whole of it: real server, real pings over HTTP, real Chromium.

One event loop for all of them (`loop_scope="session"`), because a browser lives on the loop that launched it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from tests.e2e.browsers import NO_WEBGL, launch
from tests.e2e.morning import CLOCK_RATE, CLOCK_START, Morning
from tests.serving import serve

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"


@pytest.fixture(scope="session")
def chromium(program: Callable[..., str]) -> str:
    return program("chromium", "chromium-browser", "google-chrome")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def with_webgl(playwright: Playwright, chromium: str) -> AsyncIterator[Browser]:
    browser = await launch(playwright, chromium)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def without_webgl(playwright: Playwright, chromium: str) -> AsyncIterator[Browser]:
    browser = await launch(playwright, chromium, NO_WEBGL)
    yield browser
    await browser.close()


@pytest.fixture(params=["with_webgl", "without_webgl"])
def browser(request: pytest.FixtureRequest) -> Browser:
    """Tests that ask for this run twice: the map library cannot be had everywhere."""
    found: Browser = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def morning(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The demo tour at 10:40 on its first day, with every vehicle heard; so slow that none falls silent meanwhile."""
    data = tmp_path_factory.mktemp("morning")
    with serve(demo_folder, data, "--clock-start", CLOCK_START, "--clock-rate", CLOCK_RATE) as server:
        morning = Morning.of(server)
        morning.post_all()
        yield morning


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where pictures go that people look at after a run."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS
