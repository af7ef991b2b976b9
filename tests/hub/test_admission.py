"""When not everybody can be served, phones are the last to be turned away."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus

import aiohttp
import pytest

from tests.hub.conftest import staged
from tracker import admission

PAGE, PING = ("GET", "/hello"), ("POST", "/in/osmand/token")


async def status_of(session: aiohttp.ClientSession, what: tuple[str, str]) -> int:
    async with session.request(*what) as answer:
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            assert int(answer.headers["Retry-After"]) > 0
        return answer.status


async def test_the_last_connections_are_for_phones() -> None:
    async with staged(connections=20) as stage, aiohttp.ClientSession(f"http://127.0.0.1:{stage.port}") as one:
        held = [await asyncio.open_connection("127.0.0.1", stage.port) for _ in range(18)]
        assert await status_of(one, PAGE) == 503
        assert await status_of(one, PING) == 200
        held += [await asyncio.open_connection("127.0.0.1", stage.port) for _ in range(3)]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{stage.port}") as another:
            assert await status_of(another, PING) == 503
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.1)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{stage.port}") as another:
            assert await status_of(another, PAGE) == 200


async def test_a_process_that_cannot_keep_up_serves_phones_and_nobody_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "LOOK_S", 0.01)
    monkeypatch.setattr(admission, "CALM_S", 1.0)
    async with staged() as stage:
        connected, newcomer = (aiohttp.ClientSession(f"http://127.0.0.1:{stage.port}") for _ in range(2))
        async with connected, newcomer:
            assert await status_of(connected, PAGE) == 200
            for _ in range(3):
                time.sleep(admission.LATE_S + 0.1)  # noqa: ASYNC251 - that is the trouble
                await asyncio.sleep(0)
            for session in (connected, newcomer):
                assert await status_of(session, PAGE) == 503
                assert await status_of(session, PING) == 200
            await asyncio.sleep(admission.CALM_S + 0.2)
            assert await status_of(connected, PAGE) == 200
