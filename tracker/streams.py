"""The way in for unattended boxes: one port per stream protocol, TCP and UDP.

A box has no secret, only a number, so it is let in by an allow-list: until its message names a listed device nothing
is stored or answered, and unlisted numbers are shown to the organiser. An answer leaves once what it covers is in the
journal; where that fails the connection is closed unanswered, and the box sends it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from tracker.clock import Clock
from tracker.core.intake import Reason, refuse
from tracker.core.model import RecordKind
from tracker.devices import Sender
from tracker.errors import SettingsError, StoreError
from tracker.journal.contract import Entry, Journal
from tracker.protocols import STREAM_PROTOCOLS
from tracker.protocols.contract import Message
from tracker.protocols.numbers import parse_integer
from tracker.protocols.stream import Decoder
from tracker.quietlog import QuietLog, described
from tracker.settings import Settings

PIECE_BYTES = 4096  # what is decoded at a time: even the most hostile piece takes less than 50 ms
LOGIN_DEADLINE_S = 10.0
IDLE_DEADLINE_S = 900.0  # boxes beat every few minutes, and a mobile network forgets silent connections anyway
TASK_LIMIT = 2000  # connections, and datagrams being stored
CONNECTIONS_PER_BOX = 4  # a network leaves dead ones behind: beyond that the oldest is closed
STRANGERS_PER_ADDRESS = 100  # connections that have not said who they are; boxes do so in a second
BROKEN_LIMIT = 5  # messages in a row that hold nothing but refusals
SHORTEST_PART = 10  # digits of an IMEI; fewer would fit too many
LARGEST_PORT = 65_535
UNKNOWN_LIMIT = 1000  # unlisted numbers remembered


def ports_of(setting: str) -> dict[str, int]:
    """Read `gt06, h02=6013`: protocols, each with its port or the one that the field knows. Raises SettingsError."""
    ports: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, equals, port = (piece.strip() for piece in part.partition("="))
        _known("streams", name)
        number = parse_integer(port) if equals else STREAM_PROTOCOLS[name].port
        if number is None or not 0 <= number <= LARGEST_PORT:
            raise SettingsError(f"streams: {port!r} is no port; write it like {name}={STREAM_PROTOCOLS[name].port}")
        ports[name] = number
    return ports


def _known(setting: str, name: str) -> str:
    if name not in STREAM_PROTOCOLS:
        raise SettingsError(f"{setting}: there is no protocol {name!r}; there are {', '.join(STREAM_PROTOCOLS)}")
    return name


@dataclass(slots=True)
class StreamCounters:
    """What came in since the start: messages, their pings, and by reason connections and datagrams that were closed."""

    messages: int = 0
    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0
    wrong_checksums: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class _Box:
    """One connection or datagram: what number the box `said`, and which listed `number` that is."""

    decoder: Decoder
    said: str | None = None
    number: str | None = None
    sender: Sender | None = None
    broken: int = 0
    address: str | None = None  # of a connection that has not said its number
    hang_up: Callable[[], None] = lambda: None


class Streams:
    """The ports of all stream protocols. `boxes` (number to sender) may be replaced at any time."""

    def __init__(self, boxes: Mapping[str, Sender], journal: Journal, clock: Clock, settings: Settings) -> None:
        self.boxes = boxes
        self.counters = StreamCounters()
        self.speaks: dict[tuple[str, str], str] = {}  # by tour and device: the protocol it was last heard in
        self.unknown: dict[str, int] = {}  # unlisted number: when it was last heard
        self.connected: dict[str, list[_Box]] = {}  # by number, the oldest first; two of one are a conflict
        self.ports: dict[str, int] = {}
        rejecting = filter(None, (name.strip() for name in settings.reject_checksums.split(",")))
        self._rejecting = frozenset(_known("reject_checksums", name) for name in rejecting)
        self._journal = journal
        self._clock = clock
        self._quiet = QuietLog(logging.getLogger("tracker.streams"), settings.log_interval_s)
        self._servers: list[asyncio.Server] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._strangers: Counter[str] = Counter()  # by address

    async def start(self, host: str, ports: Mapping[str, int]) -> None:
        """Listen for each named protocol on its port (0: any free one), TCP and UDP; SettingsError if it is taken."""
        loop = asyncio.get_running_loop()
        for name, port in ports.items():
            try:
                server = await asyncio.start_server(partial(self._connected, name), host, port, limit=PIECE_BYTES)
                self._servers.append(server)
                self.ports[name] = server.sockets[0].getsockname()[1]
                transport, _ = await loop.create_datagram_endpoint(
                    partial(_Datagrams, self, name), local_addr=(host, self.ports[name])
                )
            except OSError as error:
                where, reason = f"{host}:{port}", error.strerror or error
                raise SettingsError(f"cannot listen on {where} for {name}: {reason}; give it another port") from None
            self._transports.append(transport)

    async def stop(self) -> None:
        """Close the ports and every connection."""
        for server in self._servers:
            server.close()
        for transport in self._transports:
            transport.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def datagram(self, name: str, data: bytes, address: tuple[str, int], transport: asyncio.DatagramTransport) -> None:
        """Take one datagram, whose messages say who they are from."""
        self._keep(self._serve_datagram(name, data, address, transport))

    def _connected(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        box = self._box(name)
        box.hang_up = writer.transport.abort
        box.address, *_ = writer.get_extra_info("peername") or ("",)
        if self._strangers[box.address] >= STRANGERS_PER_ADDRESS:
            self.counters.rejected["too many"] += 1
            box.hang_up()
        elif self._keep(self._serve_connection(name, box, reader, writer)):
            self._strangers[box.address] += 1
        else:
            box.hang_up()

    def _keep(self, serving: Coroutine[None, None, None]) -> bool:
        """Run it as a task, unless there are too many already."""
        if len(self._tasks) >= TASK_LIMIT:
            serving.close()
            self.counters.rejected["too many"] += 1
            return False
        task = asyncio.create_task(serving)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _serve_connection(
        self, name: str, box: _Box, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        now_s = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(LOGIN_DEADLINE_S) as deadline:
                while data := await reader.read(PIECE_BYTES):
                    messages = self._decoded(name, box, box.decoder.feed, data)
                    writer.write(await self._take(name, box, messages))
                    await writer.drain()
                    if box.sender is not None:
                        deadline.reschedule(now_s() + IDLE_DEADLINE_S)
                    _check_broken(box, messages)
        except _Closed as closed:
            self._reject(name, closed.reason, box)
        except TimeoutError:
            self._reject(name, "no login" if box.sender is None else "idle", box)
        except ConnectionError:
            pass  # it went away, as boxes do in tunnels
        finally:
            self._leave(box)
            writer.close()

    async def _serve_datagram(
        self, name: str, data: bytes, address: tuple[str, int], transport: asyncio.DatagramTransport
    ) -> None:
        box = self._box(name)
        try:
            answer = await self._take(name, box, self._decoded(name, box, box.decoder.finish, data[:PIECE_BYTES]))
        except _Closed as closed:
            self._reject(name, closed.reason, box)
        else:
            if answer:
                transport.sendto(answer, address)
        finally:
            self._leave(box)

    def _box(self, name: str) -> _Box:
        return _Box(Decoder(STREAM_PROTOCOLS[name].codec(), reject_wrong_checksum=name in self._rejecting))

    def _decoded(
        self, name: str, box: _Box, read: Callable[[bytes, int], list[Message]], data: bytes
    ) -> Sequence[Message]:
        try:
            return read(data, self._clock.now_ms())
        except Exception as error:  # noqa: BLE001 - a decoder's bug must cost neither the process nor the box's data
            self._quiet.warn("decoder failed", name, described(error))
            refusals = [refuse(Reason.SYNTAX, data, described(error))]
            return [Message(data, refusals=refusals, device=box.number, fatal=True)]

    async def _take(self, name: str, box: _Box, messages: Sequence[Message]) -> bytes:
        """Let the box in or refuse it, and journal what it says; returns the answers it may have now."""
        if box.number is not None:
            box.sender = self.boxes.get(box.number)  # it may have been taken off the list meanwhile
        taken: list[Message] = []
        closed: _Closed | None = None
        for message in messages:
            try:
                self._admit(box, message.device)
            except _Closed as refused:  # what came before it is good all the same
                closed = refused
                break
            taken.append(message)
            self.counters.messages += 1
            self.counters.wrong_checksums += not message.checksum_right
        entries = [Entry(RecordKind.PING, ping) for message in taken for ping in message.pings]
        refusals = [refusal for message in taken for refusal in message.refusals]
        if box.sender is not None and (entries or refusals):
            try:
                done = await self._journal.append(
                    box.sender.tour,
                    entries,
                    self._clock.now_ms(),
                    device=box.sender.device,
                    protocol=name,
                    refusals=refusals,
                )
            except StoreError as error:
                self._quiet.warn("unavailable", "journal", str(error))
                raise _Closed("unavailable") from None
            self.counters.accepted += len(done.stored)
            self.counters.repeated += done.repeats
            self.counters.quarantined += len(refusals)
        if closed is not None:
            raise closed
        return b"".join(message.answer for message in taken)

    def _admit(self, box: _Box, number: str | None) -> None:
        """Hold what a message says of its sender against the list; raises _Closed."""
        if number is None or number == box.said:
            if box.sender is None:
                raise _Closed("no login")
            return
        listed = self._listed(number)
        if box.number is not None and listed != box.number:
            raise _Closed("another number in one connection")
        if box.number is not None:  # the same in other words, as units do that speak both text and binary
            box.said = number
            return
        if listed is None:
            if len(self.unknown) < UNKNOWN_LIMIT or number in self.unknown:
                self.unknown[number] = self._clock.now_ms()
            raise _Closed("unknown number")
        box.said, box.number, box.sender = number, listed, self.boxes[listed]
        self._is_no_stranger(box)
        connected = self.connected.setdefault(listed, [])
        connected.append(box)
        if len(connected) > 1:
            self._quiet.warn("connected twice", _ending(listed))
        if len(connected) > CONNECTIONS_PER_BOX:
            connected[0].hang_up()

    def _listed(self, number: str) -> str | None:
        """The listed number that a box means: its own, or the only IMEI of which it says a part (H02, TK103)."""
        if number in self.boxes:
            return number
        part = number.lstrip("0")  # TK103 fills its eleven digits up to twelve
        whole = [listed for listed in self.boxes if part in listed] if len(part) >= SHORTEST_PART else []
        return whole[0] if len(whole) == 1 else None

    def _leave(self, box: _Box) -> None:
        self._is_no_stranger(box)
        if box.number is not None:
            self.connected[box.number].remove(box)
            if not self.connected[box.number]:
                del self.connected[box.number]

    def _is_no_stranger(self, box: _Box) -> None:
        if box.address is not None:
            self._strangers[box.address] -= 1
            if not self._strangers[box.address]:
                del self._strangers[box.address]
            box.address = None

    def _reject(self, name: str, reason: str, box: _Box) -> None:
        self.counters.rejected[reason] += 1
        self._quiet.warn(reason, name, _ending(box.decoder.device or ""))


def _ending(number: str) -> str:
    """Enough of a box's number to know it again: a log may be seen by more people than the roster."""
    return f"…{number[-4:]}" if number else ""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, streams: Streams, name: str) -> None:
        self._streams, self._name = streams, name

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._streams.datagram(self._name, data, addr, self._transport)


def _check_broken(box: _Box, messages: Sequence[Message]) -> None:
    """Close on what can never be read again: a broken frame, or message after message without any sense."""
    for message in messages:
        box.broken = box.broken + 1 if message.refusals and not message.pings else 0
        if message.fatal or box.broken >= BROKEN_LIMIT:
            raise _Closed("not readable")


class _Closed(Exception):
    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
