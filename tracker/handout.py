"""What an organiser hands out from the page: cards, on paper or on the screen, and a new one for a phone that is lost.

In the process that takes pings: it has the key that tokens are derived from.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace

import segno
from aiohttp import web

from tracker.access import ORGANISERS, AccessBook, or_later
from tracker.cards import cards_page
from tracker.catalogue import ServedTour
from tracker.devices import device_row, other_links
from tracker.journal.access import Guest
from tracker.journal.contract import DeviceRow, Store
from tracker.organiser import NEVER_KEPT, known_tour, private_json
from tracker.origins import acts_from_own_page

PRINTED = NEVER_KEPT | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
BOX_NUMBER = re.compile(r"\d{10,20}", re.ASCII)  # some say a part of their IMEI, others a number of their own
SCHEMES = ("http", "https")
WAYS = ("url", "drive", "owntracks")  # the links of a card, each as a code too


class HandoutApi:
    def __init__(
        self, tours: Mapping[str, ServedTour], store: Store, key: bytes, public_url: str | None, access: AccessBook
    ) -> None:
        self._tours = tours
        self._store = store
        self._key = key
        self._public_url = public_url
        self._access = access
        self._drawing = asyncio.Lock()  # a code takes some 10 ms: in a thread, one card page after the other

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/tours/{tour}/devices/cards", or_later(self.cards)),
            web.get("/api/v1/tours/{tour}/devices/card", or_later(self.card)),
            web.post("/api/v1/tours/{tour}/devices/revoke", or_later(self.revoke)),
            web.post("/api/v1/tours/{tour}/devices/box", or_later(self.box)),
        ]

    async def cards(self, request: web.Request) -> web.Response:
        """One card for each device that a person sets up, to print; with `?device=` that one alone."""
        tour = known_tour(self._tours, request)
        await self._access.admit(request, tour, ORGANISERS, "the cards of all devices")
        wanted = request.query.get("device")
        rows = [
            device_row(self._key, tour, device, self._address(request))
            for device in await self._listed(tour)
            if not device.imei and wanted in (None, device.name)
        ]
        async with self._drawing:
            page = await asyncio.to_thread(cards_page, self._tours[tour].tour, rows)
        return web.Response(text=page, content_type="text/html", headers=PRINTED)

    async def card(self, request: web.Request) -> web.Response:
        """The card of `?device=`, for the screen: its links, each with its code."""
        tour, device = await self._asked_for(request)
        await self._access.admit(request, tour, ORGANISERS, f"the card of device {device.name}")
        return private_json(await self._card(tour, device, request))

    async def revoke(self, request: web.Request) -> web.Response:
        """The token of `?device=` is void within seconds; the answer is its new card."""
        guest, tour, device = await self._acts_on(request)
        renewed = replace(device, generation=device.generation + 1)
        await self._store.set_devices(tour, [renewed])
        await self._access.note(guest, f"made the card of device {device.name} void")
        return private_json(await self._card(tour, renewed, request))

    async def box(self, request: web.Request) -> web.Response:
        """The unattended box `?number=` is `?device=` from now on, without an edit of the roster."""
        guest, tour, device = await self._acts_on(request)
        number = request.query.get("number", "")
        if not BOX_NUMBER.fullmatch(number):
            raise web.HTTPBadRequest(text="the number of a box has 10 to 20 digits")
        await self._store.give_box(tour, device.name, number)
        await self._access.note(guest, f"made box {number} device {device.name}")
        return private_json({"device": device.name, "vehicle": device.vehicle, "number": number})

    async def _acts_on(self, request: web.Request) -> tuple[Guest, str, DeviceRow]:
        """The organiser who changes something from our own page, the tour and the device."""
        if not acts_from_own_page(request):
            raise web.HTTPForbidden
        tour, device = await self._asked_for(request)
        return self._access.require(request, tour, ORGANISERS), tour, device

    async def _card(self, tour: str, device: DeviceRow, request: web.Request) -> dict[str, object]:
        row = device_row(self._key, tour, device, self._address(request))
        async with self._drawing:
            codes = await asyncio.to_thread(_codes, row)
        card: dict[str, object] = {way: {"link": row[way], "code": codes[way]} for way in WAYS}
        others = other_links(self._address(request), row["token"])
        return card | {"vehicle": device.vehicle, "device": device.name, "others": others}

    async def _listed(self, tour: str) -> list[DeviceRow]:
        """The devices of the tour as it is now, in the order of the roster."""
        order = {name: place for place, name in enumerate(self._tours[tour].tour.vehicle_of_device)}
        devices = [device for device in await self._store.devices(tour) if device.name in order]
        return sorted(devices, key=lambda device: order[device.name])

    async def _asked_for(self, request: web.Request) -> tuple[str, DeviceRow]:
        """The tour and the device that an organiser asks for."""
        tour = known_tour(self._tours, request)
        self._access.require(request, tour, ORGANISERS)
        for device in await self._listed(tour):
            if device.name == request.query.get("device"):
                return tour, device
        raise web.HTTPNotFound

    def _address(self, request: web.Request) -> str:
        """The server as phones reach it: as it was told, or as the organiser has just reached it."""
        scheme = request.headers.get("X-Forwarded-Proto", "")  # that of the proxy in front, if there is one
        return self._public_url or f"{scheme if scheme in SCHEMES else request.scheme}://{request.host}"


def _codes(row: Mapping[str, str]) -> dict[str, str]:
    """The links of a card as images."""
    return {way: segno.make_qr(row[way]).svg_data_uri(border=0, omitsize=True) for way in WAYS}
