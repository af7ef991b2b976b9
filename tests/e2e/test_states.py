"""What the page says and shows when something happens: each state made at a real server, and kept as a picture.

A small tour over synthetic hills, 40 minutes after its start. The pictures are artefacts/state-*.png, to be looked at.
"""

from __future__ import annotations

import json
import uuid
from contextlib import AsyncExitStack
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import DESKTOP, PHONE, Visit, drawn, until, visit
from tests.guests import sign_in
from tests.hills import SLUG, hills, place
from tests.serving import Server, fetch, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

NOW = "2027-05-03T08:40:00+02:00"
NOW_MS = round(datetime.fromisoformat(NOW).timestamp() * 1000)
ASIDE_DEG = 0.02  # two kilometres to the north
MPS = 10.0


class Phones:
    """The cars' phones: what they say, 10 s apart, until now."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.urls = {row["vehicle"]: row["url"] for row in server.devices()}

    def say(self, number: str, *stretches: tuple[int, int, float, float]) -> None:
        """Stretches of (from s ago, to s ago, along m at the first, along m at the last); nearly on the line."""
        fixes = []
        for begin, end, first_m, last_m in stretches:
            for ago in range(begin, end - 1, -10):
                along_m = first_m + (last_m - first_m) * (begin - ago) / max(begin - end, 1)
                lat, lon = place(along_m)
                fixes.append({"lat": lat, "lon": lon, "fix_time_ms": NOW_MS - ago * 1000, "accuracy_m": 5.0})
        self.post(number, fixes)

    def stray(self, number: str, ago_s: int, along_m: float) -> None:
        """Away from the course, farther and farther."""
        fixes = []
        for i in range(ago_s // 10):
            lat, lon = place(along_m)
            share = (i + 1) / (ago_s / 10)
            at = {"lat": lat + ASIDE_DEG * share, "lon": lon + 0.01 * share}
            fixes.append(at | {"fix_time_ms": NOW_MS - (ago_s - 10 * i) * 1000, "accuracy_m": 5.0})
        self.post(number, fixes)

    def post(self, number: str, fixes: list[dict[str, float]]) -> None:
        path = self.urls[number].partition("/in/")[2].partition("/")[2]
        body = json.dumps(fixes).encode()
        status, answer = fetch(f"{self.server.url}/in/pings/{path}", body, **{"Content-Type": "application/json"})
        assert status == HTTPStatus.OK, answer


def decide(server: Server, cookie: str, **decision: object) -> None:
    body = json.dumps({"id": uuid.uuid4().hex, **decision}).encode()
    headers = {"Content-Type": "application/json", "Origin": server.url, "Cookie": cookie}
    status, answer = fetch(f"{server.url}/api/v1/tours/{SLUG}/decisions", body, **headers)
    assert status == HTTPStatus.OK, answer


async def look_at(spectator: Visit, pictures: Path, name: str) -> None:
    await spectator.page.screenshot(path=pictures / f"state-{name}.png")


async def test_the_page_in_every_state(without_webgl: Browser, tmp_path: Path, artefacts: Path) -> None:
    folder, clock = hills(tmp_path / "tour"), ("--clock-start", NOW, "--clock-rate", "1")
    async with AsyncExitStack() as stack:
        with serve(folder, tmp_path / "data", *clock) as server:
            phones = Phones(server)
            phones.say("1", (2400, 0, 0, 24_000))
            phones.say("2", (2340, 660, 0, 16_800))  # no signal any more
            phones.say("3", (2280, 600, 0, 16_800))
            phones.stray("3", 600, 16_800)
            phones.say("4", (2220, 1000, 0, 12_200), (990, 400, 12_200, 6_300), (390, 0, 6_300, 10_200))  # turned round
            phones.say("5", (2160, 900, 0, 12_600), (890, 0, 12_600, 12_600))
            phones.say("6", (2100, 0, 0, 21_000))
            phones.say("S1", (2000, 0, 0, 9_000))
            decide(server, sign_in(server, "organiser"), decision="standing", vehicle="6", standing="retired")
            spectator = await stack.enter_async_context(visit(without_webgl, f"{server.url}/?car=2"))
            phone = await stack.enter_async_context(visit(without_webgl, server.url, PHONE, "dark"))
            page = spectator.page
            await drawn(spectator)
            row = "#list [data-number='{}'] .state".format
            await expect(page.locator(row("2"))).to_contain_text("no signal since 08:2")
            await expect(page.locator("#car .position")).to_contain_text("min old")
            await look_at(spectator, artefacts, "no-signal")
            await page.locator("#list [data-number='3'] .car").click()
            await expect(page.locator(row("3"))).to_contain_text("off the course")
            await look_at(spectator, artefacts, "off-course")
            await page.locator("#list [data-number='4'] .car").click()
            await expect(page.locator("#list [data-number='4'] .place")).to_contain_text("10")
            await look_at(spectator, artefacts, "drove-back")
            await page.locator("#list [data-number='6'] .car").click()
            await expect(page.locator(row("6"))).to_have_text("retired")
            await look_at(spectator, artefacts, "retired")
            await page.locator("#list [data-number='5'] .car").click()
            await expect(page.locator(row("5"))).to_contain_text("stopped")
            await look_at(spectator, artefacts, "stopped")
            await drawn(phone)
            await look_at(phone, artefacts, "phone")
            await phone.page.locator("#search").fill("citroen")
            await expect(phone.page.locator("#list [data-number]")).to_have_count(1)
            await phone.page.locator("#search").fill("1950s")
            await expect(phone.page.locator("#list [data-number]")).to_have_count(4)
            await phone.page.locator("#search").fill("barn")
            await expect(phone.page.locator("#list [data-number='1']")).to_be_visible()
            await phone.page.locator("#list [data-number='1'] .car").click()
            await expect(phone.page.locator("#car .story")).to_have_text("Found in a barn near Lucca.")
            await expect(phone.page.locator("#car .about")).to_contain_text("Team Uno")
            assert (
                await phone.page.locator("#car img").evaluate("async img => (await img.decode(), img.naturalWidth)")
                == 1
            )
            before = await spectator.state()
            assert before is not None
        # The server is gone: the picture stays, and says how old it is.
        await expect(page.locator("#offline")).to_contain_text("No connection: this is how it was")
        await expect(page.locator("#live")).to_contain_text("Reconnecting")
        await look_at(spectator, artefacts, "server-gone")
        with serve(folder, tmp_path / "data", *clock, port=server.port):

            async def of_the_new_server() -> bool:
                state = await spectator.state()
                return state is not None and state.epoch > before.epoch

            await until(of_the_new_server, bool)
            await expect(page.locator("#offline")).to_be_hidden()
            await expect(page.locator("#live")).to_have_attribute("data-link", "open")
            await expect(page.locator(row("6"))).to_have_text("retired")
            await look_at(spectator, artefacts, "server-back")
            await phone.page.context.set_offline(True)
            await expect(phone.page.locator("#offline")).to_contain_text("No connection")
            await look_at(phone, artefacts, "no-network")
            await phone.page.context.set_offline(False)
            await expect(phone.page.locator("#offline")).to_be_hidden()
            for visited in (spectator, phone):
                visited.complaints.clear()  # the browser itself reports every connection that was refused meanwhile
            await stack.aclose()  # while the server is there, or they would complain again


async def test_before_the_first_start(without_webgl: Browser, tmp_path: Path, artefacts: Path) -> None:
    folder = hills(tmp_path / "tour")
    with serve(folder, tmp_path / "data", "--clock-start", "2027-05-03T07:30:00+02:00") as server:
        organiser = sign_in(server, "organiser")
        async with visit(without_webgl, server.url, DESKTOP) as spectator:
            page = spectator.page
            await expect(page.locator("#chapter h2")).to_contain_text("The start is in")
            await expect(page.locator("#chapter")).to_contain_text("Leg 1 starts 08:00 from Zero")
            await expect(page.locator("#list [data-number='2'] .state")).to_have_text("starts 08:01")
            decide(server, organiser, decision="delay", leg=1, minutes=30)
            await expect(page.locator("#chapter")).to_contain_text("Leg 1 starts 08:30 from Zero")
            await expect(page.locator("#list [data-number='2'] .state")).to_have_text("starts 08:31")
            await look_at(spectator, artefacts, "before-the-start")
            decide(server, organiser, decision="cancel", leg=1)
            await expect(page.locator("#chapter h2")).to_have_text("Leg 1 is cancelled")
            await expect(page.locator("#chapter")).to_contain_text("Leg 2 starts Tue 08:00 from Far End")
            await look_at(spectator, artefacts, "cancelled")
