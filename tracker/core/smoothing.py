"""Where exactly was it in between? Smoothing the filtered places and interpolating times at a place. Pure.

The filter's backward pass (Rauch, Tung & Striebel 1965) over a few fixes, then the cubic that has the right places and
speeds at both ends (Hermite).
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.core.hypothesis import Node

CUBIC_UP_TO_S = 30.0


def smoothed_m(run: Sequence[Node]) -> list[float]:
    """Places along the course of successive nodes, each knowing of the later ones."""
    out = [node.along_m for node in run]
    for i in range(len(run) - 2, -1, -1):
        node, after = run[i], run[i + 1]
        predicted_m2 = node.variance_m2 + after.step_variance_m2
        if after.step_variance_m2 <= 0.0:
            continue
        gain = node.variance_m2 / predicted_m2
        out[i] += gain * (out[i + 1] - node.along_m - after.step_m)
    return out


def speeds_mps(run: Sequence[Node], places_m: Sequence[float]) -> list[float]:
    """Speeds at successive nodes: the device's, or else from the places before and after."""
    out = []
    last = len(run) - 1
    for i, node in enumerate(run):
        before, after = max(i - 1, 0), min(i + 1, last)
        dt_ms = run[after].time_ms - run[before].time_ms
        if node.speed_told or dt_ms <= 0:
            out.append(node.speed_mps)
        else:
            out.append(max(1000.0 * (places_m[after] - places_m[before]) / dt_ms, 0.0))
    return out


def time_at_ms(place_m: float, a: Node, b: Node, a_m: float, b_m: float, a_mps: float, b_mps: float) -> float:
    """When it was at `place_m` between two nodes, given places (a_m < place_m <= b_m) and speeds at both."""
    dt_ms = b.time_ms - a.time_ms
    dt_s = dt_ms / 1000.0
    distance_m = b_m - a_m
    wanted = (place_m - a_m) / distance_m
    if dt_s > CUBIC_UP_TO_S:
        return a.time_ms + wanted * dt_ms
    start = min(a_mps * dt_s / distance_m, 3.0)  # slopes of a monotone cubic (Fritsch & Carlson 1980)
    end = min(b_mps * dt_s / distance_m, 3.0)
    low, high = 0.0, 1.0
    for _ in range(20):
        f = 0.5 * (low + high)
        reached = f * (start + f * (3.0 - 2.0 * start - end + f * (start + end - 2.0)))
        if reached < wanted:
            low = f
        else:
            high = f
    return a.time_ms + 0.5 * (low + high) * dt_ms
