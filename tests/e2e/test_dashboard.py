"""From ping to browser: what a spectator sees is what the phones said."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import PageState, Visit, drawn, until, visit
from tests.e2e.morning import Morning
from tests.e2e.watcher import ServerState, server_state

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


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
        await same_state(spectator, morning)


async def same_state(spectator: Visit, morning: Morning) -> None:
    """Waits until page and server are at the same frame; then their states are the same, to the last column."""

    async def both() -> tuple[ServerState, PageState | None]:
        return await server_state(morning.server), await spectator.state()

    def at_the_same_frame(states: tuple[ServerState, PageState | None]) -> bool:
        server, page = states
        return page is not None and (server.epoch, server.seq) == (page.epoch, page.seq)

    server, page = await until(both, at_the_same_frame)
    assert page is not None
    assert page.hash == server.hash


async def test_a_ping_arrives_in_a_page_that_is_open(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await drawn(spectator)
        fix_time_ms = morning.drive_on("5")

        async def newest_at_the_server() -> int:
            (car,) = (vehicle for vehicle in morning.server.vehicles() if vehicle["number"] == "5")
            newest: int = car["fix_time_ms"]
            return newest

        await until(newest_at_the_server, lambda newest_ms: newest_ms == fix_time_ms)
        await same_state(spectator, morning)


async def test_nobody_else_is_asked_for_anything(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await drawn(spectator)
        await spectator.page.wait_for_load_state("networkidle")
        assert len(spectator.requests) > 3
        assert spectator.to_others() == []
