"""`tracker scrub`: verify every stored record, and say how large the journal is."""

from __future__ import annotations

import argparse
import asyncio
import os
from contextlib import ExitStack

from tracker.clock import SystemClock
from tracker.commands.options import add_settings
from tracker.commands.progress import progress_bar
from tracker.errors import SettingsError
from tracker.homes import open_existing
from tracker.journal.contract import Home
from tracker.journal.scrub import Findings, scrub, told
from tracker.process import alone_in
from tracker.settings import Settings


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "scrub", help="verify every stored record; mend what is damaged; say how large it is"
    )
    add_settings(parser, "data", "database")
    parser.add_argument("--accept", action="store_true", help="the damage that was told is known: /readyz may be green")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 if all is sound, 1 if damage was found or is still to be accepted."""
    return asyncio.run(verify(Settings.read(os.environ, vars(args)), accept=args.accept))


async def verify(settings: Settings, *, accept: bool) -> int:
    draw = progress_bar()
    journal = await open_existing(settings)
    try:
        findings = await scrub(journal, lambda _tour, seq, newest: draw(seq / newest))
        draw(1.0)
        if not findings.sound:
            await _mend(journal, settings, findings)
        damage = await journal.care.damage()
        for each in damage:
            print(told(each))
        await _print_sizes(journal, findings)
        if accept:
            await journal.care.accept_damage()
        return 1 if not findings.sound or (damage and not accept) else 0
    finally:
        await journal.close()


async def _mend(journal: Home, settings: Settings, findings: Findings) -> None:
    for line in findings.structure:
        print(f"the file is damaged: {line}")
    with ExitStack() as stack:
        if settings.database is None:
            try:
                stack.enter_context(alone_in(settings.data))
            except SettingsError:
                for tour, ranges in findings.damage.items():
                    for first, last in ranges:
                        print(f"{tour}: trouble in records {first} to {last}; the server mends it at its next start")
                return
        await journal.care.mend(findings.damage, SystemClock().now_ms())
        print("mended")


async def _print_sizes(journal: Home, findings: Findings) -> None:
    for tour, newest in findings.newest.items():
        print(f"{tour}: {newest:,} records verified")
    records, size_bytes = sum(findings.newest.values()), await journal.care.size_bytes()
    each = f", {size_bytes / records:.0f} bytes a record with its indices" if records else ""
    print(f"{size_bytes / 1e6:,.1f} MB on disk{each}")
