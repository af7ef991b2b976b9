"""The leader's side of the desk: makes the document for crews and publishes it when it is another one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tracker.bus.contract import DESK_WANT, Bus, desk_topic
from tracker.core.alerts.desk import Alerts
from tracker.core.engine import Engine
from tracker.core.model import Tour
from tracker.turns import REST_S
from tracker.wire.desk import desk_body, encode_desk, encode_for_bus
from tracker.wire.deskdocument import DeskDocument, Where

BEAT_S = 1.0
CREEP_S = 5.0  # distances and minutes creep; so often is enough to look at them


class DeskOutlet:
    """A sideline of the engine's. `stir` it whenever something was decided or came up."""

    wanted_as = DESK_WANT

    def __init__(self, tour: Tour, desk: Alerts, bus: Bus) -> None:
        self._desk = desk
        self._document = DeskDocument(tour)
        self._slug = tour.slug
        self._bus = bus
        self._published: tuple[int, dict[str, Any]] | None = None  # epoch and document
        self._wanted = False
        self._news = False
        self._urgent = False
        self._moved = False  # a decision may have changed where the field is
        self._looked_at = self._crept_at = 0.0
        self._where: Where | None = None  # what creeps

    async def stop(self) -> None:
        """Nothing is ever under way between two looks."""

    def want(self) -> None:
        """A hub is new here: publish with the next beat, whether there is news or not."""
        self._wanted = self._news = True

    def stir(self, *, sos: bool = False, decided: bool = False) -> None:
        """There is news; who called SOS, and who decided, does not wait for a beat."""
        self._news = True
        self._urgent = self._urgent or sos or decided
        self._moved = self._moved or decided

    async def work(self, engine: Engine, epoch: int, now_ms: int, _is_pressed: Callable[[], bool]) -> None:
        """Publish the document, if it is due and different."""
        now_s = time.monotonic()
        crept = self._where is None or now_s - self._crept_at >= (BEAT_S if self._moved else CREEP_S)
        if not (self._urgent or crept or (self._news and now_s - self._looked_at >= BEAT_S)):
            return
        urgent, wanted = self._urgent, self._wanted
        self._looked_at = now_s
        self._news = self._urgent = self._wanted = False
        if self._where is None or (crept and not urgent):
            self._moved = False
            self._where, self._crept_at = self._document.where(engine, self._desk, now_ms), now_s
            await asyncio.sleep(REST_S)
        document = self._document.compose(engine, self._desk, self._where, now_ms)
        news = epoch, document | {"position": 0}  # the journal grows with every ping
        if wanted or urgent or self._published != news:
            self._published = news
            self._bus.publish(desk_topic(self._slug), encode_for_bus(epoch, encode_desk(now_ms, desk_body(document))))
