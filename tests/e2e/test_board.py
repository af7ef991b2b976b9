"""The straggler board and the marshal's page, on a real server whose field is in trouble."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.browsers import DESKTOP, Scheme, Screen, Visit, until, until_true, visit
from tests.e2e.morning import CLOCK_START, NOW_MS, STOPPED, Morning, fix_at
from tests.e2e.test_accessible import AXE, VIOLATIONS
from tests.guests import invitation
from tests.serving import serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

SMALL = Screen("small", 360, 740, pixel_ratio=2, touch=True)
TOUR = "california-mille"
COUNT_TAPS = "window.taps = 0; addEventListener('click', () => { window.taps += 1; }, true);"
# What the page asks of the browser's own loudspeaker and screen; both go on to do their work.
WATCH_SENSES = """
window.tones = 0; window.lit = 0; window.dark = 0;
const { createOscillator } = AudioContext.prototype, { request } = WakeLock.prototype;
const { release } = WakeLockSentinel.prototype;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return createOscillator.call(this); };
WakeLock.prototype.request = async function (kind) {
  const held = await request.call(this, kind);
  window.lit += 1;
  return held;
};
WakeLockSentinel.prototype.release = function () { window.dark += 1; return release.call(this); };
"""
PATIENCE_MS = 60_000  # the machine may have other things to do
NOTED = 3
SILENT_CARS = 12
SWEEP, SWEEP_M = "S7", 5_000.0
LOST = "44"


@pytest.fixture(scope="module")
def trouble(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The demo's first morning; two cars stand, one took the wrong road, and everybody has a telephone number."""
    folder = tmp_path_factory.mktemp("trouble") / "tour"
    shutil.copytree(demo_folder, folder)
    roster = folder / "roster.csv"
    head, *rows = csv.reader(roster.read_text(encoding="utf-8").splitlines())
    with roster.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [[*head, "phone"], *([*row, f"+1 530 555 {1000 + n}"] for n, row in enumerate(rows))]
        )
    data = tmp_path_factory.mktemp("trouble-data")
    with serve(folder, data, "--clock-start", CLOCK_START, "--clock-rate", "1") as server:
        morning = Morning.of(server)
        told = {number: morning.told_by(number) for number in morning.urls}
        told[SWEEP] = fixes_behind(morning)
        for i, fix in enumerate(told[LOST][-15:]):  # straight on where the course turns
            fix["lon"] += 0.0012 * i
        for number, fixes in told.items():
            morning.post(number, fixes)
        yield morning


def fixes_behind(morning: Morning) -> list[dict[str, float]]:
    """The sweep vehicle comes behind everybody."""
    return [fix_at(morning.tour.legs[0], SWEEP_M, NOW_MS - ago_s * 1000) for ago_s in range(600, -1, -10)]


@pytest.fixture(scope="module")
def links(trouble: Morning) -> dict[str, str]:
    """An invitation of each role; a link is good for five devices."""
    server = trouble.server
    return {
        role: server.url + invitation(server, role, f"Ann of the {role}s") for role in ("crew", "marshal", "organiser")
    }


@asynccontextmanager
async def guest(
    browser: Browser, link: str, screen: Screen = SMALL, scheme: Scheme = "light", page: str = ""
) -> AsyncIterator[Visit]:
    """Somebody who opens the link of an invitation and presses the button; `page` is where they go from there."""
    async with visit(browser, link, screen, scheme) as opened:
        await opened.page.context.add_init_script(COUNT_TAPS + WATCH_SENSES)
        await opened.page.get_by_role("button", name="Sign in").click()
        if page:
            await opened.page.goto(link[: link.index("/join/")] + page)
        yield opened


async def desk(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate("milepost.desk ?? {}")
    return found


def need(page: Page, number: str) -> Locator:
    return page.locator(f"#needs [data-number='{number}']")


async def test_the_worst_car_has_help_after_one_tap(
    without_webgl: Browser, trouble: Morning, links: dict[str, str], artefacts: Path
) -> None:
    async with guest(without_webgl, links["crew"]) as crew:
        page = crew.page
        await page.wait_for_url(f"**/crew/{TOUR}")
        for number in STOPPED:
            await expect(need(page, number)).to_contain_text("stopped", timeout=PATIENCE_MS)
            await expect(need(page, number)).to_contain_text("nobody has it yet")

        await expect(need(page, LOST)).to_contain_text("took the wrong road", timeout=PATIENCE_MS)

        # One calls for help: it is on top, and is read out.
        sos = {**trouble.told_by("31")[-1], "fix_time_ms": NOW_MS + 1000, "sos": True}
        trouble.post("31", [sos])
        worst = page.locator("#needs li").first
        await expect(worst).to_have_attribute("data-number", "31", timeout=PATIENCE_MS)
        await expect(worst).to_contain_text("called for help")
        await expect(page.locator("#announcer")).to_contain_text("Car 31: called for help")
        await page.screenshot(path=artefacts / "board-phone.png")
        await page.set_viewport_size({"width": DESKTOP.width, "height": DESKTOP.height})
        await expect(page.locator("#summary")).to_be_visible()
        await page.screenshot(path=artefacts / "board-desktop.png", scale="css")
        await page.set_viewport_size({"width": SMALL.width, "height": SMALL.height})

        # A first-time user: the first card, its only coloured button.
        helper = (await worst.locator(".act").inner_text()).split()[0]
        assert await page.evaluate("taps") == 0
        await worst.locator(".act").tap()
        await expect(worst).to_have_attribute("data-state", "assigned", timeout=PATIENCE_MS)
        assert await page.evaluate("taps") <= 3
        await expect(worst).to_contain_text(f"{helper} has it since")
        await expect(worst).to_contain_text("Ann of the crews")

        # Taken back, and given again from the car's own page.
        await page.locator("#toast button").tap()
        await expect(worst).to_have_attribute("data-state", "raised", timeout=PATIENCE_MS)
        await worst.locator(".who").tap()
        sheet = page.locator("#sheet-of-car")
        await expect(sheet).to_contain_text("Support along the course")
        await expect(sheet.get_by_role("link", name="Call 31")).to_have_attribute("href", "tel:+15305551030")
        await expect(sheet.get_by_role("link", name="Navigate there")).to_have_attribute("href", geo_link(sos))
        await sheet.get_by_role("button", name=f"{helper} has it", exact=True).tap()
        await expect(sheet).to_contain_text(f"{helper} has it since", timeout=PATIENCE_MS)
        await sheet.get_by_role("button", name=f"{helper} is there").tap()
        await sheet.get_by_label("Add a note").fill("fuel pump, <b>needs a tow</b>")
        await sheet.get_by_role("button", name="Send").tap()
        await expect(sheet.locator(".notes li")).to_contain_text("fuel pump, <b>needs a tow</b>", timeout=PATIENCE_MS)
        await page.screenshot(path=artefacts / "board-car-phone.png")
        await sheet.locator(".act", has_text="Resolved").tap()
        await expect(need(page, "31").get_by_text("called for help")).to_have_count(0, timeout=PATIENCE_MS)

        # By hand, and who did what.
        await sheet.get_by_role("button", name="Close").tap()
        await need(page, "12").locator(".who").tap()
        await sheet.get_by_role("button", name="On the trailer").tap()
        await expect(need(page, "12")).to_have_count(0, timeout=PATIENCE_MS)
        await sheet.get_by_role("button", name="Rejoined").tap()
        await expect(sheet.get_by_role("button", name="On the trailer")).to_be_visible(timeout=PATIENCE_MS)
        await page.locator("#tabs [data-tab='log']").tap()
        await sheet.get_by_role("button", name="Close").tap()
        log = page.locator("#log")
        for line in (f"{helper} has 31", f"{helper} is with 31", "31 is resolved", "12 On the trailer", "fuel pump"):
            await expect(log).to_contain_text(line)
        await page.locator("#tabs [data-tab='field']").tap()
        await expect(page.locator("#summary")).to_contain_text("Course clear behind")
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert crew.to_others() == []


def geo_link(fix: dict[str, Any]) -> re.Pattern[str]:
    """What a phone's navigation is asked for: the place of the alert, to the metre."""
    return re.compile(re.escape(f"geo:{fix['lat']:.5f},{fix['lon']:.5f}?q="))


async def test_a_crew_sees_its_own_sector_and_is_told_what_lies_outside(
    without_webgl: Browser, trouble: Morning, links: dict[str, str]
) -> None:
    async with guest(without_webgl, links["crew"], DESKTOP) as crew:
        page = crew.page
        await expect(need(page, "47")).to_be_visible(timeout=PATIENCE_MS)
        await page.locator("#choice summary").click()
        await page.locator("#own").select_option("S6")
        await page.locator("#from").select_option(label="Fort Bragg")
        await expect(need(page, "47")).to_have_count(0)
        await expect(page.locator("#elsewhere")).to_contain_text("outside your choice")
        await page.reload()  # it is remembered
        await expect(page.locator("#choice summary")).to_contain_text("S6")
        await expect(need(page, "47")).to_have_count(0)
        await page.locator("#elsewhere button").click()
        await expect(need(page, "47").locator(".act")).to_contain_text("We have it")
        # By keyboard: from the list to the car and back.
        await need(page, "47").locator(".who").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#sheet-of-car")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(need(page, "47").locator(".who")).to_be_focused()
        # The flow of the field is drawn beside it.
        await page.locator("#show-flow").click()
        await expect(page.locator("#flow")).to_be_visible()
        for _ in range(2):
            trouble.drive_on("9")
        drawn = re.compile("[1-9]")
        await expect(page.locator("#flow")).to_have_attribute("data-lines", drawn, timeout=PATIENCE_MS)
        # A sound and a screen that stays on, for those who ask for them.
        call_for_help(trouble, "28")
        await expect(need(page, "28")).to_contain_text("called for help", timeout=PATIENCE_MS)
        assert await page.evaluate("[tones, lit]") == [0, 0]
        await page.locator("#choice summary").click()
        await page.locator("#sound").check()
        await page.locator("#awake").check()
        await until_true(page, "() => lit === 1")
        call_for_help(trouble, "29")
        await until_true(page, "() => tones === 2")
        await page.locator("#awake").uncheck()
        await until_true(page, "() => dark === 1")


def call_for_help(morning: Morning, number: str) -> None:
    morning.post(number, [{**morning.told_by(number)[-1], "fix_time_ms": NOW_MS + 1000, "sos": True}])


async def test_a_marshal_notes_who_passes_without_a_network(
    without_webgl: Browser, trouble: Morning, links: dict[str, str], artefacts: Path
) -> None:
    async with guest(without_webgl, links["marshal"]) as marshal:
        page, context = marshal.page, marshal.page.context
        await page.wait_for_url(f"**/marshal/{TOUR}")
        await page.locator("#checkpoint").select_option(label="Point Arena")
        tiles = page.locator("#expected > ul .tile")
        await expect(tiles.first).to_be_visible(timeout=PATIENCE_MS)
        await tiles.first.tap()
        await expect(page.locator("#passed li")).to_contain_text("got through", timeout=PATIENCE_MS)
        kept = f"async () => !!(await caches.match(location.pathname)) && !!(await caches.match('/kept/{TOUR}'))"
        await until_true(page, kept)

        await context.set_offline(True)
        await tiles.nth(1).tap()
        await tiles.nth(2).tap()
        await expect(page.locator("#link")).to_contain_text("2 taps are kept here", timeout=PATIENCE_MS)
        await page.reload()  # a phone that was put away
        await expect(page.locator("#passed li")).to_have_count(3, timeout=PATIENCE_MS)
        await page.locator("#number").fill("s7")
        await page.locator("#by-number button").tap()
        await expect(page.locator("#last")).to_contain_text("S7 passed at", timeout=PATIENCE_MS)
        await page.locator("#last button").tap()  # a slip of the thumb
        await expect(page.locator("#passed li")).to_have_count(3, timeout=PATIENCE_MS)
        await page.screenshot(path=artefacts / "marshal-phone.png")
        marshal.complaints.clear()  # the browser's own words about the network that was taken away

        await context.set_offline(False)
        await expect(page.locator("#link")).to_contain_text("Everything has got through", timeout=PATIENCE_MS)
        await expect(page.locator("#passed li.through")).to_have_count(3, timeout=PATIENCE_MS)
        marshal.complaints.clear()
        await page.goto(f"{trouble.server.url}/crew/{TOUR}")

        async def seen() -> list[Any]:
            return list((await desk(page)).get("sightings", []))

        sightings = await until(seen, lambda found: len(found) == NOTED)
        assert {each["who"] for each in sightings} == {"Ann of the marshals"}
        await expect(page.locator("#needs .act")).to_have_count(0)  # a marshal reads the board, and sends nobody


@pytest.mark.parametrize(
    ("screen", "scheme", "language"),
    [(SMALL, "dark", "it"), (DESKTOP, "light", "en")],
    ids=lambda value: getattr(value, "name", value),
)
async def test_axe_finds_nothing(
    without_webgl: Browser, trouble: Morning, links: dict[str, str], screen: Screen, scheme: Scheme, language: str
) -> None:
    board = f"/crew/{TOUR}?lang={language}"
    async with guest(without_webgl, links["organiser"], screen, scheme, board) as organiser:
        page = organiser.page
        await expect(need(page, "47")).to_be_visible(timeout=PATIENCE_MS)
        axe = AXE.read_text(encoding="utf-8")
        await page.evaluate(axe)
        assert await page.evaluate(VIOLATIONS) == []
        if screen is SMALL:
            for tab in ("map", "field", "log"):
                await page.locator(f"#tabs [data-tab='{tab}']").tap()
                assert await page.evaluate(VIOLATIONS) == []
            await page.locator("#tabs [data-tab='board']").tap()
        await need(page, "47").locator(".who").click()
        await expect(page.locator("#sheet-of-car")).to_be_visible()
        assert await page.evaluate(VIOLATIONS) == []
        small = await page.evaluate(TOO_SMALL)
        assert small == []
        await page.goto(f"{trouble.server.url}/marshal/{TOUR}?lang={language}")
        await page.locator("#checkpoint").select_option(label="Point Arena")
        await expect(page.locator("#expected .tile").first).to_be_visible(timeout=PATIENCE_MS)
        await page.evaluate(axe)
        assert await page.evaluate(VIOLATIONS) == []
        assert await page.evaluate(TOO_SMALL) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


TOO_SMALL = """() => [...document.querySelectorAll("button, a, select, summary, input:not([type=checkbox])")]
  .filter(e => e.checkVisibility() && !e.classList.contains("skip") && e.getBoundingClientRect().height > 0)
  .filter(e => e.getBoundingClientRect().height < 43.5 || e.getBoundingClientRect().width < 43.5)
  .map(e => `${e.tagName} ${e.id} ${e.className} ${e.textContent}`)"""


async def test_a_feed_outage_is_one_banner(
    without_webgl: Browser, demo_folder: Path, tmp_path: Path, artefacts: Path
) -> None:
    """A dozen cars told where they are, then nobody says anything more, and the tour's clock runs fast."""
    with serve(demo_folder, tmp_path, "--clock-start", CLOCK_START, "--clock-rate", "60") as server:
        morning = Morning.of(server)
        for number in list(morning.urls)[:SILENT_CARS]:
            morning.post(number, morning.told_by(number))
        async with guest(without_webgl, server.url + invitation(server, "crew")) as crew:
            await expect(crew.page.locator("#outage")).to_contain_text("that is the network", timeout=PATIENCE_MS)
            await expect(crew.page.locator("#needs li[data-kind='silent']")).to_have_count(0)
            await crew.page.screenshot(path=artefacts / "board-outage-phone.png")
