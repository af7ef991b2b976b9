"""From ping to browser: what a spectator sees is what the phones said."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.browsers import Visit, until, visit
from tests.e2e.morning import Morning
from tests.e2e.watcher import server_state

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def settled(visit: Visit) -> dict[str, Any]:
    """The page's state once it has one in which everybody has been heard."""

    def everybody_heard(state: dict[str, Any] | None) -> bool:
        return state is not None and len(state["heard"]) == 74

    state = await until(visit.state, everybody_heard)
    assert state is not None
    return state


async def test_every_vehicle_is_in_the_list_with_its_number(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await settled(spectator)
        shown = await spectator.page.locator("[data-number]").evaluate_all(
            "rows => rows.map(row => row.dataset.number)"
        )
        assert set(shown) == set(morning.urls)


async def test_the_pages_state_is_the_servers_state(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await settled(spectator)

        async def both() -> tuple[Any, Any]:
            return await server_state(morning.server), await spectator.state()

        def at_one_place(states: tuple[Any, Any]) -> bool:
            theirs, ours = states
            return (theirs.epoch, theirs.seq) == (ours["epoch"], ours["seq"])

        theirs, ours = await until(both, at_one_place)
        assert ours["hash"] == theirs.hash


async def test_a_ping_arrives_in_a_page_that_is_open(browser: Browser, morning: Morning) -> None:
    number = "5"
    async with visit(browser, morning.server.url) as spectator:
        before = (await settled(spectator))["heard"][number]
        fix = morning.ahead(number)
        morning.post(number, [fix])

        def has_it(state: dict[str, Any] | None) -> bool:
            return state is not None and state["heard"][number] > before

        state = await until(spectator.state, has_it)
        assert state is not None
        assert state["heard"][number] == fix["fix_time_ms"]


async def test_nobody_else_is_asked_for_anything(browser: Browser, morning: Morning) -> None:
    async with visit(browser, morning.server.url) as spectator:
        await settled(spectator)
        await spectator.page.wait_for_load_state("networkidle")
        assert spectator.requests
        assert spectator.to_others() == []


async def test_a_page_that_lost_its_server_has_its_state_again(with_webgl: Browser, morning: Morning) -> None:
    async with visit(with_webgl, morning.server.url) as spectator:
        before = await settled(spectator)
        await spectator.page.context.set_offline(True)
        await spectator.page.context.set_offline(False)
        morning.post("6", [morning.ahead("6")])
        after = await until(spectator.state, lambda state: state is not None and state["seq"] > before["seq"])
        assert after is not None
        assert set(after["heard"]) == set(before["heard"])
