"""Every page in both themes, two sizes and two languages: nothing that axe knows of, nothing too small for a finger,
and nothing that makes a page scroll sideways, at 360 pixels and with text of twice the size.

The pictures are artefacts/every-*.png, to be looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browsers import DESKTOP, PHONE, Scheme, Screen, visit
from tests.e2e.conftest import artefacts, chromium, morning, playwright, without_webgl
from tests.e2e.morning import Morning
from tests.e2e.test_accessible import AXE, DOUBLE_TEXT, SMALL_TARGETS, VIOLATIONS
from tests.e2e.test_board import SMALL
from tests.guests import invitation
from tests.hills import START, hills, place
from tests.serving import Server, fetch, serve

__all__ = ["artefacts", "chromium", "morning", "playwright", "without_webgl"]

pytestmark = [pytest.mark.soak, pytest.mark.asyncio(loop_scope="session")]

TOUR = "california-mille"
PATIENCE_MS = 60_000
MPS = 12.0
TO_THE_END_M = 39_140  # a little beyond the finish
RULES, FEWEST_RULES = 20, 10  # that axe finds something to try on
SHORT = ("join", "radio")  # a few sentences and hardly anything to press
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
# Name, address, and what is there once the page is.
OPEN_TO_ALL = (
    ("whole", "/?", "#list .car"),
    ("car", "/?car=12", "#car h2"),
    ("silent", "/?car=23", "#car h2"),
    ("passing", "/?at=1,250000", "#passing .results > *"),
    ("replay", "/?t=2027-04-26T17:32:00Z", "#replay .play"),
    ("kiosk", "/?kiosk=1", "#list .car"),
    ("text", f"/tour/{TOUR}/text?", "h1"),
    ("embed", f"/embed/{TOUR}?car=12", "#said:not(:empty)"),
    ("arrivals", f"/arrivals/{TOUR}?checkpoint=gualala", "#board li"),
)
SIGNED_IN = (
    ("crew", f"/crew/{TOUR}?", "#list .car"),
    ("crew-car", f"/crew/{TOUR}?car=12", "#sheet-of-car h2"),
    ("radio", f"/crew/{TOUR}/radio?", "main p"),
    ("marshal", f"/marshal/{TOUR}?", "#checkpoint"),
    ("organise", f"/organise/{TOUR}?", "#list li"),
    *((f"organise-{view}", f"/organise/{TOUR}?#{view}", f"#{view} > *") for view in ("cards", "swap", "odd", "tell")),
)
HOURS = {
    "before": "2027-05-03T07:30:00+02:00",
    "between": "2027-05-03T22:00:00+02:00",
    "after": "2027-05-06T12:00:00+02:00",
}


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A small tour before its first start, overnight, and after its finish."""
    with ExitStack() as stack:
        folder = hills(tmp_path_factory.mktemp("hours") / "tour")
        servers = {
            name: stack.enter_context(serve(folder, tmp_path_factory.mktemp(name), "--clock-start", start))
            for name, start in HOURS.items()
        }
        drive_leg(servers["between"], START)
        drive_leg(servers["after"], START)
        drive_leg(servers["after"], "2027-05-04T08:00:00+02:00")
        yield servers


def drive_leg(server: Server, start: str) -> None:
    """Everybody from the first start to the finish, a minute apart."""
    for order, device in enumerate(server.devices()):
        start_ms = round(datetime.fromisoformat(start).timestamp() * 1000) + order * 60_000
        fixes = []
        for driven_s in range(0, round(TO_THE_END_M / MPS) + 300, 20):
            lat, lon = place(min(driven_s * MPS, TO_THE_END_M))
            fixes.append({"lat": lat, "lon": lon, "fix_time_ms": start_ms + driven_s * 1000, "accuracy_m": 5.0})
        path = device["url"].partition("/in/")[2].partition("/")[2]
        body = json.dumps(fixes).encode()
        status, answer = fetch(f"{server.url}/in/pings/{path}", body, **{"Content-Type": "application/json"})
        assert status == HTTPStatus.OK, answer


def is_meant(name: str, violation: str) -> bool:
    """The radio room's page stands on a desk beside the microphone: that it loads itself anew is what it is for."""
    return name == "radio" and violation.startswith("meta-refresh")


class Sweep:
    """What is wrong with the pages that one visitor opens."""

    def __init__(self, page: Page, language: str, picture: Callable[[str], Path]) -> None:
        self.page, self.language, self.picture = page, language, picture
        self.wrong: list[str] = []

    async def look(self, name: str, address: str, there: str) -> None:
        path, _, view = address.partition("#")
        await self.page.goto(f"{path}&lang={self.language}" + (f"#{view}" if view else ""))
        if view:
            await self.page.reload()  # another view of the same document is no visit
        await expect(self.page.locator(there).first).to_be_visible(timeout=PATIENCE_MS)
        await self.check(name)

    async def check(self, name: str) -> None:
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        await self.page.screenshot(path=self.picture(name))
        least = FEWEST_RULES if name in SHORT else RULES
        found = [f"axe {each}" for each in await self.page.evaluate(VIOLATIONS, least) if not is_meant(name, each)]
        found += [f"small {each}" for each in await self.page.evaluate(SMALL_TARGETS)]
        if (wider_by := await self.page.evaluate(SIDEWAYS)) > 0:
            found.append(f"scrolls sideways by {wider_by} px")
        await self.page.evaluate(DOUBLE_TEXT)
        if (wider_by := await self.page.evaluate(SIDEWAYS)) > 0:
            found.append(f"with text of twice the size scrolls sideways by {wider_by} px")
        self.wrong += [f"{name}: {each}" for each in found]


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, SMALL, PHONE], ids=lambda screen: screen.name)
async def test_every_page_is_for_everyone(
    without_webgl: Browser,
    morning: Morning,
    hours: dict[str, Server],
    artefacts: Path,
    screen: Screen,
    scheme: Scheme,
    language: str,
) -> None:
    def picture(name: str) -> Path:
        return artefacts / f"every-{name}-{screen.name}-{scheme}-{language}.png"

    home = morning.server.url
    drive = next(row["url"] for row in morning.server.devices() if row["vehicle"] == "12").rpartition("/")[2]
    link = home + invitation(morning.server, "organiser")
    async with visit(without_webgl, f"{home}/about", screen, scheme) as visitor:
        sweep = Sweep(visitor.page, language, picture)
        for name, path, there in OPEN_TO_ALL:
            await sweep.look(name, home + path, there)
        await sweep.look("drive", f"{home}/drive/{drive}?", "#share")
        for name, server in hours.items():
            await sweep.look(name, f"{server.url}/?", "#chapter h2")
        await visitor.page.goto(f"{link}?lang={language}")
        await sweep.check("join")
        await visitor.page.reload()
        await visitor.page.get_by_role("button").click()
        for name, path, there in SIGNED_IN:
            await sweep.look(name, home + path, there)
        visitor.complaints.clear()  # of the browser's own, about an address that is none
    assert not sweep.wrong, "\n".join(sweep.wrong)
