"""H02, GPS103 and TK103: the dialects of text that the field speaks."""

from __future__ import annotations

import pytest

from tracker.core.model import Ping
from tracker.protocols import STREAM_PROTOCOLS
from tracker.protocols.contract import Message
from tracker.protocols.stream import Decoder

NOW_MS = 1_781_342_131_000
FIX_MS = 1_781_342_130_000
MIDNIGHT_MS = 1_781_308_800_000


def read(name: str, text: str) -> Message:
    (message,) = Decoder(STREAM_PROTOCOLS[name].codec()).finish(text.encode(), NOW_MS)
    return message


def one(name: str, text: str) -> Ping:
    (ping,) = read(name, text).pings
    assert ping.lat == pytest.approx(47.05048, abs=1e-6)
    assert ping.lon == pytest.approx(8.31064, abs=1e-6)
    return ping


H02 = "*HQ,4901542032,V1,091530,A,4703.0288,N,00818.6384,E,029.16,128,130626,FFFFFBFF,228,01,1234,5678#"


@pytest.mark.parametrize(
    "text",
    [
        H02,
        H02.replace("V1", "V19").replace("5678#", "5678,460,00,1#"),
        H02.replace("V1,", "V4,S17,130305,050316,"),
        H02.replace("*HQ", "*TH"),
        H02.replace("4703.0288", "-47-03.0288").replace("00818.6384", "-008-18.6384"),
        H02.replace("4703.0288", "47030288").replace("00818.6384", "008186384"),
        H02.replace(",A,", ",2,"),
        H02.replace("128,130626", "128,6,130626"),
        H02.replace("029.16", " 29.16"),
        H02.replace("130626,FFFFFBFF", "130626,460,00,1,FFFFFBFF"),
        H02.replace(",228,01,1234,5678#", "#"),
        H02.replace(",FFFFFBFF,228,01,1234,5678#", "#"),
    ],
)
def test_h02_in_its_variants(text: str) -> None:
    ping = one("h02", text)
    assert (ping.fix_time_ms, ping.bearing_deg, ping.valid, ping.sos) == (FIX_MS, 128.0, True, False)


def test_h02_without_reception_or_clock() -> None:
    assert not one("h02", H02.replace(",A,", ",V,")).valid
    assert one("h02", H02.replace("091530", "")).fix_time_ms is None
    assert one("h02", H02.replace("130626", "")).fix_time_ms is None
    assert one("h02", H02.replace("128,", ",")).bearing_deg is None
    assert read("h02", H02.replace("130626", "310226")).note == "not a time"


@pytest.mark.parametrize(
    ("status", "sos", "event"),
    [
        ("FFFFFBFD", True, None),
        ("FFFBFFFF", True, None),
        ("FFFFFFFF", False, "ignition on"),
        ("FFFFFBFF", False, "ignition off"),
        ("FFF7FFFF", False, "power cut"),
        ("00000000", False, None),
    ],
)
def test_h02_status_bits_are_active_low(status: str, sos: bool, event: str | None) -> None:
    ping = one("h02", H02.replace("FFFFFBFF", status))
    assert (ping.sos, ping.event) == (sos, event)


def test_h02_vp1_has_a_date_and_no_time() -> None:
    ping = one("h02", "*hq,356327080425330,VP1,A,4703.0288,N,00818.6384,E,29.16,128.00,130626#")
    assert (ping.fix_time_ms, ping.valid) == (None, True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (H02, "*HQ,4901542032,V4,V1,20260613091531#"),
        ("*HQ,4901542032,NBR,091530,228,1,0,1,1,2,3,130626,FFFFFBFF#", "*HQ,4901542032,V4,NBR,20260613091531#"),
        ("*HQ,4901542032,HTBT,100#", "*HQ,4901542032,HTBT#"),
        ("*HQ,4901542032,V0#", "*HQ,4901542032,V0#"),
        ("*HQ,4901542032,V3,091530,22801,02,1,2,3,4,0FA0,1,X,130626,FFFFFBFF#", ""),
        ("*HQ,4901542032,LINK,091530,22,6,100,0,0,130626,FFFFFBFF#", ""),
        ("*hq,356327080425330,VP1,V,228,1,1,2,3Y4,5,6#", ""),
    ],
)
def test_h02_answers_and_what_is_no_position(text: str, answer: str) -> None:
    message = read("h02", text)
    assert message.answer.decode() == answer
    assert len(message.pings) == (text is H02)
    assert message.refusals == []


@pytest.mark.parametrize(
    "text",
    [
        "*HQ,4901542032,NBR,091530,228,1,0,1,1,2,3,130626,FFFFFBFD#",
        "*HQ,4901542032,V3,091530,22801,02,1,2,3,4,0FA0,1,X,130626,FFFBFFFF#",
        "*HQ,4901542032,LINK,091530,22,6,100,0,0,130626,FFFFFBFD#",
        "*HQ,4901542032,V1,,V,,,,,,,,FFFFFBFD#",
        "*HQ,4901542032,V1,000000,V,0000.0000,N,00000.0000,E,000.00,000,000000,FFFFFBFD#",
    ],
)
def test_h02_sos_needs_no_place(text: str) -> None:
    (ping,) = read("h02", text).pings
    assert (ping.sos, ping.lat) == (True, None)


@pytest.mark.parametrize("before", ["", "123456", "310226", "7", "1" * 17, "1" * 5000])
def test_h02_cells_are_no_status(before: str) -> None:
    assert read("h02", f"*HQ,4901542032,NBR,091530,228,1,0,1,{before},00112233,3#").pings == []


def test_the_battery_of_a_heartbeat_goes_with_the_positions_that_follow() -> None:
    stream = Decoder(STREAM_PROTOCOLS["h02"].codec())
    messages = stream.feed(f"{H02}*HQ,4901542032,HTBT,83#{H02}".encode(), NOW_MS)
    assert [[ping.battery_pct for ping in message.pings] for message in messages] == [[None], [], [83.0]]


def test_h02_in_binary_with_ids_of_both_lengths() -> None:
    short = bytes.fromhex("2449015420320915301306264703028806008186384e029128fffffbff000000")
    long = b"\x24" + bytes.fromhex("4901542032375180") + short[6:29] + bytes(10)
    for data, device in ((short, "4901542032"), (long, "490154203237518")):
        (message,) = Decoder(STREAM_PROTOCOLS["h02"].codec()).feed(data, NOW_MS)
        (ping,) = message.pings
        assert (ping.device, ping.fix_time_ms, ping.bearing_deg) == (device, FIX_MS, 128.0)
        assert ping.lon == pytest.approx(8.31064)


GPS103 = "imei:490154203237518,tracker,2606131115,,F,091530.000,A,4703.0288,N,00818.6384,E,29.16,128.0,436.0,1,0;"


@pytest.mark.parametrize(
    "text",
    [
        GPS103,
        GPS103.replace("2606131115", "260613111530"),
        GPS103.replace("2606131115", "26/06/13 11:15"),
        GPS103.replace("4703.0288,N,00818.6384,E", "N,4703.0288,E,00818.6384"),
        GPS103.replace(",,F", ",13554900601,F"),
        GPS103.replace("tracker", "001"),
        GPS103.removesuffix(";"),
        "490154203237518;".replace(";", ",") + GPS103,
        GPS103.replace("imei", "IMEI"),
    ],
)
def test_gps103_in_its_variants(text: str) -> None:
    ping = one("gps103", text)
    assert (ping.fix_time_ms, ping.bearing_deg, ping.altitude_m, ping.event) == (FIX_MS, 128.0, 436.0, "ignition on")


@pytest.mark.parametrize(
    ("local", "utc", "fix_time_ms"),
    [
        ("2606130015", "221530.000", MIDNIGHT_MS - 6_270_000),  # two hours ahead, a day ahead too
        ("2606122215", "051530.000", MIDNIGHT_MS + 18_930_000),  # seven hours behind
        ("2606130915", "091530", FIX_MS),
        ("", "091530.000", FIX_MS),  # only the UTC time: the nearer day
        ("2606131115", "", FIX_MS + 7_170_000),  # only the local time: it is taken for UTC
    ],
)
def test_gps103_finds_the_zone_in_its_two_times(local: str, utc: str, fix_time_ms: int) -> None:
    assert one("gps103", GPS103.replace("2606131115", local).replace("091530.000", utc)).fix_time_ms == fix_time_ms


@pytest.mark.parametrize(
    ("text", "answer", "pings"),
    [
        ("##,imei:490154203237518,A;", "LOAD", 0),
        ("490154203237518;", "ON", 0),
        (GPS103.replace("tracker", "help me"), "**,imei:490154203237518,E;", 1),
        ("imei:490154203237518,help me,2606131115,,L,,,1234,,ABCD,,,;", "**,imei:490154203237518,E;", 1),
        ("imei:490154203237518,tracker,2606131115,,L,,,1234,,ABCD,,,;", "", 0),
        ("imei:490154203237518 and more text without a comma;", "", 0),
        ("imei:490154203237518,OBD,260613111530,,,,0,54,0.00%,,0.00%,,,;", "", 0),
    ],
)
def test_gps103_answers(text: str, answer: str, pings: int) -> None:
    message = read("gps103", text)
    assert (message.answer.decode(), len(message.pings), message.device) == (answer, pings, "490154203237518")
    assert all(ping.sos == ("help me" in text) for ping in message.pings)


@pytest.mark.parametrize(
    ("keyword", "event"),
    [("acc on", "ignition on"), ("acc off", "ignition off"), ("low battery", "low battery"), ("ac alarm", "ac alarm")],
)
def test_gps103_keywords_are_events(keyword: str, event: str) -> None:
    assert one("gps103", GPS103.replace("tracker", keyword)).event == event


def test_gps103_in_decimal_degrees() -> None:
    text = "imei:490154203237518,x,--,--,--,091530,130626,22,1,47.050480,8.310640,54,128,436,0.9,9,1,1,--*"
    ping = one("gps103", text)
    assert (ping.fix_time_ms, ping.speed_mps, ping.altitude_m, ping.valid) == (FIX_MS, 15.0, 436.0, True)


TK103 = "(490154203237BR00260613A4703.0288N00818.6384E054.0091530128.0001000000L00000000)"


@pytest.mark.parametrize(
    "text",
    [
        TK103,
        TK103.replace("BR00", "BP05490154203237518"),
        TK103.replace("BR00", "BO013"),
        TK103.replace("054.0", " 54.0").replace("128.00", "128.0 "),
        TK103.strip("()"),
        "(490154203237,BR00,130626,A,4703.0288N,00818.6384E,54.0,091530,128.00,01000000,L00000000)",
        "(490154203237,DW3B,130626,A,4703.0288N,00818.6384E,54.000,091530,128.000,0000,9,0,0)",
        TK103.replace("128.0001000000L00000000", "128.00"),
    ],
)
def test_tk103_in_its_variants(text: str) -> None:
    ping = one("tk103", text)
    assert (ping.fix_time_ms, ping.speed_mps, ping.bearing_deg, ping.valid) == (FIX_MS, 15.0, 128.0, True)
    assert ping.device == "490154203237"


@pytest.mark.parametrize(
    "text",
    [
        TK103.replace("BR00", "BO012"),
        "(490154203237,ZC25,130626,A,4703.0288N,00818.6384E,54.0,091530,128.00)",
        TK103.replace("BR00", "BO01,ALARM,2,1,"),
    ],
)
def test_tk103_sos(text: str) -> None:
    assert one("tk103", text).sos


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(490154203237BP00HSO)", "(490154203237AP01HSO)"),
        ("(490154203237BP05490154203237518)", "(490154203237AP05)"),
        ("(490154203237BZ00,228,01,1234,ABCD,00000000)", ""),
        ("(490154203237,ZC20,130626,091530,6,392,65535,255)", ""),
        ("(490154203237,ZC03,130626,091530,$text (with) parentheses$)", ""),
    ],
)
def test_tk103_answers_and_what_is_no_position(text: str, answer: str) -> None:
    message = read("tk103", text)
    assert (message.answer.decode(), message.pings, message.refusals) == (answer, [], [])


def test_tk103_with_a_whole_imei_and_with_a_comma_before_the_hemisphere() -> None:
    assert one("tk103", TK103.replace("490154203237", "490154203237518")).device == "490154203237518"
    comma = "(490154203237,BR00,130626,A,4703.0288,N,00818.6384,E,54.0,091530,128.00,01000000,L00000000)"
    assert one("tk103", comma).fix_time_ms == FIX_MS


def test_tk103_a_bad_date_is_refused() -> None:
    assert read("tk103", TK103.replace("260613", "260231")).note == "not a time"
