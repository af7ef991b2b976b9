"""`tracker erase`: forget one car, thin out a tour that is over, or delete tours. For good; backups keep theirs."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tracker.clock import SystemClock
from tracker.commands.options import add_settings
from tracker.core.decided import Decided
from tracker.core.decisions import DecisionKind
from tracker.core.model import Calibration, Ping, Record, RecordKind, Tour
from tracker.errors import TrackerError
from tracker.homes import open_existing
from tracker.journal.contract import DAY_MS, DeviceRow, Entry, Home
from tracker.journal.records import Blank
from tracker.leadership import Leadership
from tracker.savedstate import state_path
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder
from tracker.wire.tourdocument import tour_from_document

NOBODY = ""  # whose damaged records quarantine holds: they may be anybody's


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("erase", help="forget a car, thin a tour out or delete tours, for good")
    parser.add_argument("folder", type=Path, nargs="?", help="the tour's folder; not needed with --older-than-days")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--vehicle", metavar="NUMBER", help="everything that this vehicle's devices sent; their links end"
    )
    what.add_argument(
        "--thin-s", type=int, metavar="S", help="keep a ping in so many seconds of each device, and every SOS"
    )
    what.add_argument("--tour", action="store_true", help="the whole tour")
    what.add_argument(
        "--older-than-days", type=int, metavar="DAYS", help="every tour that was last heard of longer ago"
    )
    add_settings(parser, "data", "database")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    asyncio.run(erase(args, Settings.read(os.environ, vars(args))))
    return 0


async def erase(args: argparse.Namespace, settings: Settings) -> None:
    if args.folder is None and args.older_than_days is None:
        raise TrackerError("name the tour's folder: tracker erase FOLDER --vehicle 12")
    for name in ("thin_s", "older_than_days"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            raise TrackerError(f"--{name.replace('_', '-')} is at least 1")
    journal = await open_existing(settings)
    try:
        if args.older_than_days is not None:
            slugs = await ended(journal, SystemClock().now_ms() - args.older_than_days * DAY_MS)
        else:
            slugs = [load_tour_folder(args.folder).slug]
            if slugs[0] not in await journal.tours():
                raise TrackerError(f"there is no tour {slugs[0]} in the store")
        for slug in slugs:
            async with nobody_following(journal, slug):
                for late in (False, True):  # what engines here remember of what is erased
                    state_path(settings.data, slug, late=late).unlink(missing_ok=True)
                await journal.segments.forget(slug)  # the next engine makes them anew, without it
                if args.vehicle is not None:
                    count = await forget_vehicle(journal, slug, args.vehicle)
                    print(f"{slug}: {count:,} records of {args.vehicle} erased")
                elif args.thin_s is not None:
                    print(f"{slug}: {await thin(journal, slug, args.thin_s):,} pings thinned out")
                else:
                    print(f"{slug}: {await journal.care.delete_tour(slug):,} records deleted")
        await journal.care.compact()
        for copy in settings.data.glob("journal.sqlite-*damaged"):  # what a mending kept still holds it all
            copy.unlink()
    finally:
        await journal.close()


@asynccontextmanager
async def nobody_following(journal: Home, slug: str) -> AsyncIterator[None]:
    """Keep engines away from a tour: one that runs would go on with what it remembers. Raises TrackerError."""
    lead = Leadership(journal, slug, f"erase {os.getpid()}")
    await lead.start()
    try:
        if lead.epoch is None:
            raise TrackerError(f"{slug} is being served. Stop the server (or every engine), and wait some seconds.")
        yield
    finally:
        await lead.stop()


async def ended(journal: Home, before_ms: int) -> list[str]:
    """Tours that were heard of, and last before a time."""
    heads = {slug: await journal.head(slug) for slug in await journal.tours()}
    return [slug for slug, (_, stored_at_ms) in heads.items() if 0 < stored_at_ms < before_ms]


async def forget_vehicle(journal: Home, slug: str, vehicle: str) -> int:
    """Blank what devices said from a vehicle and what is known of their clocks; that it was done is journalled."""
    owners = await Owners.of(journal, slug)
    if vehicle not in owners.numbers:
        raise TrackerError(f"{slug} has no vehicle {vehicle!r}. `tracker devices` lists them.")
    leaving = {row.name for row in owners.devices if owners.now(row.name) == vehicle}
    # First, so that nothing comes in behind the overwriting.
    raised = [replace(row, generation=row.generation + 1) for row in owners.devices if row.name in leaving]
    await journal.set_devices(slug, raised)

    def of_vehicle(record: Record) -> bool:
        body = record.body
        if isinstance(body, Ping):
            return body.device is not None and owners.at(body.device, body.fix_time_ms or 0) == vehicle
        if isinstance(body, Calibration):
            return body.device in leaving
        return tells_of(record, vehicle)

    count = await journal.care.blank_records(slug, of_vehicle, Blank.ERASED)
    spoke_for_it = [row.name for row in owners.devices if row.name in leaving or vehicle in owners.ever(row.name)]
    for device in (*spoke_for_it, NOBODY):
        await journal.care.forget_refusals(slug, device)
    await note(journal, slug, Blank.ERASED, vehicle=vehicle, records=count)
    return count


async def note(journal: Home, slug: str, why: Blank, **facts: str | int) -> None:
    """Journal that records were made blank: whoever remembers them hears of it."""
    _, stored_at_ms = await journal.head(slug)
    await journal.append(slug, [Entry(RecordKind.DECISION, {"decision": why.value, **facts})], stored_at_ms)


def tells_of(record: Record, vehicle: str) -> bool:
    """Whether an alert, a note or a sighting says where a vehicle was, or what happened to it."""
    body = record.body
    if not isinstance(body, dict) or body.get("vehicle") != vehicle:
        return False
    return record.kind is RecordKind.ALERT or body.get("decision") in (DecisionKind.NOTE, DecisionKind.SIGHTING)


class Owners:
    """Which vehicle a device was in and when: by the roster, by swaps, and for one that left the roster by its row."""

    def __init__(self, tour: Tour, devices: Sequence[DeviceRow], records: Sequence[Record]) -> None:
        self.devices = devices
        self._vehicles = [vehicle.number for vehicle in tour.vehicles]
        self._rows = {row.name: row.vehicle for row in devices}
        self.numbers = {*self._vehicles, *self._rows.values()}
        self._decided = Decided(tour)
        self._errors_ms: dict[str, int] = {}
        for record in records:
            if isinstance(record.body, Calibration):
                self._errors_ms[record.body.device] = record.body.error_ms
            elif isinstance(record.body, dict):
                self._decided.note(record)

    @classmethod
    async def of(cls, journal: Home, slug: str) -> Owners:
        _, document = await journal.tour_document(slug)
        facts = []
        seq = 0
        while page := await journal.read(slug, seq):
            facts += [record for record in page if not isinstance(record.body, Ping)]
            seq = page[-1].seq
        return cls(tour_from_document(document), await journal.devices(slug), facts)

    def at(self, device: str, fix_time_ms: int) -> str | None:
        """The number of the vehicle that a device was in when its clock said so."""
        try:
            time_ms = fix_time_ms - self._errors_ms.get(device, 0)
            return self._vehicles[self._decided.assignments.vehicle_of(device, time_ms)]
        except KeyError:
            return self._rows.get(device)

    def ever(self, device: str) -> list[str]:
        """Every vehicle that a device has been in, the present one last."""
        try:
            return [self._vehicles[vehicle] for vehicle in self._decided.assignments.vehicles_of(device)]
        except KeyError:
            return [self._rows[device]]

    def now(self, device: str) -> str:
        return self.ever(device)[-1]


async def thin(journal: Home, slug: str, every_s: int) -> int:
    """Blank the pings between the kept ones."""
    count = await journal.care.blank_records(slug, _between(every_s * 1000), Blank.THINNED)
    await note(journal, slug, Blank.THINNED, every_s=every_s, records=count)
    return count


def _between(every_ms: int) -> Callable[[Record], bool]:
    """Whether a ping lies in a stretch of its device from which another one is kept."""
    kept: set[tuple[str, int]] = set()

    def between(record: Record) -> bool:
        ping = record.body
        if not isinstance(ping, Ping) or ping.sos or ping.event is not None or ping.fix_time_ms is None:
            return False
        stretch = (ping.device or "", ping.fix_time_ms // every_ms)
        if stretch in kept:
            return True
        kept.add(stretch)
        return False

    return between
