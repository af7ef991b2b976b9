"""NMEA 0183 over TCP or UDP: boats, car PCs, loggers. RMC is the position; GGA adds the altitude, or stands in.

Who it is comes from a line of its own (`IMEI 4901...`, `$PGID,id*hh`), from what stands before "$" (`id,$GPRMC`,
`account/device/$GPRMC`), or from the port. GGA and GLL have no date: ours, on the side of midnight that is nearer.
Nothing is answered. [traccar/traccar: T55ProtocolDecoder.java; mendhak/gpslogger: OpenGtsUdpWorker.java]
"""

from __future__ import annotations

import re

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KMH_MPS, KNOT_MPS, coordinate, parse_decimal, scaled, short_text
from tracker.protocols.sentences import date_time_ms, degrees, read_rmc, split_sentence, time_of_day_ms
from tracker.protocols.stream import Reply, delimited

_IDENTITY = re.compile(r"\$?(?:IMEI|PGID|DEVID|PCPTI|GPFID)[ ,:]*([^,*]{1,40})")
_BARE_IDENTITY = re.compile(r"[0-9A-F]{8,20}")
_IMEI = re.compile(r"[0-9]{10,17}")


class Nmea:
    """One connection."""

    def __init__(self) -> None:
        self._device: str | None = None
        self._altitude: tuple[str, float | None] = ("", None)  # of which time of day
        self._has_rmc = False

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        return delimited(buffer, b"\r\n\0", last)

    def read(self, frame: bytes, collector: Collector) -> Reply:
        line = frame.decode("latin-1").strip()
        identity = _IDENTITY.match(line)
        if identity or _BARE_IDENTITY.fullmatch(line):
            self._device = identity[1] if identity else line
            return Reply(device=self._device, note="login")
        if line.startswith("QZE,"):
            return self._qze(line.split(","), frame, collector)
        before, dollar, sentence = line.partition("$")
        if not dollar:
            return Reply(device=self._device, note="no sentence")
        named = before.rstrip(",/ ").rpartition("/")[2]
        self._device = short_text(named, 40) or self._device
        fields, checksum_right = split_sentence(sentence)
        kind = fields[0][2:] if len(fields[0]) == 5 else ""
        known = True
        if kind == "RMC":
            self._rmc(fields, sentence, frame, collector)
        elif kind == "GGA" and len(fields) > 9:
            self._gga(fields, frame, collector)
        elif kind in ("GLL", "RMA") and len(fields) > 6:
            self._gll(fields, frame, collector) if kind == "GLL" else self._rma(fields, frame, collector)
        elif kind == "CCR" and len(fields) > 8:
            self._ccr(fields, frame, collector)
        else:
            known = False
        note = None if known else short_text(fields[0], 10) or "no sentence"
        return Reply(device=self._device, note=note, checksum_right=checksum_right)

    def _rmc(self, fields: list[str], sentence: str, frame: bytes, collector: Collector) -> None:
        rmc = read_rmc(fields)
        if rmc is None:
            collector.refuse(Reason.SYNTAX, frame, "too few fields")
            return
        self._has_rmc = True
        behind = sentence.partition("*")[2].split(",")  # checksum, satellites, IMEI, ignition: T55's addition
        if len(behind) > 2 and _IMEI.fullmatch(behind[2]):
            self._device = behind[2]
        ping = Ping(
            device=self._device,
            fix_time_ms=rmc.time_ms,
            lat=rmc.lat,
            lon=rmc.lon,
            speed_mps=rmc.speed_mps,
            bearing_deg=rmc.bearing_deg,
            altitude_m=self._altitude[1] if self._altitude[0] == fields[1] else None,
            valid=rmc.valid,
        )
        collector.add(ping, frame, Reason.TIME if rmc.time_ms is None else None)

    def _gga(self, fields: list[str], frame: bytes, collector: Collector) -> None:
        self._altitude = (fields[1], parse_decimal(fields[9]))
        if not self._has_rmc:
            lat, lon = degrees(fields[2], fields[3]), degrees(fields[4], fields[5])
            self._undated(fields[1], lat, lon, fields[6] not in ("", "0"), frame, collector)

    def _gll(self, fields: list[str], frame: bytes, collector: Collector) -> None:
        if not self._has_rmc:
            lat, lon = degrees(fields[1], fields[2]), degrees(fields[3], fields[4])
            self._undated(fields[5], lat, lon, fields[6] == "A", frame, collector)

    def _undated(self, time: str, lat: float, lon: float, valid: bool, frame: bytes, collector: Collector) -> None:
        time_ms = time_of_day_ms(time, collector.received_at_ms)
        altitude_m = self._altitude[1] if self._altitude[0] == time else None
        ping = Ping(self._device, time_ms, lat, lon, altitude_m=altitude_m, valid=valid)
        collector.add(ping, frame, Reason.TIME if time_ms is None else None)

    def _rma(self, fields: list[str], frame: bytes, collector: Collector) -> None:
        """Minimum data without any time."""
        ping = Ping(
            device=self._device,
            fix_time_ms=None,
            lat=degrees(fields[2], fields[3]),
            lon=degrees(fields[4], fields[5]),
            speed_mps=scaled(parse_decimal(fields[8]), KNOT_MPS) if len(fields) > 8 else None,
            bearing_deg=parse_decimal(fields[9]) if len(fields) > 9 else None,
            valid=fields[1] == "A",
        )
        collector.add(ping, frame)

    def _ccr(self, fields: list[str], frame: bytes, collector: Collector) -> None:
        """`$TRCCR,yyyymmddhhmmss.sss,A,lat,lon,speed,bearing,altitude,...` in decimal degrees and knots."""
        moment = fields[1]
        time_ms = date_time_ms(moment[:4], moment[4:6], moment[6:8], moment[8:])
        ping = Ping(
            device=self._device,
            fix_time_ms=time_ms,
            lat=coordinate(fields[3]),
            lon=coordinate(fields[4]),
            speed_mps=scaled(parse_decimal(fields[5]), KNOT_MPS),
            bearing_deg=parse_decimal(fields[6]),
            altitude_m=parse_decimal(fields[7]),
            valid=fields[2] == "A",
        )
        collector.add(ping, frame, Reason.TIME if time_ms is None else None)

    def _qze(self, fields: list[str], frame: bytes, collector: Collector) -> Reply:
        """`QZE,imei,event,ddmmyyyy,hhmmss,lat,lon,speed,bearing,A,ignition` in decimal degrees and km/h."""
        if len(fields) < 10:
            collector.refuse(Reason.SYNTAX, frame, "too few fields")
            return Reply(device=self._device)
        self._device = short_text(fields[1], 20)
        time_ms = date_time_ms(fields[3][4:], fields[3][2:4], fields[3][:2], fields[4])
        ping = Ping(
            device=self._device,
            fix_time_ms=time_ms,
            lat=coordinate(fields[5]),
            lon=coordinate(fields[6]),
            speed_mps=scaled(parse_decimal(fields[7]), KMH_MPS),
            bearing_deg=parse_decimal(fields[8]),
            valid=fields[9] == "A",
        )
        collector.add(ping, frame, Reason.TIME if time_ms is None else None)
        return Reply(device=self._device)
