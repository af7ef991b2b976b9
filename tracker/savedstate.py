"""An engine's state on disk, so that a restart folds minutes of pings and not days: a cache that may vanish any time.

A file is used only if every byte of it is as written (SHA-256), the code and the tour are the same, and the journal
still holds the very record that it ends with. Otherwise it is left alone, and the engine folds the journal anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import tracker
from tracker.core.engine import Engine
from tracker.core.model import Record, Tour
from tracker.errors import StoreError
from tracker.frozen import Beside, frozen, thawed
from tracker.journal.contract import Journal
from tracker.journal.records import Blank
from tracker.wire.tourdocument import tour_document

log = logging.getLogger(__name__)

KEEP_RECORDS = 5_000  # a restart folds about so many, in half a second
KEEP_S = 60.0
# What decides about content and form.
CODE = ("core/*.py", "core/alerts/*.py", "journal/records.py", "frozen.py", "savedstate.py")
FORGETTING = (Blank.ERASED.value, Blank.THINNED.value)  # decisions after which a state knows too much

_SUM_BYTES = hashlib.sha256().digest_size


class Unusable(Exception):
    """There is no state that fits; the sentence says why."""


def state_path(data: Path, slug: str, *, late: bool = False) -> Path:
    """Where the state of a tour's engine is kept, or of the one that is late on purpose."""
    return data / f"engine-{slug}{'.late' if late else ''}.state"


class KnowsTooMuch(Unusable):
    """It remembers what was erased since."""


class SavedState:
    """The saved state of one tour's engine."""

    def __init__(self, path: Path, tour: Tour) -> None:
        self._path = path
        self._slug = tour.slug
        self._made_by = {"code": code_hash(), "tour": hashlib.sha256(tour_document(tour)).hexdigest()}
        self._kept_at = time.monotonic()
        self._position = 0
        self._writing: asyncio.Task[None] | None = None

    async def resume(self, engine: Engine, journal: Journal) -> tuple[Record, Beside] | None:
        """Bring a new engine into the saved state: the record that it ends with, or None if it stays new."""
        try:
            position, mark, parts = await asyncio.to_thread(self._read)
            last = await _marked(journal, self._slug, position, mark)
            await _nothing_was_erased(journal, self._slug, position)
        except (Unusable, StoreError) as why:
            log.info("engine %s: no saved state is used: %s", self._slug, why)
            if isinstance(why, KnowsTooMuch):
                self._path.unlink(missing_ok=True)
            return None
        thawing = thawed(engine, parts)
        beside = next(thawing)
        for _ in thawing:
            await asyncio.sleep(0)
        self._position = position
        log.info("engine %s: goes on from its saved state at record %d", self._slug, position)
        return last, beside

    async def keep_now_and_then(self, engine: Engine, beside: Beside, last: Record | None) -> None:
        """Keep the state if there is enough that is new in it."""
        if engine.position - self._position < KEEP_RECORDS or time.monotonic() - self._kept_at < KEEP_S:
            return
        if self._writing is None or self._writing.done():
            await self._keep(engine, beside, last)

    async def close(self, engine: Engine, beside: Beside, last: Record | None) -> None:
        """Keep what is new, and return once it is written."""
        if self._writing is not None:
            await self._writing
        if engine.position > self._position:
            await self._keep(engine, beside, last)
        if self._writing is not None:
            await self._writing

    async def _keep(self, engine: Engine, beside: Beside, last: Record | None) -> None:
        """Take the state in slices, while nobody touches the engine; a thread writes it."""
        if last is None:
            return
        self._kept_at = time.monotonic()
        parts = []
        for part in frozen(engine, beside):
            parts.append(part)
            await asyncio.sleep(0)
        self._position = engine.position  # not before: who is cancelled on the way has kept nothing
        self._writing = asyncio.create_task(self._write(last, parts))

    async def _write(self, last: Record, parts: Sequence[bytes]) -> None:
        try:
            await asyncio.to_thread(self._replace, last, parts)
        except OSError as error:
            log.warning("engine %s: its state cannot be saved: %s", self._slug, error)

    def _replace(self, last: Record, parts: Sequence[bytes]) -> None:
        ends = {"position": last.seq, "record": fingerprint(last), "lengths": [len(part) for part in parts]}
        checksum = hashlib.sha256()
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.draft")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                for part in (json.dumps(self._made_by | ends).encode() + b"\n", *parts):
                    checksum.update(part)
                    file.write(part)
                file.write(checksum.digest())
            draft.replace(self._path)  # not flushed: what a power cut leaves of it is found out by its sum
        finally:
            draft.unlink(missing_ok=True)

    def _read(self) -> tuple[int, str, list[bytes]]:
        """Position, fingerprint of its record, and the parts."""
        try:
            content = memoryview(self._path.read_bytes())
        except FileNotFoundError:
            raise Unusable("there is none") from None
        except OSError as error:
            raise Unusable(f"{self._path} cannot be read: {error.strerror}") from None
        whole, checksum = content[:-_SUM_BYTES], content[-_SUM_BYTES:]
        if hashlib.sha256(whole).digest() != checksum:
            raise Unusable(f"{self._path} is damaged")
        first, _, _ = bytes(whole[:65_536]).partition(b"\n")
        header = json.loads(first)
        for what, known in self._made_by.items():
            if header[what] != known:
                raise Unusable(f"it was made with another {what}")
        parts = []
        at = len(first) + 1
        for length in header["lengths"]:
            parts.append(bytes(whole[at : at + length]))
            at += length
        return header["position"], header["record"], parts


async def _marked(journal: Journal, slug: str, position: int, mark: str) -> Record:
    """The journal's record at a position, if it is the one that the mark was taken from."""
    for record in await journal.read(slug, position - 1, 1):
        if fingerprint(record) == mark:
            return record
    raise Unusable("it was made from another journal")


async def _nothing_was_erased(journal: Journal, slug: str, since: int) -> None:
    """Erasing deletes only the files that it can reach: another machine's may remember what is gone."""
    while page := await journal.read(slug, since):
        if any(isinstance(record.body, dict) and record.body.get("decision") in FORGETTING for record in page):
            raise KnowsTooMuch("records were erased or thinned out since")
        since = page[-1].seq


def fingerprint(record: Record) -> str:
    """What tells a journal's record from any other one with its number."""
    return hashlib.sha256(repr(record).encode()).hexdigest()


def code_hash() -> str:
    """SHA-256 over everything that a state depends on beside its inputs."""
    sha = hashlib.sha256(sys.version.encode())
    package = Path(tracker.__file__).parent
    for path in sorted(path for pattern in CODE for path in package.glob(pattern)):
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()
