"""H02, Sinotrack and their family: text `*HQ,id,type,...#`, and a binary form behind "$" without any length.

Speed is in knots, times are UTC, status bits are active low. The binary form has 32, 42 or 45 bytes; the first 32 hold
the whole position in each, so it is read from those, and whether more belong to it shows in what follows: the next
message begins with "*" or "$". [traccar/traccar: H02FrameDecoder.java, H02ProtocolDecoder.java]
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.binary import Reader
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KNOT_MPS, parse_decimal, scaled, short_text
from tracker.protocols.sentences import date_time_ms, degrees
from tracker.protocols.stream import Reply
from tracker.protocols.strict import Unreadable

BINARY_BYTES = 32
MORE_BYTES = {5: 13, 8: 10}  # by the bytes of the id: what 45 and 42 have beyond 32
HEARTBEATS = frozenset({"V0", "HTBT"})
NO_FIX = frozenset({"NBR", "V3", "LINK", "SMS"})
BATTERY_AT = {"V0": 3, "HTBT": 3, "LINK": 6}  # the field with the battery in per cent
BATTERY_LEVELS = {1: 0.0, 2: 10.0, 3: 20.0, 4: 60.0, 5: 80.0, 6: 100.0}
_STATUS = re.compile(r"[0-9A-Fa-f]{8}")
_DATE = re.compile(r"[0-9]{6}")


class H02:
    """One connection."""

    def __init__(self) -> None:
        self._device: str | None = None
        self._more_bytes: int | None = None  # behind a binary message; None: the last one was text
        self._skip_bytes = 0
        self._always_more = False

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        if self._more_bytes is not None:
            if self._always_more or buffer[0] not in b"*$\r\n":
                self._always_more = True
                self._skip_bytes = self._more_bytes
            self._more_bytes = None
        if self._skip_bytes:
            skipped = min(self._skip_bytes, len(buffer))
            self._skip_bytes -= skipped
            return skipped, skipped
        start = min((at for mark in b"*$" if (at := buffer.find(mark)) >= 0), default=len(buffer))
        if start:
            return start, start
        if buffer[0] == ord("$"):
            if len(buffer) < BINARY_BYTES:
                return (0, len(buffer)) if last else None
            self._more_bytes = MORE_BYTES[_id_bytes(buffer)]
            return 0, BINARY_BYTES
        end = buffer.find(b"#")
        if end < 0:
            return (0, len(buffer)) if last else None
        return 0, end + 1

    def read(self, frame: bytes, collector: Collector) -> Reply:
        if frame[0] == ord("$"):
            return self._read_binary(frame, collector)
        fields = frame.decode("latin-1").strip("*#\r\n ").split(",")
        if len(fields) < 3:
            raise Unreadable("too few fields")
        maker, device, kind = fields[0], fields[1], fields[2]
        self._device = short_text(device, 20) or self._device
        if kind in HEARTBEATS:
            answer = f"*{maker},{device},{kind}#".encode("latin-1")
            return Reply(answer, self._device, kind, battery_pct=parse_decimal(_field(fields, BATTERY_AT[kind])))
        answer = b""
        if kind in ("V1", "NBR"):
            now = datetime.fromtimestamp(collector.received_at_ms // 1000, UTC)
            answer = f"*HQ,{device},V4,{kind},{now:%Y%m%d%H%M%S}#".encode("latin-1")
        place = _place_at(fields)
        if kind in NO_FIX or place is None:
            if _calls_for_help(fields):
                collector.add(Ping(self._device, None, None, None, sos=True), frame)
            battery = parse_decimal(_field(fields, BATTERY_AT[kind])) if kind in BATTERY_AT else None
            return Reply(answer, self._device, short_text(kind, 10), battery_pct=battery)
        self._add_text(fields, place, frame, collector)
        return Reply(answer, self._device)

    def _add_text(self, fields: list[str], place: int, frame: bytes, collector: Collector) -> None:
        """Take in a position in text; `place` is the field with N or S, all others stand around it."""
        validity = fields[place - 2]
        time = fields[place - 3] if place > 5 else ""  # VP1 says the day only
        speed, bearing = _field(fields, place + 3), _field(fields, place + 4)
        date_at = place + 5 if _DATE.fullmatch(_field(fields, place + 5)) else place + 6
        date = _field(fields, date_at)
        dated = bool(_DATE.fullmatch(date) and time)
        if not dated and not frame.endswith(b"#"):
            raise Unreadable("cut off")
        time_ms = date_time_ms(date[4:], date[2:4], date[:2], time) if dated else None
        behind = fields[date_at + 1 : date_at + 12]
        at = next((i for i in (0, 3) if i < len(behind) and _STATUS.fullmatch(behind[i])), None)
        event, sos = _status_words(int(behind[at], 16)) if at is not None else (None, False)
        ping = Ping(
            device=self._device,
            fix_time_ms=time_ms,
            lat=degrees(fields[place - 1], fields[place]),
            lon=degrees(fields[place + 1], fields[place + 2]),
            speed_mps=scaled(parse_decimal(speed.strip()), KNOT_MPS),
            bearing_deg=parse_decimal(bearing.strip()),
            altitude_m=_altitude(behind[at + 1 :]) if at is not None else None,
            valid=validity == "A" or validity.isdigit(),  # digits: a coding scheme instead
            sos=sos,
            event=event,
        )
        collector.add(ping, frame, Reason.TIME if dated and time_ms is None else None)

    def _read_binary(self, frame: bytes, collector: Collector) -> Reply:
        reader = Reader(frame)
        reader.take(1)
        id_bytes = _id_bytes(frame)
        identity = reader.take(id_bytes).hex()
        self._device = identity if id_bytes == 5 else identity[:15]
        digits = reader.take(6).hex()
        lat_digits, level, lon_digits = reader.take(4).hex(), reader.unsigned(1), reader.take(5).hex()
        motion = reader.take(3).hex()
        event, sos = _status_words(reader.unsigned(4))
        if not (digits + lat_digits + lon_digits[:9] + motion).isdigit():
            raise Unreadable("no decimal digits")
        flags = int(lon_digits[9], 16)
        time_ms = date_time_ms(digits[10:], digits[8:10], digits[6:8], digits[:6])
        sos = sos and (time_ms is not None or not digits.strip("0"))  # without a checksum, noise must not call for help
        ping = Ping(
            device=self._device,
            fix_time_ms=time_ms,
            lat=degrees(f"{lat_digits[:4]}.{lat_digits[4:]}", "N" if flags & 4 else "S"),
            lon=degrees(f"{lon_digits[:5]}.{lon_digits[5:9]}", "E" if flags & 8 else "W"),
            speed_mps=scaled(parse_decimal(motion[:3]), KNOT_MPS),
            bearing_deg=parse_decimal(motion[3:]),
            valid=bool(flags & 2),
            sos=sos,
            battery_pct=BATTERY_LEVELS.get(level, float(level) if 6 < level <= 100 else None),
            event=event,
        )
        collector.add(ping, frame, Reason.TIME if time_ms is None else None)
        return Reply(device=self._device)


def _id_bytes(frame: bytes | bytearray) -> int:
    """5, or 8 where only the digits behind a longer id make a date and time."""

    def dated(at: int) -> bool:
        digits = frame[at : at + 6].hex()
        return date_time_ms(digits[10:], digits[8:10], digits[6:8], digits[:6]) is not None

    return 8 if dated(9) and not dated(6) else 5


def _place_at(fields: list[str]) -> int | None:
    """Where N or S stands with E or W two fields on, wherever a firmware puts it."""
    for i in range(5, len(fields) - 2):
        if fields[i] in ("N", "S") and fields[i + 2] in ("E", "W"):
            return i
    return None


def _calls_for_help(fields: list[str]) -> bool:
    """Whether a status behind a date says SOS, in a message without a place; cells must not look like one.

    A V1 without reception may leave its date empty.
    """
    for before, now in itertools.pairwise(fields[3:]):
        dated = _is_date(before) if before else fields[2] == "V1"
        if dated and _STATUS.fullmatch(now):
            return _status_words(int(now, 16))[1]
    return False


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and date_time_ms(text[4:], text[2:4], text[:2], "000000") is not None


def _field(fields: list[str], at: int) -> str:
    return fields[at] if at < len(fields) else ""


def _status_words(status: int) -> tuple[str | None, bool]:
    """What the active-low status bits say: an event, and whether it is SOS. All zero is a unit without status."""
    if status == 0:
        return None, False
    if not status & 1 << 1 or not status & 1 << 18:
        return None, True
    for bit, word in ((0, "vibration"), (2, "overspeed"), (19, "power cut")):
        if not status & 1 << bit:
            return word, False
    return ("ignition on" if status & 1 << 10 else "ignition off"), False


def _altitude(behind: list[str]) -> float | None:
    """Of the trailing list odometer, temperature, fuel, altitude, area, cell; other lists are of other things."""
    return parse_decimal(behind[3]) if len(behind) == 6 and "." in behind[2] else None
