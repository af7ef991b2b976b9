"""NMEA 0183: sentences, who sends them, and days that the sentences do not name."""

from __future__ import annotations

import pytest

from tracker.protocols.contract import Message
from tracker.protocols.nmea import Nmea
from tracker.protocols.sentences import checksum_of, time_of_day_ms
from tracker.protocols.stream import Decoder

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
MIDNIGHT_MS = 1_781_308_800_000
RMC = "$GPRMC,091530.00,A,4703.0288,N,00818.6384,E,29.16,128.0,130626,,,A*5D"
GGA = "$GPGGA,091530.00,4703.0288,N,00818.6384,E,1,09,0.9,436.0,M,48.0,M,,*65"


def read(*lines: str) -> list[Message]:
    return Decoder(Nmea()).finish("\r\n".join(lines).encode(), NOW_MS)


def test_rmc_and_gga_of_the_same_second_are_one_fix() -> None:
    later = RMC.replace("091530", "091531").replace("*5D", "*5C")
    first, _, second = read(RMC, GGA.replace("091530", "091531").replace("*65", "*64"), later)
    assert (len(first.pings), first.pings[0].altitude_m) == (1, None)
    assert (len(second.pings), second.pings[0].altitude_m) == (1, 436.0)


def test_gga_alone_stands_in_for_rmc() -> None:
    ((ping,),) = (message.pings for message in read(GGA))
    assert (ping.fix_time_ms, ping.altitude_m, ping.speed_mps, ping.valid) == (FIX_MS, 436.0, None, True)


@pytest.mark.parametrize("talker", ["GP", "GN", "GL", "GA", "BD"])
def test_any_talker_and_no_checksum(talker: str) -> None:
    (message,) = read(RMC.replace("GP", talker).partition("*")[0])
    assert (len(message.pings), message.note) == (1, None)


@pytest.mark.parametrize(
    ("lines", "device"),
    [
        (["IMEI 490154203237518", RMC], "490154203237518"),
        (["$PGID,4901*22", RMC], "4901"),
        (["4901AB0C", RMC], "4901AB0C"),
        ([f"490154203237518,{RMC}"], "490154203237518"),
        ([f"account/car017/{RMC}"], "car017"),
        ([f"{RMC},09,490154203237518,1,50,80"], "490154203237518"),
        ([RMC], None),
    ],
)
def test_who_it_is(lines: list[str], device: str | None) -> None:
    last = read(*lines)[-1]
    assert [ping.device for ping in last.pings] == [device]


def test_at_rest_speed_and_course_are_empty_and_unknown() -> None:
    (ping,) = read(RMC.replace("29.16,128.0", ",").partition("*")[0])[0].pings
    assert (ping.speed_mps, ping.bearing_deg) == (None, None)


@pytest.mark.parametrize("line", [RMC.replace(",A,4", ",V,4"), GGA.replace("E,1,", "E,0,")])
def test_without_reception_it_is_a_sighting(line: str) -> None:
    (ping,) = read(line.partition("*")[0])[0].pings
    assert not ping.valid


@pytest.mark.parametrize(
    "line", ["$GPGLL,4703.0288,N,00818.6384,E,091530.00,A", "$GPRMA,A,4703.0288,N,00818.6384,E,,,29.16,128.0"]
)
def test_other_sentences_with_a_place(line: str) -> None:
    (ping,) = read(line)[0].pings
    assert ping.lat == pytest.approx(47.05048)


@pytest.mark.parametrize(
    "line",
    [
        "$TRCCR,20260613091530.000,A,47.05048,8.31064,29.16,128.0,436.0,83",
        "QZE,490154203237518,1,13062026,091530,47.05048,8.31064,54,128,A,1",
    ],
)
def test_makers_own_sentences(line: str) -> None:
    (ping,) = read(line)[0].pings
    assert (ping.fix_time_ms, ping.lat, ping.lon) == (FIX_MS, 47.05048, 8.31064)


@pytest.mark.parametrize("line", ["$GPGSV,3,1,11", "$GPVTG,128.0,T", "hello", "$", "*", "$GPGGA,1"])
def test_what_holds_no_place_is_noted(line: str) -> None:
    (message,) = read(line)
    assert (message.pings, message.refusals) == ([], [])
    assert message.note is not None


def test_the_day_of_a_time_is_the_one_that_is_nearer() -> None:
    assert time_of_day_ms("235959", MIDNIGHT_MS + 1000) == MIDNIGHT_MS - 1000
    assert time_of_day_ms("000001", MIDNIGHT_MS - 1000) == MIDNIGHT_MS + 1000
    assert time_of_day_ms("250000", MIDNIGHT_MS) is None


def test_the_checksum() -> None:
    assert checksum_of(RMC[1:].partition("*")[0]) == 0x5D
