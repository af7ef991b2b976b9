"""Queclink @Track text: `+RESP:GT...$` live, `+BUFF:GT...$` stored earlier, `+ACK:GTHBD` heartbeat.

Models differ in the fields around the position groups, so groups are found by what they look like: accuracy, speed
(km/h), azimuth, altitude, lon, lat, UTC time. Accuracy 0 means that the last position is repeated. Every report gets
its SACK: units that want it send again without. [traccar/traccar: Gl200TextProtocolDecoder.java]
"""

from __future__ import annotations

import re

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KMH_MPS, parse_decimal, parse_integer, scaled
from tracker.protocols.sentences import date_time_ms
from tracker.protocols.stream import Reply, delimited
from tracker.protocols.strict import Unreadable

EVENTS = {
    "IGN": "ignition on", "VGN": "ignition on", "IGF": "ignition off", "VGF": "ignition off", "STT": "moved",
    "SPD": "overspeed", "TOW": "tow", "IDL": "idle", "BPL": "low battery", "MPF": "power cut", "EPF": "power cut",
    "PNA": "power on", "PFA": "power off", "GEO": "geofence", "SWG": "geofence", "CRA": "crash", "HBM": "harsh driving",
    "JDR": "jamming", "JDS": "jamming",
}  # fmt: skip
_HEAD = re.compile(r"\+(RESP|BUFF|ACK):GT([A-Z0-9]{3})")
_BINARY = re.compile(rb"\+(?:B?RSP|B?EVT|B?INF|HBD|CRD|B?CRD|ATI|ACK)[^:]")
_DEGREES = re.compile(r"-?[0-9]{1,3}\.[0-9]{4,8}")
_TIME = re.compile(r"[0-9]{14}")
_DEVICE_STATUS = re.compile(r"(?=[0-9A-F]*[0-9A-F])[0-9A-F]{6}")
_IMEI = re.compile(r"[0-9]{15}|[0-9A-Fa-f]{14}")


class Queclink:
    """One connection."""

    def __init__(self) -> None:
        self._device: str | None = None

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        if _BINARY.match(buffer):
            raise Unreadable("the binary mode is not understood: set the unit to text")
        return delimited(buffer, b"$\0\r\n", last)

    def read(self, frame: bytes, collector: Collector) -> Reply:
        fields = frame.decode("latin-1").split(",")
        head = _HEAD.search(fields[0])
        if head is None or len(fields) < 4:
            raise Unreadable("neither a report nor a heartbeat")
        kind, counter = head[2], fields[-1].strip()
        self._device = next((field for field in fields[2:4] if _IMEI.fullmatch(field)), self._device)
        if head[1] == "ACK":
            heartbeat = f"+SACK:GTHBD,{fields[1]},{counter}$" if kind == "HBD" else ""
            return Reply(heartbeat.encode("latin-1"), self._device, f"ACK {kind}")
        answer = f"+SACK:{counter}$".encode("latin-1")
        groups = [i for i in range(8, len(fields) - 2) if _is_place(fields, i)]
        sos = kind == "SOS"
        for i in groups:
            last = i == groups[-1]  # battery and event are those of the moment of sending
            ping = Ping(
                device=self._device,
                fix_time_ms=_time_ms(fields[i + 2]),
                lat=parse_decimal(fields[i + 1]),
                lon=parse_decimal(fields[i]),
                speed_mps=scaled(parse_decimal(fields[i - 3]), KMH_MPS),
                bearing_deg=parse_decimal(fields[i - 2]),
                altitude_m=parse_decimal(fields[i - 1]),
                valid=parse_decimal(fields[i - 4]) != 0.0,
                sos=sos,
                battery_pct=_battery(fields[i + 3 :]) if last else None,
                event=EVENTS.get(kind) if last and not sos else None,
            )
            collector.add(ping, frame, Reason.TIME if ping.fix_time_ms is None else None)
        if sos and not groups:
            collector.add(Ping(self._device, None, None, None, sos=True), frame)
        return Reply(answer, self._device, None if groups else kind)


def _is_place(fields: list[str], i: int) -> bool:
    """Whether longitude, latitude and a time stand here."""
    return bool(_DEGREES.fullmatch(fields[i]) and _DEGREES.fullmatch(fields[i + 1]) and _TIME.fullmatch(fields[i + 2]))


def _time_ms(text: str) -> int | None:
    return date_time_ms(text[:4], text[4:6], text[6:8], text[8:])


def _battery(tail: list[str]) -> float | None:
    """The battery in per cent: before the six hex digits of the device status, or else before the send time.

    `tail` begins with network, operator, area, cell and a field for the odometer: what stands there is no battery.
    """
    status_at = next((i for i in range(6, len(tail) - 2) if _DEVICE_STATUS.fullmatch(tail[i])), None)
    text = tail[status_at - 1] if status_at is not None else tail[-3] if len(tail) > 7 else ""
    level = parse_integer(text)
    return float(level) if level is not None and 0 <= level <= 100 else None
