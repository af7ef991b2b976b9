"""A real server with nothing but the way in, on a port of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from tracker.clock import SystemClock
from tracker.devices import load_key, senders_by_token
from tracker.ingest import Ingest
from tracker.journal.contract import DeviceRow
from tracker.journal.sqlite import SqliteJournal
from tracker.quietlog import QuietLog, server_logger
from tracker.settings import Settings

TOUR = "mille"


@dataclass(frozen=True)
class Door:
    """The running way in, and what tests look at behind it."""

    ingest: Ingest
    journal: SqliteJournal
    session: ClientSession
    port: int
    token: str  # of device 12

    def url(self, protocol: str, token: str | None = None) -> str:
        return f"http://127.0.0.1:{self.port}/in/{protocol}/{self.token if token is None else token}"

    async def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and read until the server has answered and closed, or has answered with no body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        writer.close()
        await writer.wait_closed()
        return answer


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    settings = Settings(data=tmp_path, body_deadline_s=1.0)
    journal = await SqliteJournal.open(settings.journal_path)
    devices = [DeviceRow("12", "12", 1), DeviceRow("13", "13", 1)]
    senders = senders_by_token(load_key(settings.key_path), TOUR, devices)
    ingest = Ingest(senders, journal, SystemClock(), settings)
    app = web.Application()
    app.add_routes(ingest.routes())
    quiet = QuietLog(logging.getLogger("tracker.http"), settings.log_interval_s)
    runner = web.AppRunner(app, access_log=None, logger=server_logger(quiet), auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as session:
        token = next(token for token, sender in senders.items() if sender.device == "12")
        yield Door(ingest, journal, session, runner.addresses[0][1], token)
    await runner.cleanup()
    await journal.close()
