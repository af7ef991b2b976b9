"""What a fix says for or against a place: negative log likelihoods, in nats.

The kernel is that of Newson & Krumm (2009) and of barefoot's online filter (position, bearing, and travel time between
candidates), on a line where the route distance is simply s' - s.
"""

from __future__ import annotations

import math

FASTEST_MPS = 55.0
ON_COURSE_M = 150.0  # farther from the line is off the course, by definition
DEFAULT_ACCURACY_M = 15.0
LINE_WIDTH_M = 10.0  # how far the drawn line may lie from the driven road without surprise
POSITION_CAP = 3.5

OUTLIER = 5.0  # a fix that the hypothesis does not believe
LYING_SPEED = 3.0  # a phone's speed that has nothing to do with how far it came
LEAVE = 5.0  # leaving the course: more than an outlier costs, less than two
ON_COURSE = 0.5  # being on the course at all; what stands waiting or has finished costs nothing
ALIKE_MOVING = 0.35  # weight of a fix's position: its error is much like the last one's
ALIKE_STANDING = 0.005
BACK_AGAIN_M = 400.0  # where exactly the course was left is not known
TURN_BACK = 9.0
TURN_FORTH = 2.0


def position_cost(offset_m: float, accuracy_m: float) -> float:
    """Distance from the line against the fix's accuracy; linear in the tail and capped, for roads drawn badly."""
    z2 = offset_m * offset_m / (accuracy_m * accuracy_m + LINE_WIDTH_M * LINE_WIDTH_M)
    cost = 0.5 * z2 if z2 < 4.0 else 2.0 * math.sqrt(z2) - 2.0
    return min(POSITION_CAP, cost)


def step_cost(surprise_m: float, variance_m2: float) -> float:
    """Speed x time against the distance along the course; linear in the tail."""
    z2 = surprise_m * surprise_m / variance_m2
    if z2 < 9.0:
        return 0.5 * z2
    return min(3.0 * math.sqrt(z2) - 4.5, 25.0)


def lying_speed_cost(difference_m: float, moved_m: float, noise_m2: float) -> float:
    """The step where the speeds are not believed: distance driven along the course (in the way of driving)
    against that between the fixes."""
    surprise_m = difference_m - moved_m
    return LYING_SPEED + step_cost(surprise_m, noise_m2 + 0.04 * moved_m * moved_m)


def off_cost(nearest_m: float) -> float:
    """Being off the course: cheap far from it (NaN: out of sight), dear where the course is underneath."""
    if not nearest_m <= ON_COURSE_M:
        return 1.5
    return 6.0 - 2.2 * nearest_m / ON_COURSE_M


def skip_cost(skipped_m: float, straight_m: float) -> float:
    """Coming back to the course `skipped_m` further along, `straight_m` from where it was left as the crow flies."""
    surprise = math.log((abs(skipped_m) + 300.0) / (straight_m + 300.0))
    cost = 2.5 + 2.5 * max(surprise, 0.0)
    return cost if skipped_m >= -BACK_AGAIN_M else cost + 3.5


def step_variance(dt_s: float, speed_mps: float, reported: bool) -> float:
    """Variance (m2) of the distance driven in dt, given the speeds at both ends."""
    sigma_m = min((0.05 if reported else 0.25) * dt_s * dt_s, 0.45 * (speed_mps + 3.0) * dt_s) + 0.1 * dt_s + 0.5
    return sigma_m * sigma_m
