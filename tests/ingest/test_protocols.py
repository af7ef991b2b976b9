"""Every HTTP protocol over real HTTP: the request of the real app, its answer to the byte, and what was stored."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from nacl.secret import SecretBox

from tests.ingest.conftest import TOUR, Door
from tracker.core.model import Ping

PLACE = {"latitude": 47.05048, "longitude": 8.31064}
OWNTRACKS = b'{"_type":"location","tid":"99","lat":47.05048,"lon":8.31064,"tst":1781342130,"topic":"owntracks/x/99"}'
OVERLAND = {
    "locations": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [8.31064, 47.05048]},
            "properties": {"timestamp": "2026-06-13T09:15:30Z", "device_id": "99"},
        }
    ]
}
INREACH = {"Version": "2.0", "Events": [{"imei": "99", "messageCode": 4, "timeStamp": 1781342130000, "point": PLACE}]}
GPRMC = "$GPRMC,091530,A,4703.02880,N,818.63840,E,29.160000,128.000000,130626,,*hh"
QUERY = "lat=47.05048&lon=8.31064"


@pytest.mark.parametrize(
    ("protocol", "method", "query", "body", "answer"),
    [
        ("osmand", "POST", f"id=99&timestamp=1781342130&{QUERY}", b"", b""),
        ("osmand", "POST", "", f"id=99&timestamp=1781342130&{QUERY}".encode(), b""),
        ("osmandapp", "GET", f"timestamp=1781342130000&{QUERY}", b"", b""),
        ("gpslogger", "GET", f"time=2026-06-13T09:15:30.000Z&{QUERY}", b"", b""),
        ("gpslogger", "POST", "", f"timestamp=1781342130&{QUERY}".encode(), b""),
        ("opengts", "GET", f"id=99&dev=99&acct=A&code=0xF020&alt=436.0&gprmc={GPRMC}", b"", b""),
        ("owntracks", "POST", "", OWNTRACKS, b"[]"),
        ("overland", "POST", "", json.dumps(OVERLAND).encode(), b'{"result":"ok"}'),
        ("inreach", "POST", "", json.dumps(INREACH).encode(), b""),
    ],
)
async def test_what_the_app_sends_is_stored_for_the_tokens_device_and_answered_as_it_needs(
    door: Door, protocol: str, method: str, query: str, body: bytes, answer: bytes
) -> None:
    url = f"{door.url(protocol)}?{query}"
    async with door.session.request(method, url, data=body, headers={"Content-Type": "application/json"}) as response:
        assert (response.status, await response.read()) == (200, answer)
    (record,) = await door.journal.read(TOUR, 0)
    assert isinstance(record.body, Ping)
    assert (record.body.device, record.body.fix_time_ms) == ("12", 1_781_342_130_000)
    assert (record.body.lat, record.body.lon) == (47.05048, 8.31064)
    assert record.body.sos == (protocol == "inreach")


async def test_owntracks_encrypted_with_the_devices_passphrase(door: Door) -> None:
    passphrase = next(sender.passphrase for sender in door.ingest.senders.values() if sender.device == "12")
    box = SecretBox(passphrase.encode().ljust(SecretBox.KEY_SIZE, b"\0"))
    body = {"_type": "encrypted", "data": b64encode(box.encrypt(OWNTRACKS)).decode()}
    async with door.session.post(door.url("owntracks"), json=body) as response:
        assert (response.status, await response.read()) == (200, b"[]")
    assert len(await door.journal.read(TOUR, 0)) == 1


async def test_another_devices_passphrase_opens_nothing(door: Door) -> None:
    passphrase = next(sender.passphrase for sender in door.ingest.senders.values() if sender.device == "13")
    box = SecretBox(passphrase.encode().ljust(SecretBox.KEY_SIZE, b"\0"))
    body = {"_type": "encrypted", "data": b64encode(box.encrypt(OWNTRACKS)).decode()}
    async with door.session.post(door.url("owntracks"), json=body) as response:
        assert (response.status, await response.read()) == (200, b"[]")
    (refused,) = await door.journal.quarantined(TOUR)
    assert (refused.reason, refused.device) == ("cannot be decrypted", "12")
