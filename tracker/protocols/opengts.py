"""OpenGTS over HTTP: an NMEA RMC sentence in a query (GPSLogger's OpenGTS mode, CelltrackGTS and others).

`?id=99&dev=99&acct=A&batt=83&code=0xF020&alt=436.0&gprmc=$GPRMC,...*hh`. Knots, degrees and minutes without padding.
Some senders take the checksum over a template, so a wrong one is only noted. The answer is an empty 200.
[mendhak/gpslogger: OpenGTSManager.java]
"""

from __future__ import annotations

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.numbers import parse_decimal, short_text
from tracker.protocols.parameters import Reading, source_of
from tracker.protocols.sentences import read_rmc, split_sentence
from tracker.protocols.strict import load_parameters

PANIC_CODES = ("0xF841", "63553")  # OpenGTS STATUS_PANIC_ON


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one position."""
    collector = Collector(received_at_ms)
    note = None
    with Reading(collector, request):
        values = load_parameters(request.query, request.body)
        sentence = values.get("gprmc", "")
        fields, checksum_right = split_sentence(sentence)
        rmc = read_rmc(fields) if fields[0][2:] == "RMC" else None
        sos = values.get("code", "") in PANIC_CODES
        if rmc is None and not sos:
            if sentence:
                collector.refuse(Reason.SYNTAX, source_of(request), "not an RMC sentence")
            return Decoded(collector.pings, collector.refusals, note=collector.note)
        note = None if checksum_right else Reason.CHECKSUM.value
        ping = Ping(
            device=short_text(values.get("dev") or values.get("id")),
            fix_time_ms=rmc.time_ms if rmc else None,
            lat=rmc.lat if rmc else None,
            lon=rmc.lon if rmc else None,
            speed_mps=rmc.speed_mps if rmc else None,
            bearing_deg=rmc.bearing_deg if rmc else None,
            altitude_m=parse_decimal(values.get("alt", "")),
            valid=rmc.valid if rmc else False,
            sos=sos,
            battery_pct=parse_decimal(values.get("batt", "")),
        )
        trouble = Reason.TIME if rmc is not None and rmc.time_ms is None else None
        collector.add(ping, source_of(request), Reason.AMBIGUOUS if "gprmc" in values.ambiguous else trouble)
    return Decoded(collector.pings, collector.refusals, note=collector.note or note)
