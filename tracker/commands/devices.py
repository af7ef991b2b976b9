"""`tracker devices FOLDER`: who may send, with the token and the set-up links of each device; `--cards` prints them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tracker.cards import cards_page
from tracker.commands.options import add_settings
from tracker.devices import (
    device_passphrase,
    device_token,
    devices_of,
    drive_link,
    load_key,
    owntracks_link,
    traccar_link,
)
from tracker.errors import SettingsError, TrackerError
from tracker.homes import open_journal
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("devices", help="list the devices of a tour with their tokens and set-up links")
    parser.add_argument("folder", type=Path, help="the tour's folder")
    add_settings(parser, "data", "database", "key_file")
    parser.add_argument("--url", dest="public_url", metavar="URL", help="the server's address as phones reach it")
    parser.add_argument("--json", action="store_true", help="one JSON array instead of a table")
    parser.add_argument("--cards", type=Path, metavar="FILE", help="write a page to print: one card per device")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))
    if args.cards:
        return write_cards(args.folder, args.cards, settings)
    rows = asyncio.run(device_rows(args.folder, settings))
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    titles = {name: name.upper() for name in ("vehicle", "device", "token", "url")}
    widths = {name: max(len(row[name]) for row in [titles, *rows]) for name in titles}
    for row in [titles, *rows]:
        print("  ".join(row[name].ljust(widths[name]) for name in titles).rstrip())
    return 0


async def device_rows(folder: Path, settings: Settings) -> list[dict[str, str]]:
    """One row per device of the folder's tour, in the order of the roster; new ones are entered in the store."""
    tour = load_tour_folder(folder)
    key = load_key(settings.key_path)
    journal = await open_journal(settings)
    try:
        await journal.set_devices(tour.slug, devices_of(tour))
        generations = {device.name: device.generation for device in await journal.devices(tour.slug)}
    finally:
        await journal.close()
    url = settings.public_url or f"http://{settings.host}:{settings.port}"
    rows = []
    for device in devices_of(tour):
        token = device_token(key, tour.slug, device.name, generations[device.name])
        link = traccar_link(url, token, device.name)
        passphrase = device_passphrase(key, tour.slug, device.name, generations[device.name])
        row = {"vehicle": device.vehicle, "device": device.name, "token": token, "url": link}
        row["owntracks"] = owntracks_link(url, token, device.name, device.vehicle)
        row["drive"] = drive_link(url, token, device.vehicle)
        rows.append(row | {"passphrase": passphrase})
    return rows


def write_cards(folder: Path, file: Path, settings: Settings) -> int:
    """One card per device that a person sets up; unattended boxes know their server already."""
    if settings.public_url is None:
        raise SettingsError(
            "a card says where the server is. Name it as phones reach it: --url https://tour.example.org"
        )
    tour = load_tour_folder(folder)
    boxes = {device.name for device in devices_of(tour) if device.imei}
    rows = [row for row in asyncio.run(device_rows(folder, settings)) if row["device"] not in boxes]
    try:
        file.write_text(cards_page(tour, rows), encoding="utf-8")
        file.chmod(0o600)  # every token is in there
    except OSError as error:
        raise TrackerError(f"cannot write the cards to {file}: {error.strerror}. Name another file.") from error
    print(f"{len(rows)} cards in {file}: open it in a browser and print it. It holds every token: keep it to yourself.")
    if urlsplit(settings.public_url).scheme != "https":
        print("Phones give no position to a page without https: the driver's page will not work.", file=sys.stderr)
    return 0
