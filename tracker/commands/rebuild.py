"""`tracker rebuild`: the state of a tour from its journal, from nothing. Its digest is the live one's."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from tracker.commands.options import add_settings
from tracker.commands.progress import progress_bar
from tracker.core.engine import Engine
from tracker.errors import StoreDamaged
from tracker.homes import open_existing
from tracker.journal.contract import Home
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder
from tracker.wire.tourdocument import tour_from_document

READ_RECORDS = 1000
FOLD_STEPS = 10_000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("rebuild", help="fold the journal from nothing, and print the digest of the result")
    parser.add_argument(
        "folder", type=Path, nargs="?", help="only this folder's tour, in the version that was imported"
    )
    add_settings(parser, "data", "database")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """One JSON line a tour; 1 if records are damaged and the digest is of the others."""
    return asyncio.run(rebuild_all(args.folder, Settings.read(os.environ, vars(args))))


async def rebuild_all(folder: Path | None, settings: Settings) -> int:
    journal = await open_existing(settings)
    try:
        slugs = await journal.tours() if folder is None else [load_tour_folder(folder).slug]
        sound = [await rebuild(journal, slug) for slug in slugs]
    finally:
        await journal.close()
    return 0 if all(sound) else 1


async def rebuild(journal: Home, slug: str) -> bool:
    """Fold and print; False if some records were damaged."""
    draw = progress_bar()
    version, document = await journal.tour_document(slug)
    engine = Engine(tour_from_document(document))
    head, _ = await journal.head(slug)
    seq, sound = 0, True
    while seq < head:
        try:
            records = await journal.read(slug, seq, READ_RECORDS)
        except StoreDamaged as damaged:
            print(f"tracker rebuild: {damaged}", file=sys.stderr)
            seq, sound = damaged.last_seq, False
            continue
        if not records:
            break
        for record in records:
            engine.apply(record)
        while not engine.fold(FOLD_STEPS):
            pass
        seq = records[-1].seq
        draw(seq / head)
    draw(1.0)
    line = {"type": "digest", "tour": slug, "version": version, "records": seq, "sha256": engine.digest()}
    print(json.dumps(line), flush=True)
    return sound
