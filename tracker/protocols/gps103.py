"""GPS103, TK103B, Coban: text messages `imei:...;`. Login wants LOAD, heartbeat wants ON, or the unit reconnects.

Speed is in knots. The date is local and the time is said twice, local and UTC: their difference is the zone, and with
it the date is put right around midnight. [traccar/traccar: Gps103ProtocolDecoder.java]
"""

from __future__ import annotations

import re

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KMH_MPS, KNOT_MPS, coordinate, parse_decimal, scaled, short_text, utc_ms
from tracker.protocols.sentences import date_time_ms, degrees, time_of_day_ms
from tracker.protocols.stream import Reply, delimited

DAY_MIN = 24 * 60
LOGIN_LIMIT = 30  # a message with an IMEI that is no longer than this is a login
_LOCAL = re.compile(r"([0-9]{2})/?([0-9]{2})/?([0-9]{2}) ?([0-9]{2}):?([0-9]{2})(?:[0-9]{2})?")
_UTC = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]*)?")
_IMEI = re.compile(r"imei:([0-9]{1,20})", re.IGNORECASE)
_HEARTBEAT = re.compile(r"[0-9]{10,20}")


class Gps103:
    """One connection."""

    def __init__(self) -> None:
        self._device: str | None = None

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        return delimited(buffer, b";\r\n*", last)

    def read(self, frame: bytes, collector: Collector) -> Reply:
        text = frame.decode("latin-1").strip()
        found = _IMEI.search(text)
        if found:
            self._device = found[1]
        elif _HEARTBEAT.fullmatch(text):
            self._device = text
        else:
            return Reply(device=self._device, note="neither login, heartbeat nor position")
        heartbeat = b"ON" if text[0].isdigit() else b""
        if not found:
            return Reply(heartbeat, self._device, "heartbeat")
        if len(text) <= LOGIN_LIMIT:
            return Reply(b"LOAD", self._device, "login")
        fields = text[found.start() :].split(",")
        if len(fields) < 3:
            return Reply(heartbeat, self._device, "neither login, heartbeat nor position")
        keyword = fields[1].strip().lower()
        sos = keyword.startswith("help me") or keyword == "sos"
        answer = f"**,imei:{self._device},E;".encode() if sos else heartbeat
        ping = self._ping(fields, sos, collector.received_at_ms)
        if ping is None:
            if sos:
                collector.add(Ping(self._device, None, None, None, sos=True), frame)
            return Reply(answer, self._device, short_text(keyword, 20) or "no position")
        collector.add(ping, frame, Reason.TIME if ping.fix_time_ms is None and ping.valid else None)
        return Reply(answer, self._device)

    def _ping(self, fields: list[str], sos: bool, received_at_ms: int) -> Ping | None:
        if len(fields) >= 9 and fields[4] == "F":
            time_ms = _time_ms(fields[2], fields[5]) or time_of_day_ms(fields[5], received_at_ms)
            return self._regular(fields, sos, time_ms)
        if len(fields) >= 14 and parse_decimal(fields[9]) is not None and "." in fields[9]:
            return self._decimal(fields)
        return None

    def _regular(self, fields: list[str], sos: bool, time_ms: int | None) -> Ping:
        """imei, keyword, local time, phone, F, UTC, A or V, latitude, longitude, speed, bearing, altitude, ignition."""
        rest = fields[7:]
        lat, rest = _take_coordinate(rest)
        lon, rest = _take_coordinate(rest)
        speed, bearing, altitude, ignition = (*rest[:4], "", "", "", "")[:4]
        return Ping(
            device=self._device,
            fix_time_ms=time_ms,
            lat=lat,
            lon=lon,
            speed_mps=scaled(parse_decimal(speed), KNOT_MPS),
            bearing_deg=parse_decimal(bearing),
            altitude_m=parse_decimal(altitude),
            valid=fields[6] == "A",
            sos=sos,
            event=None if sos else _event(fields[1], ignition),
        )

    def _decimal(self, fields: list[str]) -> Ping:
        """The dialect in decimal degrees and km/h: ..., time, date, signal, GPS status, latitude, longitude, ..."""
        date = fields[6]
        return Ping(
            device=self._device,
            fix_time_ms=date_time_ms(date[4:], date[2:4], date[:2], fields[5]),
            lat=coordinate(fields[9]),
            lon=coordinate(fields[10]),
            speed_mps=scaled(parse_decimal(fields[11]), KMH_MPS),
            bearing_deg=parse_decimal(fields[12]),
            altitude_m=parse_decimal(fields[13]),
            valid=fields[8] != "0",
        )


def _take_coordinate(fields: list[str]) -> tuple[float, list[str]]:
    """A coordinate with its hemisphere behind it, before it, or nowhere; and the fields that follow."""
    before = fields[0] if fields and fields[0] in ("N", "S", "E", "W") else ""
    rest = fields[1:] if before else fields
    number = rest[0] if rest else ""
    behind = rest[1] if len(rest) > 1 and rest[1] in ("N", "S", "E", "W") else ""
    skip_empty = not before and not behind and len(rest) > 1 and rest[1] == ""
    return degrees(number, before or behind), rest[2 if behind or skip_empty else 1 :]


def _time_ms(local: str, utc: str) -> int | None:
    """The moment: hour, minute and second from the UTC part, the date from the local part less the zone."""
    here, there = _LOCAL.fullmatch(local), _UTC.fullmatch(utc)
    if here is None:
        return None
    year, month, day, hour, minute = (int(part) for part in here.groups())
    second = int(there[3]) if there else 0
    local_ms = utc_ms(2000 + year, month, day, hour, minute, second)
    if local_ms is None or there is None:
        return local_ms
    ahead_min = (hour * 60 + minute - int(there[1]) * 60 - int(there[2])) % DAY_MIN
    if ahead_min > DAY_MIN // 2:
        ahead_min -= DAY_MIN
    return local_ms - ahead_min * 60_000


def _event(keyword: str, ignition: str) -> str | None:
    word = short_text(keyword.strip().lower(), 20)
    if word in ("acc on", "acc off"):
        return "ignition on" if word == "acc on" else "ignition off"
    if word is not None and word != "tracker" and not word.isdigit():
        return word
    return {"1": "ignition on", "0": "ignition off"}.get(ignition)
