"""Every decoder under atheris, each in a process of its own, from the messages of the tests as seeds."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.protocols import HTTP_PROTOCOLS, STREAM_PROTOCOLS

ROOT = Path(__file__).resolve().parents[2]
SECONDS_EACH = 60
SEEDS = {
    "gps103": [b"##,imei:490154203237518,A;imei:490154203237518,help me,2606131115,,F,091530.000,A,4703.0288,N,"
               b"00818.6384,E,29.16,128.0,436.0,1,0;"],
    "tk103": [b"(490154203237BR00260613A4703.0288N00818.6384E054.0091530128.0001000000L00000000)"],
    "queclink": [b"+RESP:GTFRI,020102,490154203237518,,,10,1,1,54.0,128,436.0,8.310640,47.050480,20260613091530,0228,"
                 b"0001,1234,0ABC,,83,20260613091531,00A1$"],
    "nmea": [b"$GPRMC,091530.00,A,4703.0288,N,00818.6384,E,29.16,128.0,130626,,,A*5D\r\n"],
    "h02": [b"*HQ,4901542032,NBR,091530,228,1,0,1,1,2,3,130626,FFFFFBFD#*HQ,4901542032,HTBT,83#",
            b"*HQ,4901542032,V1,091530,A,4703.0288,N,00818.6384,E,029.16,128,130626,FFFFFBFF#",
            bytes.fromhex("2449015420320915301306264703028806008186384e029128fffffbff000000")],
    "gt06": [bytes.fromhex("78780a1346060400020003a97d0d0a"),
             bytes.fromhex("787822221a060d090f1ec9050c47b000e4423036148000e4011234000abc0100000002f4330d0a")],
    "teltonika": [bytes.fromhex("000f343930313534323033323337353138000000000000002308010000019ec043cf500004f41a601c0b55"
                                "6001b40080090036ef0101ef0100000001000070f4")],
    "osmand": [b'{"location":{"timestamp":"2026-06-13T09:15:30Z","coords":{"latitude":47,"longitude":8}}}',
               b"id=1&lat=47.05048&lon=8.31064&timestamp=1781342130&speed=29.16&alarm=sos"],
    "osmandapp": [b"lat=47.05048&lon=8.31064&timestamp=1781342130000&hdop=5&speed=15"],
    "gpslogger": [b"lat=47.05048&lon=8.31064&time=2026-06-13T09:15:30Z&spd_kph=54&desc=x"],
    "opengts": [b"dev=9&code=0xF020&gprmc=$GPRMC,091530,A,4703.0288,N,818.6384,E,29.16,128,130626,,*hh"],
    "owntracks": [b'{"_type":"location","lat":47.05,"lon":8.31,"tst":1781342130,"vel":54,"t":"p"}',
                  b'{"_type":"encrypted","data":"AAAA"}'],
    "overland": [b'{"locations":[{"geometry":{"type":"Point","coordinates":[8.3,47.0]},"properties":{"timestamp":'
                 b'"2026-06-13T09:15:30Z","speed":15}}]}'],
    "inreach": [b'{"Version":"2.0","Events":[{"imei":"3","messageCode":4,"timeStamp":1781342130000,"point":{'
                b'"latitude":47,"longitude":8}}]}'],
    "pings": [b'[{"lat":47,"lon":8,"seq":1,"sos":true}]', b"\x91\x82\xa3lat\xcb@G\x86v\x8fQ\x0f\xf9\xa3lon\x08"],
}  # fmt: skip


@pytest.mark.soak
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no build for this Python")
@pytest.mark.parametrize("name", sorted((*HTTP_PROTOCOLS, *STREAM_PROTOCOLS)))
def test_no_input_breaks_the_law(name: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(b"\0" + seed)
    limits = [f"-max_total_time={SECONDS_EACH}", "-timeout=1", "-rss_limit_mb=512", "-max_len=4096"]
    command = [
        sys.executable,
        "-m",
        "tests.soak.fuzz_decoders",
        name,
        *limits,
        f"-artifact_prefix={tmp_path}/",
        str(corpus),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=5 * SECONDS_EACH)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
