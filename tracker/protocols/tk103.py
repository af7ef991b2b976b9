"""TK103 in parentheses: `(id type ... )` run together, or a dialect with commas; free text may hold ")" between "$".

Speed is in km/h, time is UTC; the date is yymmdd, in the comma dialect ddmmyy. Spaces may pad numbers.
[traccar/traccar: Tk103FrameDecoder.java, Tk103ProtocolDecoder.java]
"""

from __future__ import annotations

import re

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KMH_MPS, parse_decimal, scaled, short_text
from tracker.protocols.sentences import date_time_ms, degrees
from tracker.protocols.stream import Reply
from tracker.protocols.strict import Unreadable

_FRAME = re.compile(rb"\((?:[^)$]++|\$[^$]*+\$)*+\)")  # free text between "$" may hold a parenthesis
_HEAD = re.compile(r"\(?(?:([0-9]{10,16}|[^,()]{12})([A-Z]{2}[0-9A-Z]{2}),?|([^,()]{1,20}),([0-9A-Z]{4}),?)")
_POSITION = re.compile(
    r"([0-9]{2})([0-9]{2})([0-9]{2}),?([AV]),? *([0-9]{0,3}[0-9]{2}\.[0-9]{1,8}),?([NS]),?"
    r" *([0-9]{0,3}[0-9]{2}\.[0-9]{1,8}),?([EW]),?([ 0-9.]{1,5})(?:[0-9]*,)?([0-9]{6}),?(.*)",
    re.DOTALL,
)
_ALARM = re.compile(r",?ALARM,([0-9]),")
_BITS = re.compile(r"(?:([ 0-9.]{6})|([0-9]{2})),?([01])([01])[0-9A-Fa-f]{3}")
_BEARING = re.compile(r"[0-9]{1,3}\.[0-9]{1,6}")

SOS_TYPES = frozenset({"ZC25", "DW3E", "DW5E"})
EVENTS = {
    "ZC11": "moved", "DW31": "moved", "DW51": "moved", "ZC12": "low battery", "DW32": "low battery",
    "DW52": "low battery", "ZC13": "power cut", "DW33": "power cut", "DW53": "power cut", "ZC15": "ignition on",
    "DW35": "ignition on", "DW55": "ignition on", "ZC16": "ignition off", "DW36": "ignition off",
    "DW56": "ignition off", "ZC17": "removed", "DW37": "removed", "DW57": "removed", "ZC26": "tampering",
    "DW3F": "tampering", "DW5F": "tampering", "ZC27": "low power", "DW40": "low power", "DW60": "low power",
    "ZC29": "ignition on", "DW42": "ignition on", "DW62": "ignition on",
}  # fmt: skip
ALARMS = {"1": "crash", "3": "vibration", "4": "slow", "5": "overspeed", "6": "geofence exit"}
ALARM_SOS = "2"
CARGO_ALARMS = {"0": "low battery", "1": "overspeed", "2": "idle", "3": "acceleration", "4": "braking"}


class Tk103:
    """One connection."""

    def __init__(self) -> None:
        self._device: str | None = None

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        start = buffer.find(b"(")
        if start < 0:
            return (0, len(buffer)) if last else (len(buffer), len(buffer))
        if start:
            return start, start
        whole = _FRAME.match(buffer)
        if whole:
            return 0, whole.end()
        return (0, len(buffer)) if last else None

    def read(self, frame: bytes, collector: Collector) -> Reply:
        text = frame.decode("latin-1").strip()
        head = _HEAD.match(text)
        if head is None:
            raise Unreadable("no id and type")
        device, kind = head[1] or head[3], head[2] or head[4]
        self._device = short_text(device, 20)
        answer = {"BP00": f"({device}AP01HSO)", "BP05": f"({device}AP05)"}.get(kind, "").encode("latin-1")
        found = _POSITION.search(text, head.end())
        data = text[head.end() : found.start() if found else len(text)]
        event, sos = _alarm(kind, data)
        if found is None:
            if sos:
                collector.add(Ping(self._device, None, None, None, sos=True), frame)
            return Reply(answer, self._device, kind)
        commas = head[3] is not None
        first, middle, third = found[1], found[2], found[3]
        year, month, day = (third, middle, first) if commas else (first, middle, third)
        time_ms = date_time_ms(year, month, day, found[10])
        bearing_deg, ignition = _motion(found[11])
        ping = Ping(
            device=self._device,
            fix_time_ms=time_ms,
            lat=degrees(found[5], found[6]),
            lon=degrees(found[7], found[8]),
            speed_mps=scaled(parse_decimal(found[9].strip()), KMH_MPS),
            bearing_deg=bearing_deg,
            valid=found[4] == "A",
            sos=sos,
            event=None if sos else event or ignition,
        )
        collector.add(ping, frame, Reason.TIME if time_ms is None else None)
        return Reply(answer, self._device)


def _alarm(kind: str, data: str) -> tuple[str | None, bool]:
    """What type and leading data say beside the place: an event, and whether it is SOS."""
    named = _ALARM.match(data)
    code = named[1] if named else data[:1]
    if kind == "BO01":
        return ALARMS.get(code), code == ALARM_SOS
    if kind == "BQ81":
        return CARGO_ALARMS.get(code), False
    return EVENTS.get(kind), kind in SOS_TYPES


def _motion(text: str) -> tuple[float | None, str | None]:
    """Bearing and ignition from what follows the time: a padded number and bits, or just a number."""
    bits = _BITS.match(text)
    if bits:
        bearing = parse_decimal((bits[1] or bits[2]).strip())
        return bearing, "ignition on" if bits[4] == "1" else "ignition off"
    bearing_text = _BEARING.match(text)
    return (parse_decimal(bearing_text[0]) if bearing_text else None), None
