"""`tracker devices FOLDER`: who may send, with the token and the set-up links of each device; cards, checks, swaps."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from tracker.cards import cards_page
from tracker.clock import SystemClock
from tracker.commands.devicecheck import as_json, as_text, check_devices
from tracker.commands.options import add_settings
from tracker.core.model import RecordKind
from tracker.devices import device_row, devices_of, load_key
from tracker.errors import SettingsError, TrackerError
from tracker.homes import open_existing, open_journal
from tracker.journal.contract import Entry, Journal
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder
from tracker.wire.problems import did_you_mean, quoted


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("devices", help="list the devices of a tour with their tokens and set-up links")
    parser.add_argument("folder", type=Path, help="the tour's folder")
    add_settings(parser, "data", "database", "key_file")
    parser.add_argument("--url", dest="public_url", metavar="URL", help="the server's address as phones reach it")
    parser.add_argument("--json", action="store_true", help="one JSON array instead of a table")
    parser.add_argument("--cards", type=Path, metavar="FILE", help="write a page to print: one card per device")
    parser.add_argument("--check", action="store_true", help="how each device is doing, and what to do about it")
    parser.add_argument(
        "--assign", nargs=2, metavar=("DEVICE", "VEHICLE"), help="from now on this device speaks for that vehicle"
    )
    parser.add_argument("--revoke", metavar="DEVICE", help="make the device's token void and print the new one")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))
    if args.cards:
        return write_cards(args.folder, args.cards, settings)
    if args.check:
        return asyncio.run(print_check(args.folder, settings, as_document=args.json))
    if args.assign:
        return asyncio.run(assign(args.folder, settings, *args.assign))
    if args.revoke:
        asyncio.run(revoke(args.folder, settings, args.revoke))
    rows = asyncio.run(device_rows(args.folder, settings))
    if args.revoke:
        rows = [row for row in rows if row["device"] == args.revoke]
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
    return [
        device_row(key, tour.slug, replace(device, generation=generations[device.name]), url)
        for device in devices_of(tour)
    ]


def write_cards(folder: Path, file: Path, settings: Settings) -> int:
    """One card per device that a person sets up; unattended boxes know their server already."""
    if settings.public_url is None:
        raise SettingsError(
            "a card says where the server is. Name it as phones reach it: --url https://tour.example.org"
        )
    tour = load_tour_folder(folder)
    rows = [row for row in asyncio.run(device_rows(folder, settings)) if row["device"] not in tour.boxes]
    try:
        file.write_text(cards_page(tour, rows), encoding="utf-8")
        file.chmod(0o600)  # every token is in there
    except OSError as error:
        raise TrackerError(f"cannot write the cards to {file}: {error.strerror}. Name another file.") from error
    print(f"{len(rows)} cards in {file}: open it in a browser and print it. It holds every token: keep it to yourself.")
    if urlsplit(settings.public_url).scheme != "https":
        print("Phones give no position to a page without https: the driver's page will not work.", file=sys.stderr)
    return 0


async def print_check(folder: Path, settings: Settings, *, as_document: bool) -> int:
    """The check list of the morning; exit code 1 if a device wants something done."""
    tour = load_tour_folder(folder)
    journal = await open_existing(settings)
    try:
        now_ms = await _now_ms(journal, tour.slug)
        reports, assignments = await check_devices(journal, tour, now_ms)
    finally:
        await journal.close()
    print(as_json(tour, reports, assignments) if as_document else as_text(tour, reports, assignments, now_ms))
    return 1 if any(report.problems for report in reports) else 0


async def assign(folder: Path, settings: Settings, device: str, number: str) -> int:
    """Journal a swap: what the device says from now on is the vehicle's. What was before stays where it was."""
    tour = load_tour_folder(folder)
    _require(device, tour.vehicle_of_device, "device")
    _require(number, [vehicle.number for vehicle in tour.vehicles], "vehicle")
    journal = await open_existing(settings)
    try:
        at_ms = await _now_ms(journal, tour.slug)
        decision: dict[str, object] = {"decision": "assign", "device": device, "vehicle": number, "at_ms": at_ms}
        await journal.append(tour.slug, [Entry(RecordKind.DECISION, decision)], at_ms)
    finally:
        await journal.close()
    print(f"From now on device {device} speaks for car {number}. What it said before stays where it was.")
    return 0


async def revoke(folder: Path, settings: Settings, device: str) -> None:
    """Raise a device's generation: servers forget its token within seconds, and its next card has another."""
    tour = load_tour_folder(folder)
    _require(device, tour.vehicle_of_device, "device")
    journal = await open_existing(settings)
    try:
        await journal.set_devices(tour.slug, devices_of(tour))
        rows = [row for row in await journal.devices(tour.slug) if row.name == device]
        await journal.set_devices(tour.slug, [replace(row, generation=row.generation + 1) for row in rows])
    finally:
        await journal.close()


async def _now_ms(journal: Journal, slug: str) -> int:
    """The present as the tour has it: a rehearsal's clock may be ahead of this machine's."""
    _, stored_at_ms = await journal.head(slug)
    return max(SystemClock().now_ms(), stored_at_ms)


def _require(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise SettingsError(f"the roster has no {what} {quoted(name)}. {did_you_mean(name, known)}")
