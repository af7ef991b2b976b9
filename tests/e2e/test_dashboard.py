"""From ping to browser: what a spectator sees is what the phones said."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import PageState, Visit, drawn, until, visit
from tests.e2e.morning import CLOCK_START, Morning
from tests.e2e.watcher import ServerState, server_state
from tests.serving import Server, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def same_state(spectator: Visit, server: Server) -> None:
    """Waits until page and server are at the same frame; then their states are the same, to the last column."""

    async def both() -> tuple[ServerState, PageState | None]:
        return await server_state(server), await spectator.state()

    def at_the_same_frame(states: tuple[ServerState, PageState | None]) -> bool:
        theirs, page = states
        return page is not None and (theirs.epoch, theirs.seq) == (page.epoch, page.seq)

    theirs, page = await until(both, at_the_same_frame)
    assert page is not None
    assert page.hash == theirs.hash


async def test_every_vehicle_is_in_the_list(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await drawn(spectator)
        rows = spectator.page.locator("#list [data-number]")
        await expect(rows).to_have_count(len(morning.urls))
        numbers = await rows.evaluate_all("rows => rows.map(row => row.dataset.number)")
        assert set(numbers) == set(morning.urls)


async def test_the_pages_state_is_the_servers_state(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await drawn(spectator)
        await same_state(spectator, morning.server)


async def test_a_ping_arrives_in_a_page_that_is_open(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await drawn(spectator)
        fix_time_ms = morning.drive_on("5")

        async def newest_at_the_server() -> int:
            (car,) = (vehicle for vehicle in morning.server.vehicles() if vehicle["number"] == "5")
            newest: int = car["fix_time_ms"]
            return newest

        await until(newest_at_the_server, lambda newest_ms: newest_ms == fix_time_ms)
        await same_state(spectator, morning.server)


async def test_nobody_else_is_asked_for_anything(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await drawn(spectator)
        await spectator.page.wait_for_load_state("networkidle")
        assert len(spectator.requests) > 3
        assert spectator.to_others() == []


async def test_the_maps_own_labels_come_in_our_font_from_our_host(with_webgl: Browser, morning: Morning) -> None:
    async with visit(with_webgl, morning.server.url) as spectator:

        async def ground() -> str:
            return str(await spectator.page.evaluate("window.milepost?.ground ?? ''"))

        await until(ground, lambda seen: seen == "maplibre")
        assert any("italic" in url for url in spectator.requests), "lakes and parks alone are in italics"
        assert spectator.to_others() == []


async def test_a_page_has_the_servers_state_again_after_a_restart(
    with_webgl: Browser, demo_folder: Path, tmp_path: Path
) -> None:
    clock = ("--clock-start", CLOCK_START, "--clock-rate", "1")
    async with AsyncExitStack() as stack:
        with serve(demo_folder, tmp_path, *clock) as server:
            morning = Morning.of(server)
            morning.post("5", morning.told_by("5"))
            spectator = await stack.enter_async_context(visit(with_webgl, server.url))
            before = await drawn(spectator)
        with serve(demo_folder, tmp_path, *clock, port=server.port) as restarted:

            def of_the_new_engine(state: PageState | None) -> bool:
                return state is not None and state.epoch > before.epoch

            await until(spectator.state, of_the_new_engine)
            await same_state(spectator, restarted)
        spectator.complaints.clear()  # the browser itself reports every connection that was refused meanwhile
