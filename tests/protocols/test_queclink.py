"""Queclink text reports: position groups are found by their looks, whatever the model puts around them."""

from __future__ import annotations

import pytest

from tracker.protocols.contract import Message
from tracker.protocols.queclink import Queclink
from tracker.protocols.stream import Decoder

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
GROUP = "1,54.0,128,436.0,8.310640,47.050480,20260613091530,0228,0001,1234,0ABC,"
OLDER = "2,50.1,120,430.5,-8.300000,-47.040000,20260613091520,0228,0001,1234,0ABC00F1,"
TAIL = "20260613091531,00A1$"
FRI = f"+RESP:GTFRI,020102,490154203237518,car017,,10,1,{GROUP},83,{TAIL}"


def read(text: str) -> Message:
    (message,) = Decoder(Queclink()).finish(text.encode(), NOW_MS)
    return message


def test_the_specification() -> None:
    message = read(FRI)
    (ping,) = message.pings
    assert (ping.device, ping.fix_time_ms, ping.lat, ping.lon) == ("490154203237518", FIX_MS, 47.05048, 8.31064)
    assert (ping.speed_mps, ping.bearing_deg, ping.altitude_m, ping.battery_pct) == (15.0, 128.0, 436.0, 83.0)
    assert message.answer == b"+SACK:00A1$"


def test_a_heartbeat() -> None:
    message = read("+ACK:GTHBD,020102,490154203237518,car017,20260613091531,00A1$")
    assert (message.answer, message.pings) == (b"+SACK:GTHBD,020102,00A1$", [])


def test_several_positions_in_one_report() -> None:
    first, second = read(f"+BUFF:GTFRI,020102,490154203237518,,,10,2,{OLDER},{GROUP},83,{TAIL}").pings
    assert (first.lat, first.lon, first.fix_time_ms) == (-47.04, -8.3, FIX_MS - 10_000)
    assert (first.battery_pct, second.battery_pct) == (None, 83.0)


@pytest.mark.parametrize(
    ("text", "sos", "event"),
    [
        (f"+RESP:GTSOS,020102,490154203237518,,,0,1,{GROUP},83,{TAIL}", True, None),
        (f"+RESP:GTIGN,060100,490154203237518,,1200,{GROUP},,2000.0,{TAIL}", False, "ignition on"),
        (f"+RESP:GTIGF,060100,490154203237518,,1200,{GROUP},,2000.0,{TAIL}", False, "ignition off"),
        (f"+RESP:GTSTT,060100,490154203237518,,41,{GROUP},{TAIL}", False, "moved"),
        (f"+RESP:GTRTL,060100,490154203237518,,,10,1,{GROUP},83,{TAIL}", False, None),
        (f"+RESP:GTERI,060502,490154203237518,,00000002,12001,10,1,{GROUP},0.0,,,,,83,210100,0,{TAIL}", False, None),
        (
            f"+RESP:GTFRI,060100,490154203237518,,12001,10,1,{GROUP},0.0,00102:34:33,14549,42,83,210100,,,,{TAIL}",
            False,
            None,
        ),
    ],
)
def test_other_reports_with_a_position(text: str, sos: bool, event: str | None) -> None:
    (ping,) = read(text).pings
    assert (ping.lat, ping.lon, ping.sos, ping.event) == (47.05048, 8.31064, sos, event)
    if "210100" in text:
        assert ping.battery_pct == 83.0


def test_what_stands_right_behind_the_cell_is_no_battery() -> None:
    (ping,) = read(f"+RESP:GTSTT,060100,490154203237518,,41,{GROUP}00,{TAIL}").pings
    assert ping.battery_pct is None


def test_accuracy_zero_repeats_an_old_position() -> None:
    (ping,) = read(FRI.replace(",1,54.0,", ",0,54.0,")).pings
    assert not ping.valid


def test_sos_without_a_position_comes_through() -> None:
    (ping,) = read(f"+RESP:GTSOS,020102,490154203237518,,,0,1,,,,,,,,0228,0001,1234,0ABC,,83,{TAIL}").pings
    assert (ping.sos, ping.lat) == (True, None)


@pytest.mark.parametrize("kind", ["INF", "PNA", "VER", "GSM"])
def test_reports_without_a_position_are_answered(kind: str) -> None:
    message = read(f"+RESP:GT{kind},020102,490154203237518,,41,8934,20,0,1,,4.1,0,{TAIL}")
    assert (message.pings, message.refusals, message.answer) == ([], [], b"+SACK:00A1$")


def test_the_binary_mode_is_refused_by_name() -> None:
    (message,) = Decoder(Queclink()).feed(b"+RSP\x01\x00\xff\x0f\x00\x40", NOW_MS)
    assert message.fatal
    assert "binary" in message.refusals[0].detail


def test_a_bad_time_is_refused() -> None:
    assert read(FRI.replace("20260613091530", "20260231091530")).note == "not a time"
