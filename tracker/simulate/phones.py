"""Phones that post like real ones: oldest first, and after a failure again in 5 s, doubling to 5 min.

The retry rules are those of [traccar/traccar-client-sdk: TrackerEngine.kt]; how a fix is written is `encoders`' affair.
Everything is timed in tour time. One task moves all phones on, in batches; a few workers carry the requests.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice, takewhile

import aiohttp

from tracker.errors import TrackerError
from tracker.simulate.boxes import Line
from tracker.simulate.encoders import CALL, USUAL, Speech
from tracker.simulate.receiver import Sample

FIRST_RETRY_MS = 5_000
LAST_RETRY_MS = 300_000
CONNECTIONS = 16
STEP_S = 0.1  # the field moves on this often
ANSWER_WITHIN_S = 15.0
STATUS_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class TourTime:
    """The server's clock, as read at a moment of this machine's monotonic clock."""

    read_ms: int
    read_at_s: float
    rate: float

    def now_ms(self) -> int:
        return self.read_ms + int((time.monotonic() - self.read_at_s) * 1000.0 * self.rate)


@dataclass(slots=True)
class Posting:
    """One phone: the fixes that it still has to send, how it says them, and those that it will take.

    With a `line` it is a box, which says its fixes there; for help somebody calls by phone.
    """

    url: str  # of the server
    token: str
    device: str
    coming: Iterator[Sample]
    speech: Speech = USUAL
    line: Line | None = None
    next: Sample | None = None
    queue: deque[Sample] = field(default_factory=deque)
    online: bool = False
    sending: bool = False
    retry_ms: int = FIRST_RETRY_MS
    retry_at_ms: int = 0

    def next_post(self) -> tuple[Speech, list[Sample]]:
        """What goes into one request: a call for help by itself, or the fixes before the next one."""
        if self.queue[0].sos:
            return CALL, [self.queue[0]]
        return self.speech, list(islice(takewhile(lambda fix: not fix.sos, self.queue), self.speech.batch))

    def take(self) -> None:
        """Look forward to the next fix, None when the phone's tour is over."""
        self.next = next(self.coming, None)


@dataclass(slots=True)
class Tally:
    sent: int = 0
    failed: int = 0


async def read_clock(session: aiohttp.ClientSession, url: str, speed: float) -> TourTime:
    """The server's clock. Raises TrackerError where there is none, or where it does not run at `speed`."""
    address = f"{url.rstrip('/')}/api/v1/clock"
    try:
        async with session.get(address) as answer:
            document = await answer.json(content_type=None)
            now_ms, rate = int(document["now_ms"]), float(document["rate"])
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise TrackerError(f"no server answers on {address}. Start `tracker serve` first, or mend --url") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrackerError(f"what answers on {address} is no Milepost server. Mend --url") from error
    if abs(rate - speed) > 0.01 * rate:
        raise TrackerError(
            f"--speed {speed:g} does not fit the server: its clock runs at {rate:g} times. Say --speed {rate:g}, or "
            f"start the server with --clock-rate {speed:g}"
        )
    return TourTime(now_ms, time.monotonic(), rate)


class Phones:
    """All phones of a simulation on their way to one server."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: TourTime,
        postings: Sequence[Posting],
        say: Callable[[str], None],
        describe: Callable[[int], str],
    ) -> None:
        self._session = session
        self._clock = clock
        self._postings = postings
        self._say = say
        self._describe = describe  # the field at a tour time, in words
        self._ready: asyncio.Queue[Posting] = asyncio.Queue()
        self.tally = Tally()

    async def run(self) -> None:
        """Until every phone has sent its last fix. Raises TrackerError where the server does not know a token."""
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work()) for _ in range(CONNECTIONS)]
            await self._drive()
            for worker in workers:
                worker.cancel()
            for posting in self._postings:
                if posting.line is not None:
                    posting.line.close()

    async def _drive(self) -> None:
        """Move the tour on: whose fix is due puts it into its queue, whose network is there sends."""
        due: list[tuple[int, int]] = []
        for index, posting in enumerate(self._postings):
            posting.take()
            if posting.next is not None:
                due.append((posting.next.true_ms, index))
        heapq.heapify(due)
        status_at_s = time.monotonic()
        while due or any(posting.queue for posting in self._postings):
            now_ms = self._clock.now_ms()
            while due and due[0][0] <= now_ms:
                _, index = heapq.heappop(due)
                posting = self._postings[index]
                self._record(posting)
                if posting.next is not None:
                    heapq.heappush(due, (posting.next.true_ms, index))
            for posting in self._postings:
                if posting.queue and not posting.sending and posting.online and posting.retry_at_ms <= now_ms:
                    posting.sending = True
                    self._ready.put_nowait(posting)
            if time.monotonic() >= status_at_s:
                self._say(self._status(now_ms))
                status_at_s += STATUS_EVERY_S
            await asyncio.sleep(STEP_S)

    def _record(self, posting: Posting) -> None:
        sample = posting.next
        assert sample is not None  # it was due
        posting.queue.append(sample)
        if sample.resent:
            posting.queue.append(sample)
        posting.take()
        posting.online = sample.online or posting.next is None  # after the last fix it finds a network some day

    async def _work(self) -> None:
        """Send for whoever is ready, one request at a time, so that a backlog keeps nobody else waiting."""
        while True:
            posting = await self._ready.get()
            speech, fixes = posting.next_post()
            if await self._send(posting, speech, fixes):
                for _ in fixes:
                    posting.queue.popleft()
                posting.retry_ms = FIRST_RETRY_MS
            else:
                posting.retry_at_ms = self._clock.now_ms() + posting.retry_ms
                posting.retry_ms = min(2 * posting.retry_ms, LAST_RETRY_MS)
                posting.sending = False
                continue
            if posting.queue and posting.online:
                self._ready.put_nowait(posting)
            else:
                posting.sending = False

    async def _send(self, posting: Posting, speech: Speech, fixes: Sequence[Sample]) -> bool:
        if posting.line is not None and speech is not CALL:
            return self._counted(fixes, done=await posting.line.send(fixes))
        post = speech.encode(posting.device, fixes)
        url = f"{posting.url.rstrip('/')}/in/{speech.protocol}/{posting.token}"
        address = f"{url}?{post.query}" if post.query else url
        headers = {"Content-Type": post.content_type} if post.content_type else {}
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._session.request(post.method, address, data=post.body or None, headers=headers) as answer:
                body = await answer.read()
                if answer.status == HTTPStatus.UNAUTHORIZED:
                    raise TrackerError(
                        "the server does not know these devices. --data must be the server's data folder"
                    )
                if answer.ok and speech.answer in body:
                    return self._counted(fixes, done=True)
        return self._counted(fixes, done=False)

    def _counted(self, fixes: Sequence[Sample], *, done: bool) -> bool:
        self.tally.sent += len(fixes) if done else 0
        self.tally.failed += not done
        return done

    def _status(self, now_ms: int) -> str:
        waiting = sum(len(posting.queue) for posting in self._postings)
        words = f"{self._describe(now_ms)}; {self.tally.sent:,} sent, {waiting:,} waiting"
        return words + (f", {self.tally.failed:,} failed attempts" if self.tally.failed else "")


def new_session() -> aiohttp.ClientSession:
    """Few connections, kept alive, as many phones behind one mobile network have them."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS + 1),
        timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
