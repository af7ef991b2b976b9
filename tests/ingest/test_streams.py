"""The ports for unattended boxes, over real sockets and a real journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracker.clock import SystemClock
from tracker.core.model import Ping
from tracker.devices import Sender
from tracker.errors import SettingsError, StoreUnavailable
from tracker.journal.sqlite import SqliteJournal
from tracker.protocols import STREAM_PROTOCOLS
from tracker.settings import Settings
from tracker.streams import CONNECTIONS_PER_BOX, STRANGERS_PER_ADDRESS, Streams, ports_of

TOUR = "mille"
IMEI = "490154203237518"
LOGIN = bytes.fromhex("000f343930313534323033323337353138")
PACKET = bytes.fromhex("000000000000002308010000019ec043cf500004f41a601c0b556001b40080090036ef0101ef0100000001000070f4")
DATAGRAM = (
    bytes.fromhex("0038cafe0105000f") + IMEI.encode() + PACKET[8:-4]  # the same record, as UDP wraps it
)
H02 = b"*HQ,3563270804,V1,091530,A,4703.0288,N,00818.6384,E,029.16,128,130626,FFFFFBFF#"


@dataclass(frozen=True)
class Ports:
    """The running ports, and what tests look at behind them."""

    streams: Streams
    journal: SqliteJournal

    async def talk(self, name: str, data: bytes, answer_bytes: int) -> bytes:
        """Send on a connection of its own, and read so many bytes of answer, or all until it is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.streams.ports[name])
        writer.write(data)
        wanted = reader.readexactly(answer_bytes) if answer_bytes else reader.read()
        try:
            return await asyncio.wait_for(wanted, 5)
        except ConnectionError:
            return b""
        except asyncio.IncompleteReadError as closed:
            return closed.partial
        finally:
            writer.close()

    async def pings(self) -> list[Ping]:
        return [record.body for record in await self.journal.read(TOUR, 0) if isinstance(record.body, Ping)]


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[Ports]:
    settings = Settings(data=tmp_path)
    journal = await SqliteJournal.open(settings.journal_path)
    boxes = {IMEI: Sender(TOUR, "van"), "356327080425330": Sender(TOUR, "sweep")}
    streams = Streams(boxes, journal, SystemClock(), settings)
    await streams.start("127.0.0.1", dict.fromkeys(STREAM_PROTOCOLS, 0))
    yield Ports(streams, journal)
    await streams.stop()
    await journal.close()


async def test_a_packet_is_counted_once_it_is_in_the_journal(ports: Ports) -> None:
    assert await ports.talk("teltonika", LOGIN + PACKET, 5) == b"\x01\0\0\0\x01"
    (ping,) = await ports.pings()
    assert (ping.device, ping.lat, ping.fix_time_ms) == ("van", 47.05048, 1_781_342_130_000)


async def test_a_repeated_packet_counts_too(ports: Ports) -> None:
    assert await ports.talk("teltonika", LOGIN + PACKET * 10, 41) == b"\x01" + b"\0\0\0\x01" * 10
    assert len(await ports.pings()) == 1


async def test_an_unlisted_number_is_shown_and_neither_stored_nor_answered(ports: Ports) -> None:
    assert await ports.talk("teltonika", LOGIN.replace(b"7518", b"7519") + PACKET, 0) == b""
    assert await ports.pings() == []
    assert list(ports.streams.unknown) == ["490154203237519"]
    assert ports.streams.counters.rejected == {"unknown number": 1}


@pytest.mark.parametrize("name", sorted(STREAM_PROTOCOLS))
async def test_positions_without_a_listed_box_close_the_connection(ports: Ports, name: str) -> None:
    assert await ports.talk(name, PACKET + b"$GPRMC,1\r\nxx;()" + b"GET / HTTP/1.1\r\n\r\n" * 600, 0) == b""
    assert await ports.pings() == []


async def test_a_datagram(ports: Ports) -> None:
    loop = asyncio.get_running_loop()
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            answers.put_nowait(data)

    where = ("127.0.0.1", ports.streams.ports["teltonika"])
    transport, _ = await loop.create_datagram_endpoint(Client, remote_addr=where)
    transport.sendto(DATAGRAM)
    assert await asyncio.wait_for(answers.get(), 5) == bytes.fromhex("0005cafe010501")
    transport.close()
    assert [ping.device for ping in await ports.pings()] == ["van"]


async def test_a_box_that_says_a_part_of_its_imei(ports: Ports) -> None:
    answer = await ports.talk("h02", H02, 36)
    assert answer.startswith(b"*HQ,3563270804,V4,V1,")
    assert [ping.device for ping in await ports.pings()] == ["sweep"]


async def test_a_box_that_fills_its_part_up_with_a_zero_and_says_the_whole_later(ports: Ports) -> None:
    place = b"260613A4703.0288N00818.6384E054.0091530128.0001000000L00000000)"
    await ports.talk("tk103", b"(056327080425BR00" + place + b"(356327080425330BR00" + place + b"(491234567890BP00)", 0)
    assert [ping.device for ping in await ports.pings()] == ["sweep"]
    assert ports.streams.counters.rejected == {"another number in one connection": 1}


async def test_a_box_taken_off_the_list_stops_at_its_next_message(ports: Ports) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports.streams.ports["teltonika"])
    writer.write(LOGIN)
    assert await reader.readexactly(1) == b"\x01"
    ports.streams.boxes = {}
    writer.write(PACKET)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    assert await ports.pings() == []


async def test_without_the_journal_there_is_no_answer(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_arguments: object, **_named: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(ports.journal, "append", full)
    assert await ports.talk("teltonika", LOGIN + PACKET, 0) == b""
    assert ports.streams.counters.rejected == {"unavailable": 1}


async def test_five_broken_messages_end_the_connection(ports: Ports) -> None:
    miscounted = bytearray(PACKET)
    miscounted[9] = 2
    answer = await ports.talk("teltonika", LOGIN + bytes(miscounted) * 5, 0)
    assert answer == b"\x01"
    assert ports.streams.counters.rejected == {"not readable": 1}
    quarantined = await ports.journal.quarantined(TOUR)
    assert [one.device for one in quarantined] == ["van"] * 5


async def test_a_second_number_in_one_connection_is_refused(ports: Ports) -> None:
    await ports.talk("h02", H02 + H02.replace(b"3563270804", b"4901542032"), 0)
    assert ports.streams.counters.rejected == {"another number in one connection": 1}


async def test_who_is_connected(ports: Ports) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports.streams.ports["teltonika"])
    writer.write(LOGIN)
    assert await reader.readexactly(1) == b"\x01"
    assert list(ports.streams.connected) == [IMEI]
    writer.close()
    await writer.wait_closed()
    for _ in range(100):
        if not ports.streams.connected:
            break
        await asyncio.sleep(0.01)
    assert ports.streams.connected == {}


async def test_a_box_has_a_few_connections_and_the_oldest_gives_way(ports: Ports) -> None:
    opened = []
    for _ in range(CONNECTIONS_PER_BOX + 1):
        reader, writer = await asyncio.open_connection("127.0.0.1", ports.streams.ports["teltonika"])
        writer.write(LOGIN)
        assert await reader.readexactly(1) == b"\x01"
        opened.append((reader, writer))
    oldest, _ = opened[0]
    with suppress(ConnectionError):
        assert await oldest.read() == b""
    newest, writer = opened[-1]
    writer.write(PACKET)
    assert await newest.readexactly(4) == b"\0\0\0\x01"
    for _, writer in opened:
        writer.close()


async def test_strangers_from_one_address_cannot_take_every_place(ports: Ports) -> None:
    silent = [
        await asyncio.open_connection("127.0.0.1", ports.streams.ports["h02"]) for _ in range(STRANGERS_PER_ADDRESS)
    ]
    assert await ports.talk("teltonika", LOGIN, 1) == b""
    assert ports.streams.counters.rejected == {"too many": 1}
    for _, writer in silent:
        writer.close()
    for _ in range(100):
        if await ports.talk("teltonika", LOGIN, 1) == b"\x01":
            return
    pytest.fail("nobody is let in after the strangers have left")


def test_ports_as_people_write_them() -> None:
    assert ports_of("") == {}
    assert ports_of("gt06, h02=6013") == {"gt06": 5023, "h02": 6013}


@pytest.mark.parametrize("setting", ["gt07", "gt06=http", "gt06=70000", "h02=", "=5"])
def test_ports_that_make_no_sense(setting: str) -> None:
    with pytest.raises(SettingsError, match="streams: "):
        ports_of(setting)


async def test_a_port_that_is_taken_is_a_sentence(ports: Ports) -> None:
    with pytest.raises(SettingsError, match=r"cannot listen on .* for h02"):
        await ports.streams.start("127.0.0.1", {"h02": ports.streams.ports["h02"]})


async def test_wrong_checksums_refuse_only_where_that_is_set(ports: Ports, tmp_path: Path) -> None:
    wrong = PACKET[:-1] + b"\0"
    assert await ports.talk("teltonika", LOGIN + wrong, 5) == b"\x01\0\0\0\x01"
    assert ports.streams.counters.wrong_checksums == 1
    settings = Settings(data=tmp_path, reject_checksums="gt06, teltonika")
    strict = Streams(ports.streams.boxes, ports.journal, SystemClock(), settings)
    await strict.start("127.0.0.1", {"teltonika": 0})
    assert await Ports(strict, ports.journal).talk("teltonika", LOGIN + wrong * 5, 0) == b"\x01"
    await strict.stop()
