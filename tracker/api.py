"""Everything that is fetched rather than streamed: pages, courses, the public projection as JSON, health.

All of it comes from the hub's folded public feeds, so nothing here can know more than a spectator may.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.core.model import Freshness, Standing, Status
from tracker.feed import TourFeed
from tracker.front import hand_over
from tracker.hub import Hub
from tracker.openapi import openapi_document
from tracker.static_files import ASK_AGAIN, FOR_EVER, StaticFiles
from tracker.wire.frames import COLUMNS, NONE, UNKNOWN

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Api:
    def __init__(
        self,
        tours: Mapping[str, ServedTour],
        hub: Hub,
        clock: Clock,
        files: StaticFiles,
    ) -> None:
        self._tours = tours
        self._hub = hub
        self._clock = clock
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.get("/tour/{tour}", self.page),
            web.get("/live/{rest:.*}", self.live),
            web.get("/api/v1/openapi.json", self.openapi),
            web.get("/api/v1/clock", self.clock),
            web.get("/api/v1/tours", self.tours),
            web.get("/api/v1/tours/{tour}/vehicles", self.vehicles),
            web.get("/api/v1/tours/{tour}/courses/{hash}", self.course),
            web.get("/{file:.+}", self.file),
        ]

    # Pages and files

    async def page(self, request: web.Request) -> web.Response:
        slug = request.match_info.get("tour", "")
        if slug and slug not in self._tours:
            raise web.HTTPNotFound
        if not slug and len(self._tours) == 1:
            (slug,) = self._tours
        headers = {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Cache-Control": ASK_AGAIN,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=self._files.page(slug), content_type="text/html", charset="utf-8", headers=headers)

    async def file(self, request: web.Request) -> web.Response:
        found = self._files.files.get(request.match_info["file"])
        if found is None:
            raise web.HTTPNotFound
        coding, body = found.best(request.headers.get("Accept-Encoding", ""))
        headers = {
            "Cache-Control": found.cache,
            "Content-Type": found.content_type,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if coding:
            headers["Content-Encoding"] = coding
        return web.Response(body=body, headers=headers)

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
        return _json(vehicles_now(feed))

    async def course(self, request: web.Request) -> web.Response:
        served = self._tours.get(request.match_info["tour"])
        document = served.courses.get(request.match_info["hash"]) if served else None
        if document is None:
            raise web.HTTPNotFound
        response = web.Response(body=document, content_type="application/json", headers={"Cache-Control": FOR_EVER})
        response.enable_compression()
        return response

    async def openapi(self, _request: web.Request) -> web.Response:
        return _json(openapi_document())


def vehicles_now(feed: TourFeed) -> list[dict[str, Any]]:
    """The public projection of every vehicle, from the feed's folded state."""
    if feed.state.position is None:
        return []
    about = feed.state.about
    base_ms = about["base_ms"]
    lengths = [leg["length_m"] for leg in about["legs"]]
    vehicles = []
    for number, kind, *values in zip(
        about["roster"]["number"], about["roster"]["kind"], *feed.state.columns, strict=True
    ):
        row = dict(zip(COLUMNS, values, strict=True))
        heard = row["t"] != UNKNOWN
        along = None if row["along"] == NONE else row["along"]
        vehicles.append(
            {
                "number": number,
                "kind": "support" if kind else "participant",
                "lat": row["lat"] / 1e6 if heard else None,
                "lon": row["lon"] / 1e6 if heard else None,
                "fix_time_ms": base_ms + row["t"] * 100 if heard else None,
                "leg": row["leg"] or None,
                "along_m": along,
                "fraction": round(along / lengths[row["leg"] - 1], 6) if along is not None and row["leg"] else None,
                "status": Status(row["status"]).word,
                "freshness": Freshness(row["freshness"]).word,
                "standing": Standing(row["standing"]).word,
            }
        )
    return vehicles


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": ASK_AGAIN, "X-Content-Type-Options": "nosniff"},
    )
