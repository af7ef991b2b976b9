"""The past as pages fetch it: a manifest of slices that is good for seconds, and slices that are good for ever.

They are the public engine's, from the store: nothing here can know more than a spectator may.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Mapping

from aiohttp import web

from tracker.access import or_later
from tracker.catalogue import ServedTour
from tracker.core.segments import SLOT_MS
from tracker.journal.segments import Listed, Segments
from tracker.static_files import FOR_EVER

MANIFEST_S = 3  # for so long a manifest is not asked for again, here or in a cache
KEPT_BODIES = 64  # at hand in this process; some 30 KB each
HEADERS = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


class PastApi:
    def __init__(self, tours: Mapping[str, ServedTour], store: Segments) -> None:
        self._tours = tours
        self._store = store
        self._manifests: dict[tuple[str, int], tuple[float, list[Listed]]] = {}
        self._bodies: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def routes(self) -> list[web.RouteDef]:
        leg = "/api/v1/tours/{tour}/legs/{leg}/segments"
        return [
            web.get(leg, or_later(self.manifest)),
            web.get(leg + "/{hash}", or_later(self.segment)),
        ]

    async def manifest(self, request: web.Request) -> web.Response:
        """Which slices of a leg there are, the oldest first."""
        tour, leg = self._leg_of(request)
        listed = await self._listed(tour, leg)
        segments = [
            {"start_ms": each.start_ms, "end_ms": each.start_ms + SLOT_MS, "hash": each.hash, "bytes": each.size_bytes}
            for each in listed
        ]
        etag = hashlib.sha256("".join(each.hash for each in listed).encode()).hexdigest()[:16]
        headers = HEADERS | {"Cache-Control": f"public, max-age={MANIFEST_S}", "ETag": f'"{etag}"'}
        if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        body = json.dumps({"leg": leg + 1, "segments": segments}, separators=(",", ":")).encode()
        response = web.Response(body=body, content_type="application/json", headers=headers)
        response.enable_compression()
        return response

    async def segment(self, request: web.Request) -> web.Response:
        """A slice by the hash of its content."""
        tour, _ = self._leg_of(request)
        key = (tour, request.match_info["hash"])
        body = self._bodies.get(key)
        if body is None:
            body = await self._store.body(*key)
            if body is None:
                raise web.HTTPNotFound
            self._bodies[key] = body
            if len(self._bodies) > KEPT_BODIES:
                self._bodies.popitem(last=False)
        else:
            self._bodies.move_to_end(key)
        headers = HEADERS | {"Cache-Control": FOR_EVER}
        return web.Response(body=body, content_type="application/octet-stream", headers=headers)

    def _leg_of(self, request: web.Request) -> tuple[str, int]:
        """Tour and leg (from 0) of a request's path. Raises HTTPNotFound."""
        slug, text = request.match_info["tour"], request.match_info["leg"]
        served = self._tours.get(slug)
        if served is None or not (text.isascii() and text.isdecimal() and len(text) <= 3):
            raise web.HTTPNotFound
        leg = int(text) - 1
        if not 0 <= leg < len(served.tour.legs):
            raise web.HTTPNotFound
        return slug, leg

    async def _listed(self, slug: str, leg: int) -> list[Listed]:
        known = self._manifests.get((slug, leg))
        if known is not None and time.monotonic() - known[0] < MANIFEST_S:
            return known[1]
        asked_at = time.monotonic()
        listed = await self._store.listed(slug, leg)
        self._manifests[slug, leg] = asked_at, listed
        return listed
