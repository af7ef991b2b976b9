"""The organiser's look at who is told of alerts, and the button that tries it. Addresses are never shown."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from aiohttp import web

from tracker.access import ORGANISERS, AccessBook
from tracker.bodies import BodyRefused, read_body
from tracker.catalogue import ServedTour
from tracker.channels import Channel, test_message
from tracker.decisions import Refusal, or_refusal
from tracker.organiser import known_tour, private_json
from tracker.origins import acts_from_own_page
from tracker.protocols.strict import Unreadable, load_json

BODY_LIMIT_BYTES = 1024
BODY_DEADLINE_S = 10.0
TESTS_APART_S = 10.0  # of one target: the button is no way to flood somebody


class NotifyApi:
    def __init__(self, tours: Mapping[str, ServedTour], channels: Sequence[Channel], access: AccessBook) -> None:
        self._tours = tours
        self._channels = {channel.target.name: channel for channel in channels}
        self._access = access
        self._tested_s: dict[str, float] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/tours/{tour}/notify", or_refusal(self.targets)),
            web.post("/api/v1/tours/{tour}/notify/test", or_refusal(self.test)),
        ]

    async def targets(self, request: web.Request) -> web.Response:
        """Who is told of what."""
        await self._access.admit(request, known_tour(self._tours, request), ORGANISERS, "who is told of alerts")
        targets = [channel.target for channel in self._channels.values()]
        return private_json(
            [
                {
                    "name": target.name,
                    "kinds": sorted(target.kinds),
                    "language": target.language,
                    "endings": target.endings,
                    "signed": target.secret is not None,
                }
                for target in targets
            ]
        )

    async def test(self, request: web.Request) -> web.Response:
        """Tell one target that this is a test: `{"target": name}`; whether it was taken."""
        tour = known_tour(self._tours, request)
        if not acts_from_own_page(request):
            raise Refusal(403, "tests are made on the tour's own pages")
        await self._access.admit(request, tour, ORGANISERS, "a test of who is told")
        try:
            sent = load_json(await read_body(request, BODY_LIMIT_BYTES, BODY_DEADLINE_S))
        except (BodyRefused, Unreadable) as error:
            raise Refusal(400, f'{error}: send {{"target": name}}') from None
        name = sent.get("target") if isinstance(sent, dict) else None
        channel = self._channels.get(name) if isinstance(name, str) else None
        if channel is None:
            raise Refusal(400, "there is no target of that name: they stand in notify.toml", field="target")
        now_s = time.monotonic()
        if now_s - self._tested_s.get(channel.target.name, -TESTS_APART_S) < TESTS_APART_S:
            raise Refusal(429, "that target has just been tried: wait a moment")
        self._tested_s[channel.target.name] = now_s
        taken = await channel.attempt([test_message(self._tours[tour].tour)])
        return private_json({"target": channel.target.name, "taken": taken})
