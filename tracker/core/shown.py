"""What is shown of a vehicle at one fix: the words and the place that a hypothesis stands for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracker.core.evidence import ON_COURSE_M
from tracker.core.halt import Anchor
from tracker.core.hypothesis import FINISHED, OFF, UNKNOWN_M, WAITING, Node
from tracker.core.model import Status

OFF_COURSE_AFTER_MS = 25_000


class Shown(NamedTuple):
    """A vehicle at a fix. `along_m` is -1 off the course."""

    time_ms: int
    lat_e7: int
    lon_e7: int
    leg: int
    along_m: int
    status: Status


def is_confirmed(off: Node) -> bool:
    """Whether a vehicle off the course has been so for long enough to say it."""
    return off.time_ms - off.left_ms >= OFF_COURSE_AFTER_MS


def status_at(node: Node, anchor: Anchor | None) -> Status:
    """What the vehicle does; `anchor` is where it may be standing."""
    if node.mode == FINISHED:
        return Status.FINISHED
    if node.mode == WAITING:
        return Status.WAITING
    far = not node.offset_m <= ON_COURSE_M
    if node.mode == OFF and far and is_confirmed(node):
        return Status.OFF_COURSE
    return Status.STOPPED if anchor is not None and anchor.standing else Status.RUNNING


def place_at_m(node: Node, status: Status, lengths_m: Sequence[float]) -> int:
    """Whole metres along the leg, -1 off the course."""
    if status is Status.OFF_COURSE or node.along_m == UNKNOWN_M:
        return -1
    if status is Status.WAITING:
        return 0
    return round(lengths_m[node.leg] if status is Status.FINISHED else node.along_m)
