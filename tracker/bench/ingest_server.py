"""`python -m tracker.bench.ingest_server bare|ingest DATA`: what is measured, alone in its process.

`bare` is an aiohttp handler that only answers 200; `ingest` is the real way in with a journal on disk. Prints the port
and the paths to post to, then the CPU seconds used so far for every line on standard input, until that ends.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from tracker.bus.contract import pings_topic
from tracker.bus.memory import MemoryBus
from tracker.clock import SystemClock
from tracker.devices import load_key, senders_by_token
from tracker.ingest import Ingest
from tracker.journal.contract import DeviceRow
from tracker.journal.gather import JournalLimits
from tracker.journal.records import Stored, encode_hint
from tracker.journal.sqlite import SqliteJournal
from tracker.quietlog import QuietLog, server_logger
from tracker.settings import Settings

DEVICES = 74


async def answer_only(_request: web.Request) -> web.Response:
    return web.Response()


async def main(kind: str, data: Path) -> None:
    settings = Settings(data=data)
    app = web.Application()
    journal: SqliteJournal | None = None
    if kind == "ingest":
        journal = await SqliteJournal.open(settings.journal_path, JournalLimits(gather_ms=settings.journal_gather_ms))
        bus = MemoryBus()

        def announce(tour: str, stored: Sequence[Stored]) -> None:
            bus.publish(pings_topic(tour), encode_hint(stored))

        journal.watch(announce)
        devices = [DeviceRow(str(number), str(number), 1) for number in range(DEVICES)]
        senders = senders_by_token(load_key(settings.key_path), "bench", devices)
        app.add_routes(Ingest(senders, journal, SystemClock(), settings).routes())
        paths = [f"/in/osmand/{token}" for token in senders]
    else:
        app.add_routes([web.post("/in/{protocol}/{token}", answer_only)])
        paths = ["/in/osmand/token"]
    quiet = QuietLog(logging.getLogger("tracker.http"), settings.log_interval_s)
    runner = web.AppRunner(app, access_log=None, logger=server_logger(quiet), auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gc.freeze()
    print(json.dumps({"port": runner.addresses[0][1], "paths": paths}), flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        head = await journal.head("bench") if journal else (0, 0)
        print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "stored": head[0]}), flush=True)
    await runner.cleanup()
    if journal is not None:
        await journal.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
