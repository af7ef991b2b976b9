"""Who may send: tokens of devices, derived from a key that only this server has.

A token is never stored. It is the HMAC-SHA-256 of (tour, device, generation), cut to 144 bits, so cards can be
printed again at any time; raising the generation revokes it.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from tracker.core.model import Tour
from tracker.errors import SettingsError
from tracker.journal.contract import DeviceRow

KEY_BYTES = 32
TOKEN_BYTES = 18  # 144 bits: 24 characters without padding

# What a phone in a car should do; Traccar Client's own defaults (300 s, 75 m) are for slower lives.
# A fix leaves when any of the first three is reached. [traccar/traccar-client: configuration_service.dart]
TRACCAR_SETUP = {"accuracy": "high", "interval": 10, "distance": 100, "angle": 30, "heartbeat": 60}
# The same for OwnTracks, in HTTP mode and move mode. [owntracks/booklet: docs/tech/json.md]
OWNTRACKS_SETUP = {
    "_type": "configuration",
    "mode": 3,
    "auth": False,
    "monitoring": 2,
    "locatorInterval": 10,
    "moveModeLocatorInterval": 10,
    "locatorDisplacement": 20,
}


# What people paste into other apps; each replaces its own placeholders.
# [docs/protocols.md; mendhak/gpslogger, osmandapp/OsmAnd, aaronpk/Overland-iOS]
OTHER_APPS = {
    "overland": "",
    "gpslogger": (
        "?lat=%LAT&lon=%LON&alt=%ALT&acc=%ACC&dir=%DIR&spd_mps=%SPD&timestamp=%TIMESTAMP&batt=%BATT&desc=%DESC"
    ),
    "osmandapp": "?lat={0}&lon={1}&timestamp={2}&acc={3}&altitude={4}&speed={5}&bearing={6}",
}


class Sender(NamedTuple):
    """A device as its token tells, and the passphrase agreed with it for payloads that come encrypted."""

    tour: str
    device: str
    passphrase: str = ""


def devices_of(tour: Tour) -> list[DeviceRow]:
    """The devices that a roster names, in their first generation."""
    return [
        DeviceRow(vehicle.number, device.name, 1, device.imei)
        for vehicle in tour.vehicles
        for device in vehicle.devices
    ]


def device_token(key: bytes, tour: str, device: str, generation: int) -> str:
    """The token of a device, safe in a URL path."""
    return _derived(key, [tour, device, generation])


def device_passphrase(key: bytes, tour: str, device: str, generation: int) -> str:
    """What OwnTracks on a device may encrypt its payloads with; short enough for its 32 bytes."""
    return _derived(key, ["passphrase", tour, device, generation])


def _derived(key: bytes, of: list[str | int]) -> str:
    digest = hmac.digest(key, json.dumps(of, separators=(",", ":")).encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def senders_by_token(key: bytes, tour: str, devices: Iterable[DeviceRow]) -> dict[str, Sender]:
    """All tokens of a tour that are in force."""
    return {
        device_token(key, tour, device.name, device.generation): Sender(
            tour, device.name, device_passphrase(key, tour, device.name, device.generation)
        )
        for device in devices
    }


def senders_by_number(tour: str, devices: Iterable[DeviceRow]) -> dict[str, Sender]:
    """The unattended boxes of a tour by IMEI: the allow-list of the stream protocols."""
    numbers = ((device.box or device.imei, device.name) for device in devices)
    return {number: Sender(tour, name) for number, name in numbers if number}


def traccar_link(public_url: str, token: str, device: str) -> str:
    """A link (or QR code) that sets up Traccar Client: its path is the server, its query the settings."""
    query = urlencode({"id": device, **TRACCAR_SETUP})
    return f"{public_url.rstrip('/')}/in/osmand/{token}?{query}"


def owntracks_link(public_url: str, token: str, device: str, vehicle: str) -> str:
    """A link (or QR code) that sets up OwnTracks. Its two letters are what other drivers' maps tell cars apart by."""
    url = f"{public_url.rstrip('/')}/in/owntracks/{token}"
    setup = json.dumps({**OWNTRACKS_SETUP, "url": url, "deviceId": device, "tid": vehicle[-2:]}, separators=(",", ":"))
    return f"owntracks:///config?inline={quote(base64.b64encode(setup.encode()), safe='')}"


def drive_link(public_url: str, token: str, vehicle: str) -> str:
    """The driver's page. The number stands behind the #, which browsers keep to themselves."""
    return f"{public_url.rstrip('/')}/drive/{token}#{quote(vehicle)}"


def swap_link(public_url: str, tour: str, device: str) -> str:
    """Where an organiser puts the device into a car."""
    return f"{public_url.rstrip('/')}/organise/{quote(tour)}/swap/{quote(device, safe='')}"


def device_row(key: bytes, tour: str, device: DeviceRow, public_url: str) -> dict[str, str]:
    """What is handed out for a device: its token, the passphrase agreed with it, and the links that set it up."""
    token = device_token(key, tour, device.name, device.generation)
    return {
        "vehicle": device.vehicle,
        "device": device.name,
        "token": token,
        "url": traccar_link(public_url, token, device.name),
        "owntracks": owntracks_link(public_url, token, device.name, device.vehicle),
        "drive": drive_link(public_url, token, device.vehicle),
        "swap": swap_link(public_url, tour, device.name),
        "passphrase": device_passphrase(key, tour, device.name, device.generation),
    }


def other_links(public_url: str, token: str) -> dict[str, str]:
    """By app what is pasted into those that have no code to scan."""
    return {app: f"{public_url.rstrip('/')}/in/{app}/{token}{query}" for app, query in OTHER_APPS.items()}


def load_key(path: Path) -> bytes:
    """The server key; made on first use, readable by its owner only. Raises SettingsError if it cannot be used."""
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise SettingsError(f"the server key {path} cannot be used: {error.strerror}") from error
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise SettingsError(
            f"the server key {path} is damaged: it holds {2 * KEY_BYTES} hexadecimal digits. "
            "Restore it from a backup; a new key would make every token invalid."
        )
    return key


def _make_key(path: Path) -> None:
    """Put a whole key in place at once; of two processes that do so, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".server-key-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process was faster
    finally:
        os.unlink(draft)
