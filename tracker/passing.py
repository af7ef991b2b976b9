"""When do they pass me? The public engine's newest forecast, kept by the hub and asked by anybody.

Vehicles are told by number and places by their distance along a leg; whatever is answered is a range.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from tracker.bus.contract import Bus, forecast_topic, wants_topic
from tracker.catalogue import ServedTour
from tracker.core.model import Tour, VehicleKind
from tracker.wire.forecast import ForecastReader, Window

CACHE_S = 5  # what lies between us and the reader may answer for so long
NEXT, MOST_NEXT = 10, 500
AGAIN_S = 5  # by then an engine that has just started has told
HEADERS = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


class ForecastBook:
    """The newest forecast of every tour; those of engines that were replaced are passed over."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._newest: dict[str, ForecastReader] = {}
        self._stops: list[Callable[[], Awaitable[None]]] = []
        self.unreadable = 0

    async def add_tour(self, slug: str) -> None:
        """Listen to a tour's engine from now on, and ask it for what it has told already."""

        def hear(message: bytes) -> None:
            self._hear(slug, message)

        def ask() -> None:
            self._bus.publish(wants_topic(slug), b"forecast")

        self._stops.append(await self._bus.subscribe(forecast_topic(slug), hear, ask))
        ask()

    async def stop(self) -> None:
        for stop in self._stops:
            await stop()
        self._stops.clear()

    def newest(self, slug: str) -> ForecastReader | None:
        return self._newest.get(slug)

    def _hear(self, slug: str, message: bytes) -> None:
        try:
            read = ForecastReader(message)
        except (ValueError, TypeError, LookupError):
            self.unreadable += 1
            return
        known = self._newest.get(slug)
        if known is None or read.position > known.position:
            self._newest[slug] = read


class PassingApi:
    def __init__(self, tours: Mapping[str, ServedTour], book: ForecastBook) -> None:
        self._tours = tours
        self._book = book

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/tours/{tour}/passing", self.passing),
            web.get("/api/v1/tours/{tour}/vehicles/{number}/arrivals", self.arrivals),
        ]

    async def passing(self, request: web.Request) -> web.Response:
        """Who passes a place of a leg, and when."""
        tour = self._tour_of(request)
        leg = _whole(request, "leg", 1, len(tour.legs)) - 1
        along_m = _whole(request, "along_m", 0, round(tour.legs[leg].length_m))
        limit = _whole(request, "limit", 1, MOST_NEXT, NEXT)
        only = None if "vehicle" not in request.query else _row(tour, request.query["vehicle"])
        forecast = self._newest(tour)
        starts_ms = [forecast.start_ms(leg, tour.start_time_ms(leg, row)) for row in range(len(tour.vehicles))]
        found = forecast.passing(leg, along_m, starts_ms)

        def asked_for(windows: list[Window]) -> list[dict[str, Any]]:
            return [_window(tour, window) for window in windows if only is None or window.vehicle == only]

        def is_car(row: int) -> bool:
            return tour.vehicles[row].kind is VehicleKind.PARTICIPANT

        cars = [window for window in found.coming if is_car(window.vehicle)]
        body = {
            "leg": leg + 1,
            "along_m": along_m,
            "now_ms": forecast.now_ms,
            "next": asked_for(found.coming)[:limit],
            "overdue": asked_for(found.overdue)[:limit],
            "field": {
                "early_ms": min((window.early_ms for window in cars), default=None),
                "late_ms": max((window.late_ms for window in cars), default=None),
                "coming": len(cars),
                "overdue": sum(is_car(window.vehicle) for window in found.overdue),
                "passed": sum(map(is_car, found.passed)),
            },
        }
        return _answer(request, forecast, body)

    async def arrivals(self, request: web.Request) -> web.Response:
        """A vehicle's arrivals at the checkpoints that it has ahead on its leg."""
        tour = self._tour_of(request)
        row = _row(tour, request.match_info["number"])
        forecast = self._newest(tour)
        leg = forecast.leg_of(row) or 0
        start_ms = forecast.start_ms(leg, tour.start_time_ms(leg, row))
        ahead = []
        for checkpoint in tour.legs[leg].checkpoints if forecast.is_expected(row) else ():
            window = forecast.window(row, leg, round(checkpoint.along_m), start_ms)
            if window is not None and window.late_ms > forecast.now_ms:
                place = {"id": checkpoint.id, "name": checkpoint.name, "kind": checkpoint.kind.value}
                ahead.append(place | {"along_m": round(checkpoint.along_m)} | _times(window))
        body = {"number": tour.vehicles[row].number, "leg": leg + 1, "now_ms": forecast.now_ms, "checkpoints": ahead}
        return _answer(request, forecast, body)

    def _tour_of(self, request: web.Request) -> Tour:
        served = self._tours.get(request.match_info["tour"])
        if served is None:
            raise web.HTTPNotFound
        return served.tour

    def _newest(self, tour: Tour) -> ForecastReader:
        forecast = self._book.newest(tour.slug)
        if forecast is None or forecast.vehicles != len(tour.vehicles):  # or of another version of the tour
            text = json.dumps({"error": "the engine has not told yet; ask again in some seconds"})
            headers = {"Retry-After": str(AGAIN_S)}
            raise web.HTTPServiceUnavailable(text=text, content_type="application/json", headers=headers)
        return forecast


def _whole(request: web.Request, name: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number from the query. Raises HTTPBadRequest with what it may be."""
    text = request.query.get(name)
    if text is None and default is not None:
        return default
    if text is not None and text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most:
        return int(text)
    raise _bad(f"{name} is a whole number from {least} to {most}, as in {name}={least}")


def _row(tour: Tour, number: str) -> int:
    """A vehicle's row. Raises HTTPBadRequest for a number that the roster does not have."""
    for row, vehicle in enumerate(tour.vehicles):
        if vehicle.number == number:
            return row
    raise _bad("no vehicle of this tour has that number; /vehicles lists them")


def _bad(why: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": why}), content_type="application/json", headers=HEADERS)


def _window(tour: Tour, window: Window) -> dict[str, Any]:
    vehicle = tour.vehicles[window.vehicle]
    return {"number": vehicle.number, "kind": vehicle.kind.value} | _times(window)


def _times(window: Window) -> dict[str, Any]:
    return {"early_ms": window.early_ms, "late_ms": window.late_ms, "planned": window.planned}


def _answer(request: web.Request, forecast: ForecastReader, body: dict[str, Any]) -> web.Response:
    """An answer is a function of the question and the forecast: its position is the ETag."""
    etag = "{}-{}".format(*forecast.position)
    headers = HEADERS | {"Cache-Control": f"public, max-age={CACHE_S}", "ETag": f'"{etag}"'}
    if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return web.Response(body=text.encode(), content_type="application/json", headers=headers)
