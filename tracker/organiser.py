"""What organisers look up on the morning of a tour: what devices sent in vain, and boxes that nobody has listed.

Every look is in the log before anything is shown.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from aiohttp import web

from tracker.access import ORGANISERS, AccessBook, or_later
from tracker.catalogue import ServedTour
from tracker.ingest import Ingest
from tracker.journal.contract import Quarantined, Store
from tracker.streams import Streams

NEVER_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class QuarantineApi:
    def __init__(self, tours: Mapping[str, ServedTour], store: Store, access: AccessBook) -> None:
        self._tours = tours
        self._store = store
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/tours/{tour}/quarantine", or_later(self.quarantine))]

    async def quarantine(self, request: web.Request) -> web.Response:
        """The newest refusals, newest first."""
        tour = known_tour(self._tours, request)
        await self._access.admit(request, tour, ORGANISERS, "quarantine")
        return private_json([_refusal(each) for each in await self._store.quarantined(tour)])


class KnockingApi:
    """In the process that takes pings: only there is it known who knocked, and in which words."""

    def __init__(self, tours: Mapping[str, ServedTour], ingest: Ingest, streams: Streams, access: AccessBook) -> None:
        self._tours = tours
        self._ingest = ingest
        self._streams = streams
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/tours/{tour}/devices/unknown", or_later(self.unknown)),
            web.get("/api/v1/tours/{tour}/devices/protocols", or_later(self.protocols)),
        ]

    async def unknown(self, request: web.Request) -> web.Response:
        """Numbers of unattended boxes that no roster lists, the one heard last first."""
        tour = known_tour(self._tours, request)
        await self._access.admit(request, tour, ORGANISERS, "unknown boxes")
        unlisted = [heard for heard in self._streams.unknown.items() if heard[0] not in self._streams.boxes]
        newest_first = sorted(unlisted, key=lambda heard: -heard[1])
        return private_json([{"number": number, "heard_at_ms": at_ms} for number, at_ms in newest_first])

    async def protocols(self, request: web.Request) -> web.Response:
        """By device the protocol that it was last heard in by this process."""
        tour = known_tour(self._tours, request)
        await self._access.admit(request, tour, ORGANISERS, "the check list")
        heard = [*self._ingest.speaks.items(), *self._streams.speaks.items()]
        return private_json({device: protocol for (slug, device), protocol in heard if slug == tour})


def known_tour(tours: Mapping[str, ServedTour], request: web.Request) -> str:
    """The tour that a request's path names; raises HTTPNotFound for one that is not served here."""
    tour = request.match_info["tour"]
    if tour not in tours:
        raise web.HTTPNotFound
    return tour


def private_json(body: object) -> web.Response:
    """An answer for one person."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return web.Response(body=text.encode(), content_type="application/json", headers=NEVER_KEPT)


def _refusal(refusal: Quarantined) -> dict[str, object]:
    return {
        "id": refusal.id,
        "at_ms": refusal.at_ms,
        "device": refusal.device,
        "protocol": refusal.protocol,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "raw_base64": base64.b64encode(refusal.raw).decode(),
    }
