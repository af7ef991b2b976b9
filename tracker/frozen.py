"""An engine as bytes and back: pickled in parts, one per vehicle, so that nobody waits for the whole. Pure.

Nodes of the hypothesis tree are pickled as numbers of a table beside the rest: their chains of parents would be
followed to the first day. What is read back may name only the classes of `tracker.core` and a few plain containers,
so that a pickle from elsewhere can run nothing.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from tracker.core.calibration import Calibrator
from tracker.core.engine import Engine
from tracker.core.hypothesis import Node
from tracker.core.legs import LegRules
from tracker.core.model import Calibration

# What is known of devices' clocks, what of it is due to be journalled, and the state of the alerts' desk.
Beside = tuple[Calibrator, dict[str, Calibration], dict[str, Any]]

_CONTAINERS = {("array", "array"), ("array", "_array_reconstructor"), ("collections", "deque"), ("builtins", "set")}
_RULES = -1  # stands for the tour's own rules
_NODE_VALUES = attrgetter(*Node.__slots__[1:])  # all but the parent


def frozen(engine: Engine, beside: Beside) -> Iterator[bytes]:
    """The parts, each of some milliseconds; nothing may touch the engine until the last one is taken."""
    yield pickle.dumps((engine.state(), beside), pickle.HIGHEST_PROTOCOL)
    for track in engine.tracks:
        floor, state = track.state()
        yield _freeze(state, floor)


def thawed(engine: Engine, parts: Sequence[bytes]) -> Iterator[Beside]:
    """Bring a new engine of the same tour into a frozen one's state; yields after each part, lest the loop wait."""
    state, beside = _Reader(parts[0], engine.rules).load()
    engine.restore(state)
    yield beside
    for track, part in zip(engine.tracks, parts[1:], strict=True):
        track.restore(_thaw(part, engine.rules))
        yield beside


class _Writer(pickle.Pickler):
    """Writes nodes as numbers, in the order in which they turn up, and leaves the tour's rules out."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.nodes: list[Node] = []
        self.numbers: dict[Node, int] = {}

    def persistent_id(self, value: object) -> int | None:
        if type(value) is Node:
            return self.number(value)
        return _RULES if type(value) is LegRules else None

    def number(self, node: Node) -> int:
        number = self.numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number


class _Reader(pickle.Unpickler):
    def __init__(self, part: bytes, rules: LegRules, nodes: Sequence[Node] = ()) -> None:
        super().__init__(io.BytesIO(part))
        self._rules = rules
        self._nodes = nodes

    def persistent_load(self, number: int) -> object:
        return self._rules if number == _RULES else self._nodes[number]

    def find_class(self, module: str, name: str) -> object:
        if module.startswith("tracker.core.") or (module, name) in _CONTAINERS:
            found = super().find_class(module, name)
            if isinstance(found, type) or module == "array":
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a saved state")


def _freeze(state: object, floor: int) -> bytes:
    """A vehicle's state behind the table of its nodes, whose parents are known back to the fix number `floor`."""
    file = io.BytesIO()
    writer = _Writer(file)
    writer.dump(state)
    rows: list[tuple[int | None, tuple[object, ...]]] = []
    for node in writer.nodes:  # grows on the way
        parent = node.parent
        if parent is not None and parent.index < floor and parent not in writer.numbers:
            parent = None
        rows.append((None if parent is None else writer.number(parent), _NODE_VALUES(node)))
    return pickle.dumps((rows, file.getvalue()), pickle.HIGHEST_PROTOCOL)


def _thaw(part: bytes, rules: LegRules) -> dict[str, Any]:
    rows, state = _Reader(part, rules).load()
    nodes = [Node(None, *values) for _, values in rows]
    for node, (parent, _) in zip(nodes, rows, strict=True):
        node.parent = None if parent is None else nodes[parent]
    found: dict[str, Any] = _Reader(state, rules, nodes).load()
    return found
