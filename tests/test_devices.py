"""Tokens: unguessable, derived, revocable; and the key that they hang on."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tracker.devices import device_passphrase, device_token, load_key, other_links, senders_by_token, traccar_link
from tracker.errors import SettingsError
from tracker.journal.contract import DeviceRow
from tracker.protocols import HTTP_PROTOCOLS
from tracker.protocols.contract import HttpRequest

KEY = bytes(range(32))


def test_a_token_is_derived_long_and_fits_a_path() -> None:
    token = device_token(KEY, "mille", "12", 1)
    assert token == device_token(KEY, "mille", "12", 1)
    assert len(base64.urlsafe_b64decode(token)) * 8 >= 128


def test_another_tour_device_generation_or_key_is_another_token() -> None:
    tokens = {
        device_token(key, tour, device, generation)
        for key in (KEY, bytes(32))
        for tour in ("mille", "mille1")
        for device in ("2", "12", '1","2')
        for generation in (1, 2)
    }
    assert len(tokens) == 24


def test_raising_the_generation_revokes() -> None:
    before = senders_by_token(KEY, "mille", [DeviceRow("12", "phone", 1)])
    after = senders_by_token(KEY, "mille", [DeviceRow("12", "phone", 2)])
    (old,), (new,) = before.values(), after.values()
    assert (old.tour, old.device) == (new.tour, new.device) == ("mille", "phone")
    assert old.passphrase != new.passphrase
    assert not before.keys() & after.keys()


def test_a_passphrase_is_no_token_and_fits_owntracks() -> None:
    passphrase = device_passphrase(KEY, "mille", "12", 1)
    assert passphrase != device_token(KEY, "mille", "12", 1)
    assert len(passphrase.encode()) <= 32


def test_the_link_sets_up_traccar_client() -> None:
    link = urlsplit(traccar_link("https://tour.example/", "TOKEN", "S 1"))
    assert (link.scheme, link.netloc, link.path) == ("https", "tour.example", "/in/osmand/TOKEN")
    setup = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert setup == {
        "id": "S 1",
        "accuracy": "high",
        "interval": "10",
        "distance": "100",
        "angle": "30",
        "heartbeat": "60",
    }


@pytest.mark.parametrize(
    ("app", "says"),
    [
        (
            "gpslogger",
            {"%TIMESTAMP": "1781342130", "%LAT": "38.1", "%LON": "-122.8", "%ACC": "6", "%SPD": "15"}
            | {"%ALT": "12", "%DIR": "90", "%BATT": "80", "%DESC": ""},
        ),
        (
            "osmandapp",
            {"{0}": "38.1", "{1}": "-122.8", "{2}": "1781342130000", "{3}": "6", "{4}": "12", "{5}": "15", "{6}": "90"},
        ),
    ],
)
def test_what_is_pasted_into_other_apps_is_read(app: str, says: dict[str, str]) -> None:
    query = urlsplit(other_links("https://tour.example/", "TOKEN")[app]).query
    for placeholder, said in says.items():
        query = query.replace(placeholder, said)
    assert "%" not in query
    assert "{" not in query
    request = HttpRequest("GET", query, {}, b"")
    (ping,) = HTTP_PROTOCOLS[app].decode(request, 1_781_342_131_000).pings
    assert (ping.fix_time_ms, ping.lat, ping.lon) == (1_781_342_130_000, 38.1, -122.8)
    assert (ping.accuracy_m, ping.speed_mps, ping.bearing_deg, ping.altitude_m) == (6.0, 15.0, 90.0, 12.0)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "server.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_key, [path] * 8))
    assert len(keys) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["server.key"]


@pytest.mark.parametrize("content", [b"", b"abc", b"00" * 16, b"\xff\xfe", b"g" * 64])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "server.key"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="is damaged"):
        load_key(path)
    assert path.read_bytes() == content


def test_a_key_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be used"):
        load_key(tmp_path / "file" / "server.key")
