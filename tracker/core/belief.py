"""Which pings of a vehicle are believed: one phone at a time, and nothing that outruns the road. Pure.

A fold state of its own, `Belief`, so that the matcher sees one plausible sequence of fixes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker.core.fixes import Fix
from tracker.core.motion import Motion, accuracy_of, distance_between_m, motion_between

HAND_OVER_S = 25.0  # so long the leading device may be silent before another takes over
HAND_OVER_RHYTHMS = 2.5
POOR_M = 25.0
CONFIRM = 3  # fixes that agree with each other against what was believed before
CONFIRM_SPARSE = 2  # the same for fixes more than GAP_S apart
CONFIRM_S = 20.0
LIES_ENOUGH = 3
LIES_MOST = 6
GAP_S = 60.0
BASELINE_S = 8.0  # over less than this, noise is more than the way driven
LEAP_M = 300.0  # somewhere else after a gap, and standing there
FASTEST_MPS = 55.0
POOREST_M = 100.0  # a place from cell towers, say: not taken where a good one is recent
POOREST_AFTER_S = 1800.0


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed so far: the last fix, the leading device with its rhythm, and a doubted run of fixes.

    `base` and `next_base` are earlier fixes; what is driven is measured from the first, at least BASELINE_S ago.
    """

    last: Fix | None = None
    base: Fix | None = None
    next_base: Fix | None = None
    device: int = -1
    rhythm_s: float = 10.0
    lies: int = 0  # how often of late the reported speeds had nothing to do with the places
    doubted: Fix | None = None
    doubts: int = 0
    doubted_since_ms: int = 0


def believe(belief: Belief, fix: Fix) -> tuple[Belief, Motion | None]:
    """The next belief, and the motion up to this fix, or None where the fix is not to be used (for now)."""
    last = belief.last
    if last is None:
        return replace(belief, last=fix, base=fix, next_base=fix, device=fix.device), motion_between(
            None, None, fix, 0.0
        )
    dt_s = (fix.time_ms - last.time_ms) / 1000.0
    if dt_s <= 0.0:
        return belief, None  # one place per instant: the order has put the better fix first
    if fix.device != belief.device and not _hands_over(belief, last, fix, dt_s):
        return belief, None
    if accuracy_of(fix) > POOREST_M >= accuracy_of(last) and dt_s < POOREST_AFTER_S:
        return belief, None
    moved_m = distance_between_m(last, fix)
    if _plausible(last, fix, moved_m, dt_s):
        rhythm_s = belief.rhythm_s
        if fix.device == belief.device and dt_s < 600.0:
            rhythm_s += 0.1 * (min(dt_s, 4.0 * rhythm_s) - rhythm_s)
        lies = belief.lies
        if dt_s < GAP_S and moved_m > 60.0 + 2.0 * accuracy_of(fix):
            lies = min(lies + 1, LIES_MOST) if _lies(last, fix, moved_m / dt_s) else max(lies - 1, 0)
        base, next_base = belief.base, belief.next_base
        if next_base is None or fix.time_ms - next_base.time_ms >= BASELINE_S * 1000:
            base, next_base = next_base, fix
        motion = motion_between(last, base or last, fix, moved_m, lies < LIES_ENOUGH)
        return Belief(fix, base, next_base, fix.device, rhythm_s, lies), motion
    doubted = belief.doubted
    if doubted is not None and fix.time_ms > doubted.time_ms:
        apart_m = distance_between_m(doubted, fix)
        if _plausible(doubted, fix, apart_m, (fix.time_ms - doubted.time_ms) / 1000.0):
            doubts = belief.doubts + 1
            enough = CONFIRM if fix.time_ms - doubted.time_ms < GAP_S * 1000 else CONFIRM_SPARSE
            if doubts >= enough and fix.time_ms - belief.doubted_since_ms >= CONFIRM_S * 1000:
                motion = motion_between(doubted, doubted, fix, apart_m)
                return Belief(fix, doubted, fix, fix.device, belief.rhythm_s, belief.lies), motion
            return replace(belief, doubted=fix, doubts=doubts), None
    return replace(belief, doubted=fix, doubts=1, doubted_since_ms=fix.time_ms), None


def _hands_over(belief: Belief, last: Fix, fix: Fix, dt_s: float) -> bool:
    """Whether another device may take the lead: the leader is silent, or poor where the other is good."""
    if dt_s > max(HAND_OVER_S, HAND_OVER_RHYTHMS * belief.rhythm_s):
        return True
    leader_m, other_m = accuracy_of(last), accuracy_of(fix)
    return leader_m > POOR_M and other_m < 0.5 * leader_m


def _plausible(last: Fix, fix: Fix, moved_m: float, dt_s: float) -> bool:
    slack_m = 60.0 + 3.0 * (min(accuracy_of(last), POOREST_M) + min(accuracy_of(fix), POOREST_M))
    if dt_s > GAP_S:
        if moved_m > slack_m + LEAP_M and not fix.speed_mps > 1.0:
            return False  # parked elsewhere, or an outlier: the next fix will say
        return moved_m <= slack_m + FASTEST_MPS * dt_s
    faster = max(last.speed_mps, fix.speed_mps)
    if faster != faster:
        faster = 30.0
    return moved_m <= slack_m + (1.6 * faster + 0.25 * dt_s) * dt_s


def _lies(last: Fix, fix: Fix, straight_mps: float) -> bool:
    """Whether the reported speeds cannot be: slower than the way as the crow flies, or twice as fast."""
    slower, faster = min(last.speed_mps, fix.speed_mps), max(last.speed_mps, fix.speed_mps)
    return straight_mps > 1.5 * faster + 1.0 or (slower > 8.0 and straight_mps < 0.4 * slower)
