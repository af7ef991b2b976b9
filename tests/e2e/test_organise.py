"""The organiser's page on the morning of a tour: who is heard, cards on the screen, a spare for a car."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browsers import DESKTOP, PHONE, Scheme, Screen, until, visit
from tests.e2e.test_accessible import AXE, VIOLATIONS
from tests.guests import ask, invitation, sign_in
from tests.serving import Server, fetch, free_port, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

TOUR = "california-mille"
BOX_PORT = free_port()
BOX = "357739070463982"
LOGIN = bytes.fromhex("78780d01035773907046398200018cdd0d0a")  # a GT06 box says its number
TOLD = {"en": "Sweep crew", "it": "Rally control"}  # one for each visit: a target is tried every ten seconds at most
HEARD = ("12", "17", "S7")  # all other phones are still in their boxes


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("organise")
    told = '[[target]]\nname = "{}"\nurl = "json://127.0.0.1:9/"\nendings = true\n'  # nobody listens there
    (data / "notify.toml").write_text("".join(told.format(name) for name in TOLD.values()))
    command = ("env", f"TRACKER_STREAMS=gt06={BOX_PORT}", sys.executable, "-m", "tracker")
    with serve(demo_folder, data, command=command) as running:
        yield running


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """The token of every device; those that are heard have said something."""
    tokens = {row["device"]: str(row["token"]) for row in server.devices()}
    for number in HEARD:
        assert post(server, tokens[number]) == HTTPStatus.OK
    return tokens


@pytest.fixture(scope="module")
def link(server: Server) -> str:
    return server.url + invitation(server, "organiser")


def post(server: Server, token: str) -> int:
    """One fix, taken now, with a battery that is nearly empty."""
    fix = {"fix_time_ms": round(time.time() * 1000), "lat": 38.0, "lon": -122.8, "accuracy_m": 6, "battery_pct": 9}
    status, _ = fetch(
        f"{server.url}/in/pings/{token}", json.dumps([fix]).encode(), **{"Content-Type": "application/json"}
    )
    return status


@asynccontextmanager
async def signed_in(browser: Browser, link: str, screen: Screen, scheme: Scheme = "light") -> AsyncIterator[Page]:
    """The page of an organiser who has just opened the link of the invitation."""
    async with visit(browser, link, screen, scheme) as opened:
        await opened.page.get_by_role("button").click()
        await opened.page.wait_for_url(f"**/organise/{TOUR}")
        opened.complaints.clear()  # the invitation's page has no icon
        yield opened.page


@pytest.mark.parametrize(("screen", "scheme", "language"), [(PHONE, "dark", "it"), (DESKTOP, "light", "en")])
async def test_axe_finds_nothing_on_any_view(
    with_webgl: Browser,
    link: str,
    tokens: dict[str, str],
    artefacts: Path,
    screen: Screen,
    scheme: Scheme,
    language: str,
) -> None:
    async with signed_in(with_webgl, link, screen, scheme) as page:
        await page.goto(f"{page.url}?lang={language}")
        await expect(page.locator("#list li")).to_have_count(74)
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        await page.screenshot(path=artefacts / f"organise-{screen.name}-{scheme}.png")
        for view in ("check", "cards", "swap", "odd", "tell"):
            await page.locator(f"#views a[href='#{view}']").click()
            await expect(page.locator(f"#{view} > *").first).to_be_visible()
            assert await page.evaluate(VIOLATIONS) == [], view
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, view
        await page.locator("#tell button").nth(list(TOLD).index(language)).click()
        await expect(page.locator("#tell p.bad")).to_be_visible()
        await page.screenshot(path=artefacts / f"organise-tell-{screen.name}-{scheme}.png")
        assert await page.evaluate(VIOLATIONS) == [], "after the test"
        await page.locator("#views a[href='#check']").click()
        await page.locator("#list [data-number='12'] button").click()
        await page.keyboard.press("Tab")
        assert await page.evaluate(VIOLATIONS) == [], "a vehicle"
        await page.locator("#card-12").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#card .code")).to_be_visible()
        assert await page.evaluate(VIOLATIONS) == [], "a card"
        await page.keyboard.press("Escape")
        await expect(page.locator("#card")).to_be_hidden()


async def test_a_morning_in_the_car_park(
    with_webgl: Browser, server: Server, link: str, tokens: dict[str, str]
) -> None:
    async with signed_in(with_webgl, link, PHONE) as page:
        await expect(page.locator("#counts b")).to_have_text("3 of 74")
        await expect(page.locator("#list [data-number='41']")).to_contain_text("No working tracker")
        await expect(page.locator("#list [data-number='12']")).to_contain_text("9 % of battery left. Plug it in.")

        # Its card, scanned from the screen: the list hears the phone by itself.
        await page.locator("#search").fill("41")
        await page.locator("#list [data-number='41'] button").tap()
        await page.locator("#card-41").tap()
        await expect(page.locator("#card .heard")).to_have_text("Waiting to hear from it…")
        assert post(server, tokens["41"]) == HTTPStatus.OK
        await expect(page.locator("#card .heard")).to_contain_text("It is heard", timeout=20_000)
        await page.keyboard.press("Escape")
        await expect(page.locator("#list [data-number='41']")).to_have_attribute("data-state", "care")

        # The phone of 17 is lost: whoever holds it is no longer heard.
        await page.locator("#search").fill("17")
        await page.locator("#list [data-number='17'] button").tap()
        await page.locator("#lost-17").tap()
        await page.locator("#card .primary").tap()
        await expect(page.locator("#card .done")).to_contain_text("The old card is void")

        async def answer_to_the_old() -> int:
            return post(server, tokens["17"])

        await until(answer_to_the_old, lambda status: status == HTTPStatus.UNAUTHORIZED)
        (renewed,) = (row["token"] for row in server.devices() if row["device"] == "17")
        assert post(server, renewed) == HTTPStatus.OK


async def test_a_spare_is_scanned_and_goes_into_a_car(
    with_webgl: Browser, server: Server, link: str, tokens: dict[str, str]
) -> None:
    async with signed_in(with_webgl, link, PHONE) as page:
        await page.goto(f"{server.url}/organise/{TOUR}/swap/S7")  # what the code on its card says
        await expect(page.locator("#swap h2").first).to_have_text("Into which car shall S7 go?")
        await page.locator("#swap [data-number='44'] button").tap()
        await page.locator("#swap .primary").tap()
        await expect(page.locator("#swap .done")).to_contain_text("S7 speaks for 44")
        await expect(page.locator("#swap .lines")).to_contain_text("S7 to car 44")
        await page.locator("#views a[href='#check']").tap()
        await expect(page.locator("#list [data-number='44']")).to_contain_text("heard")
        await expect(page.locator("#list [data-number='S7']")).to_contain_text("No working tracker")
        await page.locator("#views a[href='#swap']").tap()
        await page.locator("#swap .done + .acts button").first.tap()
        await expect(page.locator("#notice")).to_contain_text("as it was")
        await page.locator("#views a[href='#check']").tap()
        await expect(page.locator("#list [data-number='S7']")).not_to_contain_text("No working tracker")


async def test_a_box_that_nobody_has_listed_is_let_in(with_webgl: Browser, link: str, tokens: dict[str, str]) -> None:
    async def call() -> bytes:
        return await asyncio.to_thread(answer_to_the_box)

    assert await call() == b""
    async with signed_in(with_webgl, link, PHONE) as page:
        await page.locator("#views a[href='#odd']").tap()
        line = page.locator("#odd li", has_text=BOX)
        await line.locator("select").select_option("31")
        await line.locator("button").tap()
        await expect(page.locator("#notice")).to_contain_text(f"{BOX} speaks for car 31")
        await expect(line).to_have_count(0)
    assert await until(call, lambda answer: answer != b"")


def answer_to_the_box() -> bytes:
    """What the box gets when it says who it is; nothing if it is sent away."""
    with socket.create_connection(("127.0.0.1", BOX_PORT), timeout=20) as box:
        box.sendall(LOGIN)
        return box.recv(100)


async def test_everybody_else_is_told_how_to_sign_in(server: Server) -> None:
    for cookie in (None, sign_in(server, "crew")):
        status, _, body = ask(server, "GET", f"/organise/{TOUR}", Cookie=cookie)
        assert status == HTTPStatus.FORBIDDEN
        assert b"Open the link of your invitation" in body
    assert ask(server, "GET", "/organise/nobody")[0] == HTTPStatus.NOT_FOUND
