"""An SOS of every protocol that can carry one, over real sockets into a whole server, is with the crews at once."""

from __future__ import annotations

import csv
import json
import shutil
import socket
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.guests import sign_in
from tests.serving import Server, fetch, free_port, serve
from tracker.commands.demo import FOLDER
from tracker.protocols.binary import crc_ibm
from tracker.protocols.gt06 import LOGIN, acknowledge
from tracker.wire.frames import FeedState

NOW = "2027-04-26T08:15:30Z"
NOW_S = 1_808_727_330
QUERY = f"lat=37.79165&lon=-122.41075&timestamp={NOW_S}"
PLACE = {"latitude": 37.79165, "longitude": -122.41075}
NMEA = "3747.4990,N,12224.6450,W"
BEFORE_BEAT_S = 5.0  # a crew's beat is longer: an SOS does not wait for it

OVER_HTTP: dict[str, tuple[str, bytes]] = {
    "osmand": (f"{QUERY}&alarm=sos", b""),
    "osmandapp": (f"{QUERY}&alarm=sos", b""),
    "gpslogger": (f"{QUERY}&desc=SOS%20front%20wheel", b""),
    "opengts": ("dev=1&code=0xF841", b""),
    "inreach": ("", json.dumps({"Events": [{"messageCode": 4, "timeStamp": NOW_S * 1000, "point": PLACE}]}).encode()),
    "pings": ("", b'[{"sos":true}]'),
}


def bcd(imei: str) -> bytes:
    return bytes.fromhex(f"0{imei}")


def teltonika(imei: str) -> bytes:
    place = b"".join(round(degrees * 1e7).to_bytes(4, "big", signed=True) for degrees in (-122.41075, 37.79165))
    record = (NOW_S * 1000).to_bytes(8, "big") + b"\x02" + place + bytes(4) + b"\x09" + bytes(8)
    body = b"\x08\x01" + record + b"\x01"
    packet = bytes(4) + len(body).to_bytes(4, "big") + body + crc_ibm(body).to_bytes(4, "big")
    return b"\x00\x0f" + imei.encode() + packet


def over_a_stream(name: str, imei: str) -> bytes:
    """What a box with this number sends when its button is pressed."""
    if name == "gt06":
        return acknowledge(LOGIN, b"\0\1", bcd(imei)) + acknowledge(0x13, b"\0\2", bytes([0x66, 6, 4, 1, 2]))
    if name == "teltonika":
        return teltonika(imei)
    text = {
        "gps103": f"imei:{imei},help me,2704260815,,F,081530.000,A,{NMEA},0.0,0;",
        "tk103": f"({imei[:12]}BO012270426A3747.4990N12224.6450W000.0081530000.0001000000L00000000)",
        "queclink": f"+RESP:GTSOS,1A0102,{imei},,0,0,1,1,0.0,0,9.0,-122.410750,37.791650,20270426081530,,,,,,83,"
        "20270426081530,00A1$",
        "h02": f"*HQ,{imei[:10]},V1,081530,A,{NMEA},0.0,0,260427,FFFFFBFD#",
    }[name]
    return text.encode()


STREAMS = ("gt06", "teltonika", "gps103", "tk103", "queclink", "h02")
NUMBERS = {name: f"{49015420 + 7 * turn}3237518" for turn, name in enumerate(STREAMS)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo tour; its last cars have boxes."""
    folder = tmp_path / "tour"
    shutil.copytree(FOLDER, folder)
    with (folder / "roster.csv").open(newline="") as file:
        titles, *rows = csv.reader(file)
    numbers = [""] * (len(rows) - len(STREAMS)) + list(NUMBERS.values())
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [[*titles, "imei"], *([*row, imei] for row, imei in zip(rows, numbers, strict=True))]
        )
    return folder


def calls(page: FeedState) -> list[int]:
    """The rows of the cars that call for help."""
    return [row for row, calling in enumerate(page.columns[page.names.index("sos")]) if calling]


def test_every_sos_reaches_the_crews_at_once(folder: Path, tmp_path: Path) -> None:
    ports = {name: free_port() for name in STREAMS}
    streams = ",".join(f"{name}={port}" for name, port in ports.items())
    options = ("--streams", streams, "--crew-beat-ms", "30000", "--clock-start", NOW)
    with serve(folder, tmp_path / "data", *options) as server:
        tokens = [row["token"] for row in server.devices()]
        cookie = {"Cookie": sign_in(server, "crew")}
        url = f"ws://127.0.0.1:{server.port}/live/california-mille/crew"
        with connect(url, additional_headers=cookie, origin=Origin(server.url)) as socket_:
            page = FeedState()
            page.fold(socket_.recv(timeout=10, decode=False))
            calling = 0
            for row, (name, (query, body)) in enumerate(OVER_HTTP.items()):
                send(server, f"/in/{name}/{tokens[row]}?{query}", body)
                calling += 1
                follow(socket_, page, calling)
                assert row in calls(page), name
            for name, port in ports.items():
                with socket.create_connection(("127.0.0.1", port), timeout=10) as box:
                    box.sendall(over_a_stream(name, NUMBERS[name]))
                    calling += 1
                    follow(socket_, page, calling)


def send(server: Server, path: str, body: bytes) -> None:
    assert fetch(f"{server.url}{path}", body)[0] == 200


def follow(socket_: object, page: FeedState, calling: int) -> None:
    """Fold frames until so many cars call; TimeoutError where that takes as long as a beat."""
    while len(calls(page)) < calling:
        page.fold(socket_.recv(timeout=BEFORE_BEAT_S, decode=False))  # type: ignore[attr-defined]
