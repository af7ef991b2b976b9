"""A tour's engines, and how a newer version of the tour takes over while they run.

The engines of the new version fold the journal from the beginning, in silence, while the old ones go on; when they have
caught up they step up in one stroke, under an epoch of their own, so that every page gets a fresh snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tracker.catalogue import ServedTour
from tracker.clock import Clock
from tracker.errors import StoreError
from tracker.leadership import Lead, Leadership, Understudy
from tracker.quietlog import QuietLog, described
from tracker.runner import Runner
from tracker.tourbook import TourBook
from tracker.wire.audience import CREW, PUBLIC, Audience

log = logging.getLogger(__name__)

LOOK_S = 2.0
WARM_S = 0.2  # how often those that warm up are looked at
LONGEST_REST_S = 60.0  # of an engine that died again and again, before it is made anew
STEADY_S = 300.0  # who ran for so long died of something else


@dataclass(frozen=True, slots=True)
class Part:
    """What an engine is for: a version of the tour, so late on purpose, for these audiences."""

    slug: str
    version: int
    delay_s: int
    audiences: tuple[Audience, ...]

    @property
    def late(self) -> bool:
        return self.delay_s > 0


@dataclass(frozen=True, slots=True)
class Death:
    """Of an engine that ended of what nobody foresaw: of which kind, how often in a row, and when."""

    runner: Runner
    reason: str
    times: int
    at_s: float

    @property
    def anew_s(self) -> float:
        """When another one is to take its place."""
        return self.at_s + min(2.0**self.times, LONGEST_REST_S)


Make = Callable[[Part, ServedTour, Lead], Runner]


class Engines:
    """The engines of one tour: one that is live and, where spectators are told later, one that is late."""

    def __init__(self, slug: str, book: TourBook, clock: Clock, lead: Leadership, make: Make) -> None:
        """`make` takes a while, and is called in a thread of its own."""
        self._slug = slug
        self._book = book
        self._clock = clock
        self._lead = lead
        self._make = make
        self._playing: dict[Part, Runner] = {}
        self._warming: dict[Part, tuple[Runner, Understudy]] = {}
        self._deaths: dict[Part, Death] = {}
        self._quiet = QuietLog(logging.getLogger(__name__))
        self._task: asyncio.Task[None] | None = None

    @property
    def percent(self) -> int:
        """How much of the journal those have folded since their start that pages are told by."""
        return min((runner.percent for runner in self.runners), default=0)

    @property
    def slug(self) -> str:
        return self._slug

    @property
    def failure(self) -> str | None:
        """The kind of error that an engine died of, until it runs again as if nothing had been."""
        for part, runner in self._all().items():
            if part in self._deaths and not (runner.ready and runner.failure is None):
                return self._deaths[part].reason
        return None

    @property
    def runners(self) -> Sequence[Runner]:
        """Those that pages are told by."""
        return tuple(self._playing.values())

    def _all(self) -> dict[Part, Runner]:
        return self._playing | {part: runner for part, (runner, _) in self._warming.items()}

    async def start(self) -> None:
        await self._try_to_look()
        self._task = asyncio.create_task(self._run(), name=f"engines {self._slug}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for runner, _ in self._warming.values():
            await runner.stop()
        for runner in self.runners:
            await runner.stop()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WARM_S if self._warming else LOOK_S)
            await self._try_to_look()

    async def _try_to_look(self) -> None:
        try:
            await self._look()
        except StoreError as error:
            self._quiet.warn("no newer version can be seen for now", f"engine {self._slug}", str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, those that run go on, and are looked after
            self._quiet.warn("could not be looked after", f"engine {self._slug}", described(error))

    async def _wanted(self) -> list[tuple[Part, ServedTour]]:
        """The engines that there should be now. A late one follows the version that was in force then."""
        now_ms = self._clock.now_ms()
        served = await self._book.at(self._slug, now_ms)
        delay_s = served.tour.public_delay_s
        if not delay_s:
            return [(Part(self._slug, served.version, 0, (PUBLIC, CREW)), served)]
        late = await self._book.at(self._slug, now_ms - delay_s * 1000)
        late = replace(late, tour=replace(late.tour, public_delay_s=delay_s))
        return [
            (Part(self._slug, served.version, 0, (CREW,)), served),
            (Part(self._slug, late.version, delay_s, (PUBLIC,)), late),
        ]

    async def _look(self) -> None:
        wanted = dict(await self._wanted())
        for part in self._warming.keys() - wanted.keys():  # overtaken by a still newer version
            runner, _ = self._warming.pop(part)
            await runner.stop()
        if not self._playing:
            for part, served in wanted.items():
                self._playing[part] = runner = await asyncio.to_thread(self._make, part, served, self._lead)
                await runner.start()
        await self._mend(wanted)
        if wanted.keys() == self._playing.keys():
            return
        for part in wanted.keys() - self._playing.keys() - self._warming.keys():
            log.info("engine %s: version %d warms up", self._slug, part.version)
            await self._warm_up(part, wanted[part])
        if all(runner.ready for runner, _ in self._warming.values()):
            await self._step_up(wanted)

    async def _mend(self, wanted: dict[Part, ServedTour]) -> None:
        """Make anew what died: soon the first time, later and later if it dies again. A standby may lead meanwhile."""
        now_s = time.monotonic()
        for part, runner in self._all().items():
            error, death = runner.failure, self._deaths.get(part)
            if error is None:
                continue
            if death is None or death.runner is not runner:
                times = 1 if death is None or now_s - death.at_s > STEADY_S else death.times + 1
                self._deaths[part] = Death(runner, type(error).__name__, times, now_s)
                way = "".join(traceback.format_tb(error.__traceback__))  # its own words may quote what a client sent
                log.error("engine %s died, and will be made anew: %s\n%s", self._slug, described(error), way)
                await self._lead.step_down()
            elif now_s >= death.anew_s and part in wanted:
                await runner.stop()
                self._warming.pop(part, None)  # it warms up from the beginning
                if part in self._playing:
                    self._playing[part] = fresh = await asyncio.to_thread(self._make, part, wanted[part], self._lead)
                    if death.times > 1:
                        fresh.leave_state()  # what it dies of may be in there: the whole journal is folded
                    await fresh.start()

    async def _warm_up(self, part: Part, served: ServedTour) -> None:
        for old, runner in self._playing.items():
            if old.late == part.late:
                runner.leave_state()  # the file is the new one's from now on
        understudy = Understudy(self._lead)
        runner = await asyncio.to_thread(self._make, part, served, understudy)
        self._warming[part] = runner, understudy
        await runner.start()

    async def _step_up(self, wanted: dict[Part, ServedTour]) -> None:
        for part in self._playing.keys() - wanted.keys():
            await self._playing.pop(part).stop()
        await self._lead.begin_anew()
        for part, (runner, understudy) in self._warming.items():
            self._playing[part] = runner
            understudy.steps_up = True
            log.info("engine %s: version %d is in force", self._slug, part.version)
        self._warming.clear()
