"""Is this process alive, and are its parts ready? For load balancers, compose and people."""

from __future__ import annotations

import json

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from tracker.journal.scrub import Scrubber
from tracker.metrics import PartsCollector, exposition

NEVER_CACHED = {"Cache-Control": "no-store"}


class Health:
    """`/healthz` answers while the loop runs; `/readyz` tells pings apart from the engine's rebuilding."""

    def __init__(self, collector: PartsCollector, scrubber: Scrubber | None) -> None:
        self._scrubber = scrubber
        self._collector = collector

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
        ]

    async def metrics(self, _request: web.Request) -> web.Response:
        headers = NEVER_CACHED | {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=exposition(self._collector), headers=headers)

    async def healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True}, headers=NEVER_CACHED)

    async def readyz(self, _request: web.Request) -> web.Response:
        """`ingest` is true as soon as anybody is answered at all: the journal is opened before the port.

        `feeds` is true once the hub here has something to show. `failed` names tours whose engine died, and of which
        kind of error, until it runs again. `damage` says which records were found missing or altered, until
        `tracker scrub --accept`.
        """
        percent = min((engines.percent for engines in self._collector.engines), default=100)
        damage = [] if self._scrubber is None else self._scrubber.told()
        failed = {engines.slug: engines.failure for engines in self._collector.engines if engines.failure}
        hub = self._collector.hub
        feeds = hub is None or all(feed.state.position is not None for feed in hub.feeds.values())
        engine = percent == 100 and not failed
        body = {
            "ingest": True,
            "engine": engine,
            "engine_percent": percent,
            "failed": failed,
            "feeds": feeds,
            "damage": damage,
        }
        status = 200 if engine and feeds and not damage else 503
        return web.Response(text=json.dumps(body), status=status, content_type="application/json", headers=NEVER_CACHED)
