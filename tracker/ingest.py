"""The way in for devices over HTTP: who is it, what does it say, is it on disk, answer.

The token in the path decides before a byte of the body is read. What a device with a good token sends is never lost
and never answered with a 4xx for its content: it is journalled or, with a reason, put in quarantine, and only then
answered. Temporary trouble is a 503 with Retry-After.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tracker.answer_times import AnswerTimes
from tracker.bodies import BodyRefused, read_body
from tracker.clock import Clock
from tracker.core.intake import Reason, refuse
from tracker.core.model import RecordKind
from tracker.devices import Sender
from tracker.errors import StoreError
from tracker.journal.contract import Entry, Journal
from tracker.protocols import HTTP_PROTOCOLS, HttpProtocol
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.quietlog import QuietLog, described
from tracker.settings import Settings

DECODE_INLINE_BYTES = 32_768  # a longer body is decoded in a thread: some 50 us a fix, and the loop has others to serve
APPENDED_AT_ONCE = 500  # a longer batch takes several transactions, between which others have their turn
HAMMERING = ("osmandapp",)  # apps that try again at once, for ever, after anything but a success


@dataclass(slots=True)
class IngestCounters:
    """What came in since the start; `rejected` counts requests by reason, the others pings."""

    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


class Ingest:
    """The routes under /in/. `senders` may be replaced at any time, when devices change."""

    def __init__(self, senders: Mapping[str, Sender], journal: Journal, clock: Clock, settings: Settings) -> None:
        self.senders = senders
        self.counters = IngestCounters()
        self.answer_times = AnswerTimes()
        self.speaks: dict[tuple[str, str], str] = {}  # by tour and device: the protocol it was last heard in
        self._journal = journal
        self._clock = clock
        self._body_deadline_s = settings.body_deadline_s
        self._retry_after = {"Retry-After": str(settings.retry_after_s)}
        self._quiet = QuietLog(logging.getLogger("tracker.ingest"), settings.log_interval_s)

    def routes(self) -> list[web.RouteDef]:
        # Apps append a slash, and templates hang more behind it; the token alone counts.
        return [web.route("*", "/in/{protocol}/{token}{rest:(/.*)?}", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request of a device."""
        name = request.match_info["protocol"]
        protocol = HTTP_PROTOCOLS.get(name)
        if protocol is None:
            return self._reject("unknown protocol", web.Response(status=404))
        sender = self.senders.get(request.match_info["token"])
        if sender is None:
            self._quiet.warn("unknown token", request.remote or "", name)
            return self._reject("unknown token", web.Response(status=200 if name in HAMMERING else 401))
        if request.method not in protocol.methods:
            allow = {"Allow": ", ".join(protocol.methods)}
            return self._reject("method", web.Response(status=405, headers=allow))
        try:
            body = await read_body(request, protocol.body_limit_bytes, self._body_deadline_s)
        except BodyRefused as refused:
            return self._reject(refused.reason, web.Response(status=refused.status))
        query = request.raw_path.partition("?")[2]
        received = HttpRequest(request.method, query, request.headers, body, sender.passphrase)
        decoded = await self._decode(protocol, received)
        if decoded.pings or decoded.refusals:
            try:
                await self._store(sender, name, decoded)
            except StoreError as error:
                self._quiet.warn("unavailable", "journal", str(error))
                return self._reject("unavailable", web.Response(status=503, headers=self._retry_after))
        answer = decoded.answer
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    async def _decode(self, protocol: HttpProtocol, request: HttpRequest) -> Decoded:
        now_ms = self._clock.now_ms()
        try:
            if len(request.body) > DECODE_INLINE_BYTES:
                return await asyncio.to_thread(protocol.decode, request, now_ms)
            return protocol.decode(request, now_ms)
        except Exception as error:  # noqa: BLE001 - a decoder's bug must cost neither the process nor the device's data
            self._quiet.warn("decoder failed", protocol.decode.__module__, described(error))
            return Decoded(refusals=[refuse(Reason.SYNTAX, request.body or request.query.encode(), described(error))])

    async def _store(self, sender: Sender, protocol: str, decoded: Decoded) -> None:
        entries = [Entry(RecordKind.PING, ping) for ping in decoded.pings]
        started = time.monotonic()
        for at in range(0, max(1, len(entries)), APPENDED_AT_ONCE):
            part = entries[at : at + APPENDED_AT_ONCE]
            refusals = decoded.refusals if at + APPENDED_AT_ONCE >= len(entries) else []  # once, with the last part
            done = await self._journal.append(
                sender.tour,
                part,
                self._clock.now_ms(),
                device=sender.device,
                protocol=protocol,
                refusals=refusals,
            )
            self.counters.accepted += len(done.stored)
            self.counters.repeated += done.repeats
        self.answer_times.add(time.monotonic() - started)
        self.counters.quarantined += len(decoded.refusals)
        self.speaks[sender.tour, sender.device] = protocol

    def _reject(self, reason: str, answer: web.Response) -> web.Response:
        self.counters.rejected[reason] += 1
        return answer
