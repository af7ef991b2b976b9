"""OsmAnd app, GPSLogger and OpenGTS clients: one position in a query, each with its own units."""

from __future__ import annotations

import pytest

from tracker.core.model import Ping
from tracker.protocols import gpslogger, opengts, osmandapp
from tracker.protocols.contract import HttpAnswer, HttpRequest

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
GPRMC = "$GPRMC,091530,A,4703.02880,N,818.63840,E,29.160000,128.000000,130626,,*hh"


def request(query: str, body: bytes = b"") -> HttpRequest:
    return HttpRequest("POST" if body else "GET", query, {}, body)


def test_the_osmand_app_speaks_metres_per_second_and_milliseconds() -> None:
    query = "lat=47.05048&lon=8.31064&timestamp=1781342130000&hdop=5.0&altitude=436.0&speed=15.0&bearing=128.0"
    decoded = osmandapp.decode(request(query), NOW_MS)
    assert decoded.pings == [
        Ping(None, FIX_MS, 47.05048, 8.31064, accuracy_m=5.0, speed_mps=15.0, bearing_deg=128.0, altitude_m=436.0)
    ]
    assert decoded.answer == HttpAnswer(200, b"")


def test_the_osmand_app_gets_200_whatever_it_sends() -> None:
    assert osmandapp.decode(request("lat=%7B0%7D&lon=%7B1%7D"), NOW_MS).answer == HttpAnswer(200, b"")


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("lat=47.05048&lon=8.31064&alt=436.0&acc=5.0&dir=128.0&spd_mps=15.0&timestamp=1781342130&batt=83.0", b""),
        ("lat=47.05048&longitude=8.31064&time=2026-06-13T09:15:30.000Z&s=15.0&alt=436&acc=5&dir=128&batt=83", b""),
        (
            "",
            b"lat=47.05048&lon=8.31064&sat=9&desc=&alt=436.0&acc=5.0&dir=128.0&prov=gps&spd=15.0&spd_kph=54.0"
            b"&timestamp=1781342130&timeoffset=2026-06-13T11:15:30.000+02:00&batt=83.0&ischarging=true&act=&",
        ),
        (
            "",
            b'{"lat":47.05048,"lon":8.31064,"spd_kph":54.0,"time":"2026-06-13T11:15:30+02:00","alt":436,"acc":"5.0",'
            b'"dir":128,"batt":83}',
        ),
    ],
)
def test_gpslogger_in_the_forms_people_give_its_template(query: str, body: bytes) -> None:
    (ping,) = gpslogger.decode(request(query, body), NOW_MS).pings
    assert ping.speed_mps == pytest.approx(15.0)
    assert (ping.fix_time_ms, ping.lat, ping.lon) == (FIX_MS, 47.05048, 8.31064)
    assert (ping.accuracy_m, ping.bearing_deg, ping.altitude_m, ping.battery_pct) == (5.0, 128.0, 436.0, 83.0)


def test_gpslogger_placeholders_it_did_not_know_cost_the_field_and_not_the_fix() -> None:
    decoded = gpslogger.decode(request("lat=47.05048&lon=8.31064&timestamp=1781342130&acc=%25FOO&s=%25SPEED"), NOW_MS)
    assert decoded.pings == [Ping(None, FIX_MS, 47.05048, 8.31064)]
    spoilt = gpslogger.decode(request("lat=47.05048ITUDE&lon=8.31064&timestamp=1781342130"), NOW_MS)
    assert [refusal.reason for refusal in spoilt.refusals] == ["not a number"]


def test_a_gpslogger_note_is_an_event_and_sos_is_sos() -> None:
    (note,) = gpslogger.decode(request("lat=47&lon=8&timestamp=1781342130&desc=flat+tyre"), NOW_MS).pings
    (sos,) = gpslogger.decode(request("lat=47&lon=8&timestamp=1781342130&desc=SOS"), NOW_MS).pings
    assert (note.event, note.sos) == ("flat tyre", False)
    assert (sos.event, sos.sos) == (None, True)


def test_opengts_with_unpadded_degrees_and_a_template_for_a_checksum() -> None:
    query = f"id=99&dev=99&acct=ACCT&batt=83&code=0xF020&alt=436.0&gprmc={GPRMC}"
    decoded = opengts.decode(request(query), NOW_MS)
    (ping,) = decoded.pings
    assert ping.lat == pytest.approx(47.05048)
    assert ping.lon == pytest.approx(8.31064)
    assert ping.speed_mps == pytest.approx(15.0, abs=0.002)
    assert (ping.device, ping.fix_time_ms, ping.bearing_deg, ping.battery_pct) == ("99", FIX_MS, 128.0, 83.0)
    assert (decoded.note, decoded.answer) == (None, HttpAnswer(200, b""))


def test_opengts_at_zero_degrees_and_without_reception() -> None:
    (ping,) = opengts.decode(request(f"gprmc={GPRMC.replace('818.63840', '011.71463')}"), NOW_MS).pings
    assert ping.lon == pytest.approx(11.71463 / 60)
    (stale,) = opengts.decode(request(f"gprmc={GPRMC.replace(',A,', ',V,')}"), NOW_MS).pings
    assert not stale.valid


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("$GPRMC,091530,A", "not readable"),
        ("$GPGGA,091530,1", "not readable"),
        (GPRMC.replace("130626", "310226"), "not a time"),
        (GPRMC.replace("4703.02880", "4763.02880"), "not a number"),
        (GPRMC.replace("4703.02880", "９703.02880"), "not a number"),
    ],
)
def test_opengts_that_cannot_be_read(sentence: str, reason: str) -> None:
    decoded = opengts.decode(request(f"gprmc={sentence}"), NOW_MS)
    assert [refusal.reason for refusal in decoded.refusals] == [reason]
    assert decoded.answer == HttpAnswer(200, b"")


def test_an_opengts_checksum_that_is_wrong_is_noted() -> None:
    decoded = opengts.decode(request(f"gprmc={GPRMC.replace('*hh', '*00')}"), NOW_MS)
    assert (len(decoded.pings), decoded.note) == (1, "wrong checksum")
