"""A checkpoint as tour.toml lists it, and the words that are also used in GPX waypoints: ids and kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.core.model import CheckpointKind
from tracker.wire.problems import did_you_mean, quoted
from tracker.wire.tomltable import TomlTable

MAX_CHECKPOINTS = 200  # on one leg
MAX_ALONG_M = 5_000_000.0
MAX_HALT_MIN = 24 * 60

_KEYS = ("id", "name", "kind", "along_m", "halt_min")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_KINDS: Mapping[str, CheckpointKind] = {kind.value: kind for kind in CheckpointKind}


@dataclass(frozen=True, slots=True)
class CheckpointPlan:
    """A checkpoint as written, not yet held against the course."""

    id: str
    name: str
    kind: CheckpointKind
    along_m: float
    halt_s: int
    line: int | None


def read_checkpoint_plans(table: TomlTable) -> tuple[CheckpointPlan, ...] | None:
    """The checkpoints that a leg lists, or None if it lists none."""
    tables = table.tables("checkpoints")
    if not tables:
        return None
    if len(tables) > MAX_CHECKPOINTS:
        table.wrong("checkpoints", f"more than {MAX_CHECKPOINTS} checkpoints", "Leave the least important out")
        return None
    return tuple(plan for plan in map(_read_checkpoint, tables) if plan is not None)


def _read_checkpoint(table: TomlTable) -> CheckpointPlan | None:
    table.warn_of_unknown_keys(_KEYS)
    identifier = table.text("id", "L1-04")
    if identifier is not None and not is_checkpoint_id(identifier):
        table.wrong("id", f"id {quoted(identifier)} holds other characters than A-Z a-z 0-9 . _ -", 'Such as "L1-04"')
        identifier = None
    name = table.text("name", "Point Reyes Station")
    kind_word = table.text("kind", "passage control")
    kind = None if kind_word is None else checkpoint_kind(kind_word)
    if kind_word is not None and kind is None:
        table.wrong("kind", f"unknown kind of checkpoint {quoted(kind_word)}", suggest_checkpoint_kind(kind_word))
    along_m = table.number("along_m", 0.0, MAX_ALONG_M, "metres from the start of the line")
    halt_min = table.whole_number("halt_min", 0, MAX_HALT_MIN, "minutes", default=0)
    if identifier is None or name is None or kind is None or along_m is None or halt_min is None:
        return None
    return CheckpointPlan(identifier, name, kind, along_m, halt_min * 60, table.line())


def is_checkpoint_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def checkpoint_kind(word: str) -> CheckpointKind | None:
    """The kind that a word names, whatever its case and however its two words are joined."""
    return _KINDS.get(re.sub(r"[\s_-]+", " ", word.strip().casefold()))


def suggest_checkpoint_kind(word: str) -> str:
    return did_you_mean(word, _KINDS)
