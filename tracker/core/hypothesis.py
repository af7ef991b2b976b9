"""What a vehicle may be doing, as nodes of a tree: each fix adds a node to every hypothesis that survives it.

The live answer is the cheapest leaf. The parents lead back along the best path, which later evidence may have changed.
"""

from __future__ import annotations

from dataclasses import dataclass

# Modes are plain integers: they are compared a million times in a replay.
WAITING = 0  # before the start of the leg, wherever that is
ON = 1  # on the course at along_m, driving it forwards (way +1) or backwards (way -1)
OFF = 2  # off the course since left_ms, having left it at along_m
FINISHED = 3

UNKNOWN_M = -1.0  # along_m of a vehicle that is off a course it has not been on


@dataclass(slots=True, eq=False)
class Node:
    """One hypothesis after one fix.

    `cost` is a negative log likelihood. `used` is False where the hypothesis holds the fix for an outlier; then
    everything but the cost is as it was. `variance_m2` belongs to the filtered `along_m`; `step_m` and
    `step_variance_m2` say how far the speeds had it move since the parent, for the smoother.
    """

    parent: Node | None
    index: int  # of the fix that made it
    time_ms: int  # of the newest fix it uses
    cost: float
    mode: int
    leg: int
    way: int
    along_m: float
    variance_m2: float
    speed_mps: float
    offset_m: float
    step_m: float = 0.0
    step_variance_m2: float = 0.0
    used: bool = True
    speed_told: bool = True  # by the device; otherwise the mean since the fix before
    left_ms: int = 0  # OFF: when it left; its first fix off the course


def common_ancestor(leaves: list[Node], stop: Node | None) -> Node | None:
    """The newest node that all leaves descend from, or `stop` (a known common ancestor)."""
    first = leaves[0]
    if len(leaves) == 1:
        return first
    chains = []
    for leaf in leaves:
        chain = []
        node: Node | None = leaf
        while node is not None and node is not stop:
            chain.append(node)
            node = node.parent
        chain.reverse()
        chains.append(chain)
    found = stop
    for nodes in zip(*chains, strict=False):
        if any(node is not nodes[0] for node in nodes):
            break
        found = nodes[0]
    return found


def path_between(ancestor: Node | None, leaf: Node) -> list[Node]:
    """The nodes after `ancestor` up to and including `leaf`, oldest first."""
    path: list[Node] = []
    node: Node | None = leaf
    while node is not None and node is not ancestor:
        path.append(node)
        node = node.parent
    path.reverse()
    return path
