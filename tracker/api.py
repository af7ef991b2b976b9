"""Everything that is fetched rather than streamed: built files, courses, the public projection as JSON, health.

All of it comes from the hub's folded public feeds, so nothing here can know more than a spectator may.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.front import hand_over
from tracker.geojson import LiveGeoJson
from tracker.hub import Hub
from tracker.openapi import openapi_document
from tracker.static_files import ASK_AGAIN, FOR_EVER, StaticFiles
from tracker.textview import TextView
from tracker.wire.projection import vehicles_now


class Api:
    def __init__(
        self,
        tours: Mapping[str, ServedTour],
        course: Callable[[str, str], Awaitable[bytes | None]],
        hub: Hub,
        clock: Clock,
        files: StaticFiles,
    ) -> None:
        self._tours = tours
        self._course = course
        self._hub = hub
        self._clock = clock
        self._files = files
        self._geojson = LiveGeoJson(hub)
        self._text = TextView(hub)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/tour/{tour}/text", self._text.get),
            web.get("/live/{rest:.*}", self.live),
            web.get("/api/v1/openapi.json", self.openapi),
            web.get("/api/v1/clock", self.clock),
            web.get("/api/v1/tours", self.tours),
            web.get("/api/v1/tours/{tour}/vehicles", self.vehicles),
            web.get("/api/v1/tours/{tour}/live.geojson", self._geojson.get),
            web.get("/api/v1/tours/{tour}/courses/{hash}", self.course),
            web.get("/{file:.+}", self.file),
        ]

    # Files

    async def file(self, request: web.Request) -> web.Response:
        found = self._files.files.get(request.match_info["file"])
        if found is None:
            raise web.HTTPNotFound
        return found.answer(request)

    async def live(self, request: web.Request) -> web.Response:
        return hand_over(request, self._hub.welcome)

    # The API

    async def clock(self, _request: web.Request) -> web.Response:
        return _json({"now_ms": self._clock.now_ms(), "rate": self._clock.rate})

    async def tours(self, _request: web.Request) -> web.Response:
        return _json([{"slug": slug, "name": served.tour.name} for slug, served in self._tours.items()])

    async def vehicles(self, request: web.Request) -> web.Response:
        feed = self._hub.feeds.get(request.match_info["tour"])
        if feed is None:
            raise web.HTTPNotFound
        return _json(vehicles_now(feed.state))

    async def course(self, request: web.Request) -> web.Response:
        document = await self._course(request.match_info["tour"], request.match_info["hash"])
        if document is None:
            raise web.HTTPNotFound
        response = web.Response(body=document, content_type="application/json", headers={"Cache-Control": FOR_EVER})
        response.enable_compression()
        return response

    async def openapi(self, _request: web.Request) -> web.Response:
        return _json(openapi_document())


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": ASK_AGAIN, "X-Content-Type-Options": "nosniff"},
    )
