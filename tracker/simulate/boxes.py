"""Unattended boxes: fixes as they write them on a TCP connection, which they open with a login and keep.

What a format rounds away is rounded away here, as the boxes do it: `docs/protocols.md` has the table. None of them
knows an accuracy; what they do not know else they write as zero.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.protocols.binary import crc_ibm
from tracker.protocols.gt06 import LOGIN, acknowledge
from tracker.protocols.sentences import checksum_of
from tracker.simulate.encoders import KMH_PER_MPS, KNOTS_PER_MPS, minutes
from tracker.simulate.receiver import Sample

ANSWER_WITHIN_S = 15.0
GT06_POSITION = 0x22
GT06_FIX, GT06_NORTH, GT06_WEST = 0x1000, 0x0400, 0x0800


@dataclass(frozen=True, slots=True)
class BoxSpeech:
    """How a box speaks: the protocol, its login, a fix, and how long the answers to the two are (0: it waits for none).

    `login` and `write` take the IMEI; some protocols say only a part of it.
    """

    protocol: str
    login: Callable[[str], bytes]
    write: Callable[[str, Sample], bytes]
    login_answer_bytes: int = 0
    answer_bytes: int = 0


class Line:
    """The connection of one box, open while it works."""

    def __init__(self, host: str, port: int, imei: str, speech: BoxSpeech) -> None:
        self._address = (host, port)
        self._imei = imei
        self._speech = speech
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, fixes: Sequence[Sample]) -> bool:
        """Say these fixes; False where they did not get through, as far as a box can tell."""
        speech = self._speech
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(*self._address)
                    await self._say(speech.login(self._imei), speech.login_answer_bytes)
                for fix in fixes:
                    await self._say(speech.write(self._imei, fix), speech.answer_bytes)
        except (OSError, TimeoutError, EOFError):
            self.close()
            return False
        return True

    async def _say(self, message: bytes, answer_bytes: int) -> None:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(message)
        await writer.drain()
        await reader.readexactly(answer_bytes)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def gt06(_imei: str, fix: Sample) -> bytes:
    """Binary: whole seconds, 1/30000 minute, whole km/h and degrees."""
    then = _second(fix)
    place = b"".join(round(abs(degrees) * 1_800_000).to_bytes(4, "big") for degrees in (fix.lat, fix.lon))
    flags = GT06_FIX | (GT06_NORTH if fix.lat >= 0 else 0) | (GT06_WEST if fix.lon < 0 else 0) | _degrees(fix)
    moment = bytes([then.year % 100, then.month, then.day, then.hour, then.minute, then.second])
    body = moment + b"\xc9" + place + bytes([min(_kmh(fix), 255)]) + flags.to_bytes(2, "big") + bytes(12)
    return acknowledge(GT06_POSITION, b"\0\1", body)


def teltonika(_imei: str, fix: Sample) -> bytes:
    """Codec 8 with one record: milliseconds, 1e-7 degree, whole km/h and degrees."""
    place = b"".join(round(degrees * 1e7).to_bytes(4, "big", signed=True) for degrees in (fix.lon, fix.lat))
    motion = bytes(2) + _degrees(fix).to_bytes(2, "big") + b"\x09" + _kmh(fix).to_bytes(2, "big")
    battery = b"\x00\x01\x01\x71" + bytes([fix.battery_pct]) + bytes(3)
    body = b"\x08\x01" + fix.fix_time_ms.to_bytes(8, "big") + b"\0" + place + motion + battery + b"\x01"
    return bytes(4) + len(body).to_bytes(4, "big") + body + crc_ibm(body).to_bytes(4, "big")


def h02(imei: str, fix: Sample) -> bytes:
    """Text: whole seconds, 0.0001 minute, knots to 0.01, whole degrees."""
    motion = f"{_knots(fix):06.2f},{_degrees(fix):03d}"
    return f"*HQ,{imei[:10]},V1,{_second(fix):%H%M%S},A,{_place(fix)},{motion},{_second(fix):%d%m%y},FFFFFBFF#".encode()


def gps103(imei: str, fix: Sample) -> bytes:
    """Text: whole seconds, 0.0001 minute, knots and degrees to 0.01; here the local time is UTC."""
    then, motion = _second(fix), f"{_knots(fix):.2f},{fix.bearing_deg or 0.0:.2f}"
    return f"imei:{imei},tracker,{then:%y%m%d%H%M},,F,{then:%H%M%S}.000,A,{_place(fix)},{motion};".encode()


def tk103(imei: str, fix: Sample) -> bytes:
    """Text run together: whole seconds, 0.0001 minute, km/h to 0.1, degrees to 0.01."""
    place = _place(fix).replace(",", "")
    speed = f"{(fix.speed_mps or 0.0) * KMH_PER_MPS:05.1f}"
    motion = f"{speed}{_second(fix):%H%M%S}{fix.bearing_deg or 0.0:06.2f}"
    return f"({imei[:12]}BR00{_second(fix):%y%m%d}A{place}{motion}01000000L00000000)".encode()


def queclink(imei: str, fix: Sample) -> bytes:
    """Text: whole seconds, 1e-6 degree, km/h to 0.1, whole degrees."""
    motion = f"1,{(fix.speed_mps or 0.0) * KMH_PER_MPS:.1f},{_degrees(fix)},0.0"
    moment = f"{_second(fix):%Y%m%d%H%M%S}"
    place = f"{fix.lon:.6f},{fix.lat:.6f},{moment},0228,0001,1234,0ABC,"
    return f"+RESP:GTFRI,1A0102,{imei},,0,0,1,{motion},{place},{fix.battery_pct},{moment},00A1$".encode()


def nmea(_imei: str, fix: Sample) -> bytes:
    """RMC: milliseconds, 0.0001 minute, knots to 0.01, degrees to 0.1."""
    then = datetime.fromtimestamp(fix.fix_time_ms / 1000, UTC)
    time = f"{_second(fix):%H%M%S}.{fix.fix_time_ms % 1000:03d}"
    motion = f"{_knots(fix):.2f},{fix.bearing_deg or 0.0:.1f}"
    sentence = f"GPRMC,{time},A,{_place(fix)},{motion},{then:%d%m%y},,,A"
    return f"${sentence}*{checksum_of(sentence):02X}\r\n".encode()


BOXES: Mapping[str, BoxSpeech] = {
    "gps103": BoxSpeech("gps103", lambda imei: f"##,imei:{imei},A;".encode(), gps103, login_answer_bytes=4),
    "tk103": BoxSpeech("tk103", lambda imei: f"({imei[:12]}BP05{imei})".encode(), tk103, login_answer_bytes=18),
    "queclink": BoxSpeech("queclink", lambda _imei: b"", queclink, answer_bytes=11),
    "nmea": BoxSpeech("nmea", lambda imei: f"IMEI {imei}\r\n".encode(), nmea),
    "h02": BoxSpeech("h02", lambda _imei: b"", h02, answer_bytes=36),
    "gt06": BoxSpeech(
        "gt06",
        lambda imei: acknowledge(LOGIN, b"\0\1", bytes.fromhex(f"0{imei}")),
        gt06,
        login_answer_bytes=10,
        answer_bytes=10,
    ),
    "teltonika": BoxSpeech(
        "teltonika", lambda imei: b"\0\x0f" + imei.encode(), teltonika, login_answer_bytes=1, answer_bytes=4
    ),
}


def _second(fix: Sample) -> datetime:
    return datetime.fromtimestamp(fix.fix_time_ms // 1000, UTC)


def _kmh(fix: Sample) -> int:
    return round((fix.speed_mps or 0.0) * KMH_PER_MPS)


def _knots(fix: Sample) -> float:
    return (fix.speed_mps or 0.0) * KNOTS_PER_MPS


def _degrees(fix: Sample) -> int:
    return round(fix.bearing_deg or 0.0) % 360


def _place(fix: Sample) -> str:
    return f"{minutes(fix.lat, 'NS', 2, 4)},{minutes(fix.lon, 'EW', 3, 4)}"
