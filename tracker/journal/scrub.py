"""Every record's checksum and the order of the numbers, verified; damage is reported as exact ranges and mended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.errors import StoreDamaged, StoreError, StoreUnavailable
from tracker.journal.contract import Damage, Home, Range, extend

log = logging.getLogger(__name__)

STEP_RECORDS = 2000
PAUSE_S = 0.002  # between steps: pings come first
RETRY_S = 5.0


@dataclass
class Findings:
    """What a scrub found. Sound are all the records up to `newest` of each tour that lie in no range of `damage`."""

    newest: dict[str, int] = field(default_factory=dict)
    damage: dict[str, list[Range]] = field(default_factory=dict)
    structure: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.damage and not self.structure


async def scrub(home: Home, on_verified: Callable[[str, int, int], None] = lambda *_: None) -> Findings:
    """Read everything once; `on_verified` hears a tour, the number reached and the newest one."""
    findings = Findings()
    for tour in await home.tours():
        newest = findings.newest[tour] = await home.care.newest(tour)
        ranges: list[Range] = []
        seq = 0
        while seq < newest:
            try:
                reached = await home.care.verify(tour, seq, STEP_RECORDS)
            except StoreDamaged as damaged:
                reached = min(damaged.last_seq, newest)
                extend(ranges, (seq + 1, reached))
            if reached == seq:
                reached = newest
                extend(ranges, (seq + 1, newest))
            seq = reached
            on_verified(tour, seq, newest)
            await asyncio.sleep(PAUSE_S)
        if ranges:
            findings.damage[tour] = ranges
    findings.structure = await home.care.verify_structure()
    return findings


def told(damage: Damage) -> str:
    """A range as people read it."""
    return f"{damage.tour}: records {damage.first_seq} to {damage.last_seq} were missing or altered"


class Scrubber:
    """Scrubs once after the start, beside everything else, and mends. `damage` is what nobody has accepted yet."""

    def __init__(self, home: Home, now_ms: Callable[[], int]) -> None:
        self.damage: list[Damage] = []
        self.trouble: str | None = None
        self._home = home
        self._now_ms = now_ms
        self._task: asyncio.Task[None] | None = None

    def told(self) -> list[str]:
        """Sentences for people; none if all is well as far as is known."""
        return [*map(told, self.damage), *([] if self.trouble is None else [self.trouble])]

    async def start(self) -> None:
        self.damage = await self._home.care.damage()
        for each in self.damage:
            log.error("%s", told(each))
        self._task = asyncio.create_task(self._run(), name="scrub")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._scrub()
            except StoreUnavailable as error:
                log.warning("the journal cannot be verified for now: %s", error)
                await asyncio.sleep(RETRY_S)
            except StoreError as error:
                self.trouble = str(error)
                log.error("the journal cannot be verified: %s", error)  # noqa: TRY400 - a sentence, not a traceback
                return
            else:
                return

    async def _scrub(self) -> None:
        findings = await scrub(self._home)
        if findings.sound:
            return
        for line in findings.structure:
            log.error("the journal's file is damaged: %s", line)
        await self._home.care.mend(findings.damage, self._now_ms())
        known, self.damage = self.damage, await self._home.care.damage()
        lost = [each for each in self.damage if each not in known]
        for each in lost:
            log.error("%s", told(each))
        log.error("the journal was mended, %s", "without those records" if lost else "and nothing is lost")
