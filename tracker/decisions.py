"""Deciding by hand: `POST …/decisions` (docs/crew.md). In the journal, for good, before it is answered.

Whether a decision counts is the engine's to say, for only the journal's order tells who was quicker; the answer waits a
moment for its word. What is sent again with the same id counts once.
"""

from __future__ import annotations

import functools
import time
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from tracker.access import CREWS, RETRY_AFTER_S, AccessBook, or_later
from tracker.bodies import BodyRefused, read_body
from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.core.model import RecordKind
from tracker.hub import Hub
from tracker.journal.access import Guest
from tracker.journal.contract import Entry, Journal
from tracker.organiser import known_tour, private_json
from tracker.origins import acts_from_own_page
from tracker.protocols.strict import Unreadable, load_json
from tracker.wire.decisionform import RIGHTS, Body, Refused, read_decision

BODY_LIMIT_BYTES = 4096
BODY_DEADLINE_S = 10.0
PER_MINUTE = 120  # of one invitation: a marshal's phone that comes out of the hills sends what it kept
ANSWER_S = 2.5  # for the engine's word


class DecisionApi:
    def __init__(
        self, tours: Mapping[str, ServedTour], hub: Hub, journal: Journal, book: AccessBook, clock: Clock
    ) -> None:
        self._tours = tours
        self._hub = hub
        self._journal = journal
        self._book = book
        self._clock = clock
        self._decided_at: dict[int, deque[float]] = {}  # by invitation

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/tours/{tour}/me", or_refusal(self.me)),
            web.post("/api/v1/tours/{tour}/decisions", or_refusal(self.decide)),
        ]

    async def me(self, request: web.Request) -> web.Response:
        """Who asks, and what they may decide."""
        guest = self._guest(request, known_tour(self._tours, request))
        return private_json({"name": guest.name, "role": guest.role, "may": sorted(RIGHTS[guest.role])})

    async def decide(self, request: web.Request) -> web.Response:
        """Journal one decision and say what came of it."""
        tour = known_tour(self._tours, request)
        if not acts_from_own_page(request):
            raise Refusal(403, "decisions are made on the tour's own pages")
        guest = self._guest(request, tour)
        if request.content_type != "application/json":
            raise Refusal(415, "send JSON, with Content-Type: application/json")
        self._hold_back(guest)
        body = await self._read(request, self._tours[tour], guest)
        now_ms = self._clock.now_ms()
        done = await self._journal.append(tour, [Entry(RecordKind.DECISION, body)], now_ms)
        await self._book.note(guest, f"decided {summary(body)}")
        seq = done.stored[0].seq
        outcome, who, helper = await self._hub.desks[tour].answer(str(body["id"]), seq, ANSWER_S)
        number = "" if helper < 0 else self._tours[tour].tour.vehicles[helper].number
        return private_json({"id": body["id"], "seq": seq, "outcome": outcome, "who": who, "helper": number})

    def _guest(self, request: web.Request, tour: str) -> Guest:
        guest = self._book.guest(tour, request.headers.getall("Cookie", []))
        if guest is None or guest.role not in CREWS:
            raise Refusal(403, "sign in with your invitation first")
        return guest

    async def _read(self, request: web.Request, served: ServedTour, guest: Guest) -> Body:
        try:
            sent = load_json(await read_body(request, BODY_LIMIT_BYTES, BODY_DEADLINE_S))
            body = read_decision(served.tour, sent, self._clock.now_ms())
        except BodyRefused as refused:
            raise Refusal(
                refused.status, f"{refused.reason}: a decision has at most {BODY_LIMIT_BYTES} bytes"
            ) from None
        except Unreadable as unreadable:
            raise Refusal(400, str(unreadable), field="") from None
        except Refused as refused:
            raise Refusal(400, str(refused), field=refused.field) from None
        if body["decision"] not in RIGHTS[guest.role]:
            raise Refusal(403, f"{body['decision']} is not for a {guest.role} to decide: ask an organiser")
        return body | {"who": guest.name, "role": guest.role.value, "invitation": guest.invitation}

    def _hold_back(self, guest: Guest) -> None:
        """So many decisions a minute are more than a hand makes."""
        now_s = time.monotonic()
        times = self._decided_at.setdefault(guest.invitation, deque(maxlen=PER_MINUTE))
        if len(times) == PER_MINUTE and now_s - times[0] < 60.0:
            raise Refusal(429, "that was a lot in one minute: send it again in a moment")
        times.append(now_s)


class Refusal(Exception):
    """An answer that says why not."""

    def __init__(self, status: int, error: str, **more: str) -> None:
        super().__init__(error)
        self.answer = private_json(more | {"error": error})
        self.answer.set_status(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.answer.headers["Retry-After"] = str(RETRY_AFTER_S)


def or_refusal(handler: Handler) -> Handler:
    """Answer with the refusal that a handler raises, or 503 while the store is away."""

    @functools.wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as refusal:
            return refusal.answer

    return or_later(answered)


def summary(body: Body) -> str:
    """A decision in a line of the log; what a note says is not repeated there."""
    hidden = ("id", "decision", "at_ms", "who", "role", "invitation", "text")
    facts = " ".join(f"{name} {value}" for name, value in body.items() if name not in hidden)
    return f"{body['decision']} {facts}".strip()
