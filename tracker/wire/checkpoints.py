"""The checkpoints of a leg, from tour.toml or from the course file's waypoints, held against the course."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tracker.core.course import Course
from tracker.core.course_index import Candidate
from tracker.core.model import Checkpoint, CheckpointKind
from tracker.wire.checkpointplan import CheckpointPlan, checkpoint_kind, is_checkpoint_id, suggest_checkpoint_kind
from tracker.wire.gpx import Waypoint
from tracker.wire.problems import ProblemList, fault_of_name, quoted
from tracker.wire.tourtoml import LegPlan
from tracker.wire.waypoints import CourseSearch, place_in_order
from tracker.wire.whereabouts import FAR_AWAY_M, distance_words

BEYOND_END_M = 1.0  # rounding of the organiser's figures, not a mistake
MAX_PASSES = 50  # of one waypoint; a recorder that stands still draws a ball of wool
NEAR_END_M = 500.0  # a start or finish belongs this near to its end of the line


def checkpoints_of(
    leg_number: int,
    plan: LegPlan,
    course: Course,
    waypoints: Sequence[Waypoint],
    toml_problems: ProblemList,
    gpx_problems: ProblemList,
) -> tuple[Checkpoint, ...]:
    """The leg's checkpoints in passing order; problems go to the list of the file in which they are mended."""
    if plan.checkpoints is not None:
        _judge_far_waypoints(course, waypoints, gpx_problems)
        plans, problems = plan.checkpoints, toml_problems
    elif waypoints:
        placed = _plans_from_waypoints(leg_number, course, waypoints, gpx_problems)
        if placed is None:
            return ()
        plans, problems = placed, gpx_problems
    else:
        mend = (
            f'List them in tour.toml, at least {{ id = "L{leg_number}-00", name = "…", kind = "start", along_m = 0 }} '
            f'and {{ id = "L{leg_number}-99", name = "…", kind = "finish", along_m = {int(course.length_m)} }}'
        )
        toml_problems.fatal(plan.line, f"leg {leg_number} has no checkpoints, not even a start and a finish", mend)
        return ()
    _judge_sequence(plans, course, plan.line if plan.checkpoints is not None else None, problems)
    return tuple(Checkpoint(one.id, one.name, one.kind, min(one.along_m, course.length_m), one.halt_s) for one in plans)


def _judge_sequence(plans: Sequence[CheckpointPlan], course: Course, line: int | None, problems: ProblemList) -> None:
    length_m = course.length_m
    if not plans or plans[0].kind is not CheckpointKind.START:
        at = plans[0].line if plans else line
        problems.fatal(at, "the first checkpoint is not the start", 'Begin the leg with one of kind "start"')
    if not plans or plans[-1].kind is not CheckpointKind.FINISH:
        at = plans[-1].line if plans else line
        problems.fatal(at, "the last checkpoint is not the finish", 'End the leg with one of kind "finish"')
    for one in plans[1:-1]:
        if one.kind in (CheckpointKind.START, CheckpointKind.FINISH):
            mend = "A leg has one start and one finish: give it another kind, or make two legs"
            problems.fatal(one.line, f"a {one.kind.value} in the middle of the leg: {quoted(one.name)}", mend)
    first_line: dict[str, int | None] = {}
    for one in plans:
        if one.id in first_line:
            mend = f"Line {first_line[one.id]} has it already: every checkpoint of the tour has its own id"
            problems.fatal(one.line, f"double checkpoint id {quoted(one.id)}", mend)
        first_line[one.id] = one.line
        if one.along_m > length_m + BEYOND_END_M:
            what = f"along_m = {one.along_m:.1f} is not on the course, which is {length_m:.1f} m long"
            problems.fatal(one.line, what, f"Write at most {int(length_m)}")
    for last, one in pairwise(plans):
        if one.along_m <= last.along_m:
            what = f"along_m = {one.along_m:.1f} is not beyond the checkpoint before it ({last.along_m:.1f})"
            problems.fatal(one.line, what, "List checkpoints in passing order, each further along than the last")
    if plans and plans[0].kind is CheckpointKind.START and plans[0].along_m > NEAR_END_M:
        what = f"the start is {plans[0].along_m:.0f} m after the beginning of the course"
        problems.warn(plans[0].line, what, "Is the piece before it driven?")
    if plans and plans[-1].kind is CheckpointKind.FINISH and plans[-1].along_m < length_m - NEAR_END_M:
        what = f"the finish is {length_m - plans[-1].along_m:.0f} m before the end of the course"
        problems.warn(plans[-1].line, what, "Is the piece after it driven?")


def _judge_far_waypoints(course: Course, waypoints: Sequence[Waypoint], problems: ProblemList) -> None:
    """Waypoints that are not used still tell whether lat and lon of the line are the right way round."""
    search = CourseSearch(course)
    for waypoint in waypoints:
        if search.nearest_vertex_m(waypoint.lat, waypoint.lon) > FAR_AWAY_M:
            problems.fatal(waypoint.line, *_not_on_course(search, waypoint))


def _not_on_course(search: CourseSearch, waypoint: Waypoint) -> tuple[str, str]:
    apart_m = search.nearest_vertex_m(waypoint.lat, waypoint.lon)
    what = f"waypoint {quoted(waypoint.name)} is not on the course, its nearest point is {distance_words(apart_m)} away"
    could_be_swapped = apart_m > FAR_AWAY_M and abs(waypoint.lon) <= 90
    if could_be_swapped and search.nearest_vertex_m(waypoint.lon, waypoint.lat) < FAR_AWAY_M:
        return what, "lat and lon look swapped, of the track or of the waypoint: exchange them"
    return what, "Move it onto the road, delete it, or correct the track"


def _plans_from_waypoints(
    leg_number: int, course: Course, waypoints: Sequence[Waypoint], problems: ProblemList
) -> tuple[CheckpointPlan, ...] | None:
    before = problems.fatal_count
    named = [_read_waypoint(leg_number, index, waypoints, problems) for index in range(len(waypoints))]
    search = CourseSearch(course)
    passes: list[list[Candidate]] = []
    for waypoint, one in zip(waypoints, named, strict=True):
        options = search.passes(waypoint.lat, waypoint.lon)
        if not options:
            problems.fatal(waypoint.line, *_not_on_course(search, waypoint))
        if len(options) > MAX_PASSES:
            what = f"the course comes by waypoint {quoted(waypoint.name)} more than {MAX_PASSES} times"
            problems.fatal(waypoint.line, what, "Remove what the recorder drew while it stood still")
            return None
        passes.append(_at_its_end(one, options, course.length_m))
    if problems.fatal_count > before:
        return None
    placements = place_in_order(passes)
    if placements is None:
        _report_disorder(waypoints, passes, problems)
        return None
    out: list[CheckpointPlan] = []
    for waypoint, one, placement in zip(waypoints, named, placements, strict=True):
        if one is None:
            continue
        if placement.other_along_m is not None:
            what = (
                f"the course comes by waypoint {quoted(waypoint.name)} more than once: at {placement.along_m:.0f} m "
                f"(taken) and at {placement.other_along_m:.0f} m"
            )
            problems.warn(waypoint.line, what, "If that is wrong, list the leg's checkpoints with along_m in tour.toml")
        identifier, name, kind = one
        out.append(CheckpointPlan(identifier, name, kind, placement.along_m, 0, waypoint.line))
    return tuple(out)


def _read_waypoint(
    leg_number: int, index: int, waypoints: Sequence[Waypoint], problems: ProblemList
) -> tuple[str, str, CheckpointKind] | None:
    """Id, name and kind of a waypoint; what is not written follows from its place in the order."""
    waypoint = waypoints[index]
    if waypoint.kind:
        kind = checkpoint_kind(waypoint.kind)
        if kind is None:
            what = f"unknown kind of checkpoint {quoted(waypoint.kind)} (type of waypoint {quoted(waypoint.name)})"
            problems.fatal(waypoint.line, what, suggest_checkpoint_kind(waypoint.kind))
            return None
    elif index == 0:
        kind = CheckpointKind.START
    else:
        kind = CheckpointKind.FINISH if index == len(waypoints) - 1 else CheckpointKind.PASSAGE_CONTROL
    name = " ".join(waypoint.name.split()) or f"Checkpoint {index}"
    if (fault := fault_of_name(name)) is not None:
        problems.fatal(waypoint.line, f"the waypoint's name {fault}", "Shorten it or type it again")
        return None
    if is_checkpoint_id(waypoint.id):
        return waypoint.id, name, kind
    identifier = f"L{leg_number}-{index:02d}"
    mend = f"Write <cmt>{identifier}</cmt>: an id that stays when other waypoints come or go"
    problems.warn(waypoint.line, f"waypoint {quoted(waypoint.name)} has no id", mend)
    return identifier, name, kind


def _at_its_end(
    one: tuple[str, str, CheckpointKind] | None, options: list[Candidate], length_m: float
) -> list[Candidate]:
    """A start or finish is passed at its end of the line, however often the course comes by."""
    if one is not None and one[2] is CheckpointKind.START:
        return [option for option in options if option.along_m <= NEAR_END_M] or options
    if one is not None and one[2] is CheckpointKind.FINISH:
        return [option for option in options if option.along_m >= length_m - NEAR_END_M] or options
    return options


def _report_disorder(
    waypoints: Sequence[Waypoint], passes: Sequence[Sequence[Candidate]], problems: ProblemList
) -> None:
    """Name the first waypoint that cannot come after those before it."""
    for count in range(1, len(passes) + 1):
        if place_in_order(passes[:count]) is None:
            what = f"waypoint {quoted(waypoints[count - 1].name)} comes before the one listed before it"
            mend = "Put the waypoints into passing order; each lies further along the course than the last"
            problems.fatal(waypoints[count - 1].line, what, mend)
            return
