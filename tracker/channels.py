"""Ways to tell people: everything that Apprise knows, and our own signed webhook.

Each target has a queue, a worker and deadlines of its own, so one that hangs holds up nobody. Nothing of an address
(they hold passwords) reaches a log or an error: a target is known by its name.

Webhooks are signed as Standard Webhooks 1.0 has it [github.com/standard-webhooks/standard-webhooks:
spec/standard-webhooks.md]: `webhook-signature: v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import aiohttp

from tracker.core.model import Tour
from tracker.errors import Problem, SettingsError, TourProblems
from tracker.wire.notifyfile import Target, read_notify_file
from tracker.wire.problems import ProblemList

if TYPE_CHECKING:
    import apprise

log = logging.getLogger(__name__)

QUEUE = 200  # messages; when a target hangs for so long, the oldest are the least worth
MERGED = 20  # that wait together go out as one
ATTEMPT_S = 10.0
RETRY_AFTER_S = (5.0, 30.0, 120.0)
WORTH_S = 900.0  # older news helps nobody


@dataclass(frozen=True, slots=True)
class Message:
    """What one alert is told with: a line for a screen, and the facts for a program."""

    id: str  # the same for what is sent again
    title: str
    line: str
    facts: Mapping[str, object]
    link: str = ""
    done: Callable[[], None] = field(default=lambda: None, compare=False)


class Sender(Protocol):
    async def send(self, messages: Sequence[Message]) -> bool:
        """Tell them in one go; whether it was taken. May raise what its library raises."""
        ...


class AppriseSender:
    """One address of Apprise. Its calls block, so each has a thread that dies with the process."""

    def __init__(self, target: Target) -> None:
        self._service = apprise_service(target)

    async def send(self, messages: Sequence[Message]) -> bool:
        title = messages[0].title if len(messages) == 1 else f"{messages[0].title} (+{len(messages) - 1})"
        lines = [message.line for message in messages]
        links = list(dict.fromkeys(message.link for message in messages if message.link))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()

        def call() -> None:
            try:
                taken = bool(self._service.notify(title=title, body="\n".join([*lines, *links])))
            except Exception:  # noqa: BLE001 a plug-in of somebody else's: whatever it raises, it did not tell
                taken = False
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits
                loop.call_soon_threadsafe(_settle, answer, taken)

        threading.Thread(target=call, daemon=True, name="apprise").start()
        return await answer


class WebhookSender:
    """A JSON document per alert, signed."""

    def __init__(self, target: Target, session: aiohttp.ClientSession) -> None:
        assert target.secret is not None, "the file's reader makes sure of it"
        self._url = target.url
        self._secret = target.secret
        self._session = session

    async def send(self, messages: Sequence[Message]) -> bool:
        for message in messages:
            body = json.dumps(message.facts, separators=(",", ":"), ensure_ascii=False).encode()
            at_s = str(int(time.time()))
            headers = {
                "Content-Type": "application/json",
                "webhook-id": message.id,
                "webhook-timestamp": at_s,
                "webhook-signature": signature(self._secret, message.id, at_s, body),
            }
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                if not 200 <= answer.status < 300:
                    return False
        return True


def signature(secret: bytes, message_id: str, at_s: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = hmac.new(secret, f"{message_id}.{at_s}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def apprise_service(target: Target) -> apprise.Apprise:
    """The Apprise object of an address. Raises TourProblems where Apprise does not understand it."""
    import apprise  # takes most of a second, and most servers tell nobody

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it quotes addresses
    service = apprise.Apprise()
    if not service.add(target.url):
        what = f'the address of "{target.name}" is none that is known'
        mend = "Write it as Apprise does: ntfys://…, mailtos://…, tgram://…, slack://…"
        raise TourProblems([Problem("notify.toml", None, what, mend)])
    return service


def _settle(answer: asyncio.Future[bool], taken: bool) -> None:
    if not answer.done():
        answer.set_result(taken)


class Channel:
    """One target at work."""

    def __init__(self, target: Target, sender: Sender) -> None:
        self.target = target
        self.told = 0
        self.failed = 0
        self._sender = sender
        self._queue: asyncio.Queue[tuple[float, Message]] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"channel {self.target.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def put(self, message: Message) -> None:
        """Tell it soon. While the target hangs, the oldest messages give way."""
        if self._queue.full():
            _, oldest = self._queue.get_nowait()
            self._end([oldest], taken=False)
        self._queue.put_nowait((time.monotonic(), message))

    async def attempt(self, messages: Sequence[Message]) -> bool:
        """One try within its deadline."""
        try:
            async with asyncio.timeout(ATTEMPT_S):
                return await self._sender.send(messages)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False

    async def _run(self) -> None:
        while True:
            waiting = [await self._queue.get()]
            while not self._queue.empty() and len(waiting) < MERGED:
                waiting.append(self._queue.get_nowait())
            messages = [message for _, message in waiting]
            self._end(messages, taken=await self._persist(messages, waiting[0][0] + WORTH_S))

    async def _persist(self, messages: Sequence[Message], until_s: float) -> bool:
        for pause_s in (*RETRY_AFTER_S, None):
            if await self.attempt(messages):
                return True
            log.warning("notify: %s did not take %d message(s)", self.target.name, len(messages))
            if pause_s is None or time.monotonic() + pause_s > until_s:
                break
            await asyncio.sleep(pause_s)
        return False

    def _end(self, messages: Sequence[Message], *, taken: bool) -> None:
        if taken:
            self.told += len(messages)
        else:
            self.failed += len(messages)
        for message in messages:
            message.done()


def new_session() -> aiohttp.ClientSession:
    """For webhooks: no cookies, no redirects to follow, few connections."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=16),
        timeout=aiohttp.ClientTimeout(total=ATTEMPT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def load_targets(path: Path, *, needed: bool) -> tuple[Target, ...]:
    """Who stands in a notify.toml; nobody where there is none and none is needed. Raises TrackerError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if needed:
            raise SettingsError(f"{path} is not there; docs/notifications.md says what stands in it") from None
        return ()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    problems = ProblemList(path.name)
    targets = read_notify_file(data, problems)
    if problems.fatal_count:
        raise TourProblems(problems.shown())
    return targets


def test_message(tour: Tour) -> Message:
    """What the test button sends."""
    at_s = int(time.time())
    line = f"A test from {tour.name}: alerts would come this way. Nothing has happened."
    return Message(f"test/{at_s}", tour.name, line, {"type": "test", "tour": tour.slug, "text": line})


def open_channels(targets: Sequence[Target], session: aiohttp.ClientSession) -> list[Channel]:
    """A channel for every target, not started yet. Raises TourProblems for an address that nobody understands."""
    return [
        Channel(target, AppriseSender(target) if target.secret is None else WebhookSender(target, session))
        for target in targets
    ]
