"""What the alert desk says, and what it does not say, of days that can be checked by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.roads import SPEED_MPS, START_MS, STRAIGHT, drive, leg, stand, tour, travel
from tests.core.watching import at_once, between, told, watch
from tracker.core.geo import distance_m
from tracker.core.model import Ping, Tour

ROAD = leg(STRAIGHT)  # controls at 5, 10 and 15 km
COURSE = ROAD.course
CROSSING = (8_000.0, 0.0)  # at 8 and 16 km
LOOP = leg([(0.0, 0.0), CROSSING, (10_000.0, 0.0), (10_000.0, 2_000.0), (8_000.0, 2_000.0), CROSSING, (8_000.0, -6e3)])
MINUTE_MS = 60_000


def after_ms(along_m: float) -> int:
    """How long a car takes to a place."""
    return round(along_m / SPEED_MPS * 1000)


def with_stop(
    at_m: float, minutes: int, beside_m: float = 0.0, device: str = "1", begin_ms: int = START_MS
) -> list[Ping]:
    """A car drives the course and stands somewhere."""
    there_ms = begin_ms + after_ms(at_m)
    on_ms = there_ms + minutes * MINUTE_MS
    lat, lon = COURSE.point_at(at_m)
    standing = stand((lat + beside_m / 111_011.0, lon), there_ms + 10_000, minutes * 60 - 20, device)
    before = drive(COURSE, 0.0, at_m, START_MS, device)
    return before + standing + drive(COURSE, at_m, None, on_ms, device)


def field(cars: int) -> list[Ping]:
    """Cars that drive one after the other, a minute apart."""
    return [p for k in range(cars) for p in drive(COURSE, 0.0, None, START_MS + k * MINUTE_MS, str(k + 1))]


def test_a_car_that_breaks_down_is_told_within_nine_minutes_where_it_stands() -> None:
    stop_ms = START_MS + after_ms(7_500)
    raised, cleared = watch(tour(ROAD), at_once(with_stop(7_500, 20)))
    assert told([raised, cleared]) == [("stopped-1-1", "raised"), ("stopped-1-1", "cleared")]
    assert raised.at_ms - stop_ms <= 9 * MINUTE_MS
    there = raised.finding.place
    assert distance_m(there.lat or 0.0, there.lon or 0.0, *COURSE.point_at(7_500)) <= 50.0
    assert cleared.at_ms - (stop_ms + 20 * MINUTE_MS) <= MINUTE_MS


def lost(pings: list[Ping], from_ms: int, to_ms: int) -> list[Ping]:
    """The same without the fixes between two times."""
    return [ping for ping in pings if not from_ms < (ping.fix_time_ms or 0) < to_ms]


def test_a_phone_that_was_lost_before_the_breakdown_is_told_no_later_than_others() -> None:
    stop_ms = START_MS + after_ms(7_500)
    pings = lost(with_stop(7_500, 20), stop_ms - MINUTE_MS, stop_ms + 133_000)
    raised, _ = watch(tour(ROAD), at_once(pings))
    assert raised.id == "stopped-1-1"
    assert 8 * MINUTE_MS <= raised.at_ms - stop_ms <= 9 * MINUTE_MS
    assert 0 <= raised.finding.since_ms - stop_ms <= 30_000, "reckoned, and never before it can have come there"


@pytest.mark.parametrize(
    ("stop", "from_s", "to_s"),
    [
        pytest.param((7_500, 7, 0.0), -60, 133, id="not for long"),
        pytest.param((7_500, 13, 25.0), -60, 133, id="beside the road, for fuel"),
        pytest.param((7_500, 7, 0.0), -400, 140, id="silent from far away"),
        pytest.param((5_050, 30, 20.0), -60, 133, id="at a control"),
    ],
)
def test_a_car_may_stand_after_a_silence(stop: tuple[float, int, float], from_s: int, to_s: int) -> None:
    stop_ms = START_MS + after_ms(stop[0])
    pings = lost(with_stop(*stop), stop_ms + 1000 * from_s, stop_ms + 1000 * to_s)
    assert watch(tour(ROAD), at_once(pings)) == []


def test_what_happened_in_a_long_silence_is_no_stop_where_it_ended() -> None:
    """A car that stood for coffee where nobody heard it, drove on and waits for some sheep."""
    on_ms = START_MS + after_ms(7_500) + 9 * MINUTE_MS
    there_ms = on_ms + after_ms(1_500)
    sheep = stand(COURSE.point_at(9_000), there_ms, 5 * 60)
    pings = [*drive(COURSE, 0, 7_000), *sheep, *drive(COURSE, 9_000, None, there_ms + 5 * MINUTE_MS)]
    assert watch(tour(ROAD), at_once(pings)) == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_car_that_comes_by_again_after_a_silence_did_not_stand_there(*, kept: bool) -> None:
    """A loop of nine minutes without network; what the phone kept comes in no order, the middle last."""
    out_m, back_m = 8_000.0, 16_000.0
    there_ms = START_MS + after_ms(out_m)
    again_ms = there_ms + after_ms(back_m - out_m)
    loop = drive(LOOP.course, out_m, back_m, there_ms)[1:-1]
    slow = [*crawl(out_m, there_ms), *crawl(back_m, again_ms)]
    on = drive(LOOP.course, back_m + 60, None, again_ms + 30_000)
    arrivals = at_once(drive(LOOP.course, 0, out_m - 60, START_MS) + slow + on)
    if kept:
        ends = sorted(loop, key=lambda ping: -abs((ping.fix_time_ms or 0) - (there_ms + again_ms) / 2))
        arrivals += [(again_ms + 12_000 + 700 * k, ping) for k, ping in enumerate(ends)]
    assert watch(tour(LOOP), arrivals) == []


def crawl(at_m: float, at_ms: int) -> list[Ping]:
    """At a walking pace past a place."""
    return drive(LOOP.course, at_m - 20, at_m + 20, at_ms - 10_000, speed_mps=2.0)


@pytest.mark.parametrize(
    ("at_m", "minutes", "beside_m"),
    [(7_500, 7, 0.0), (5_050, 30, 20.0), (7_500, 13, 25.0), (17_900, 60, 40.0)],
    ids=["not for long", "at a control", "beside the road, for fuel", "short of the finish"],
)
def test_a_car_may_stand(at_m: float, minutes: int, beside_m: float) -> None:
    assert watch(tour(ROAD), at_once(with_stop(at_m, minutes, beside_m))) == []


def test_a_crew_that_says_it_is_fine_is_left_in_peace_for_half_an_hour() -> None:
    stop_ms = START_MS + after_ms(7_500)
    pings = with_stop(7_500, 60)
    fine = replace(pings[0], fix_time_ms=stop_ms + 12 * MINUTE_MS, event="fine", valid=False)
    raised, cleared, again, on = watch(tour(ROAD), at_once([*pings, fine]))
    assert [(event.id, event.step.value) for event in (raised, cleared)] == [
        ("stopped-1-1", "raised"),
        ("stopped-1-1", "cleared"),
    ]
    assert cleared.finding.evidence["why"] == "says that it is fine"
    assert cleared.at_ms - (stop_ms + 12 * MINUTE_MS) <= MINUTE_MS
    assert again.id == "stopped-1-2"
    assert abs(again.at_ms - (stop_ms + 42 * MINUTE_MS)) <= MINUTE_MS
    assert on.step.value == "cleared"


def test_a_crew_that_says_it_is_fine_before_anybody_asks_raises_no_alert() -> None:
    pings = with_stop(7_500, 25)
    fine = replace(pings[0], fix_time_ms=START_MS + after_ms(7_500) + 30_000, event="fine", valid=False)
    assert watch(tour(ROAD), at_once([*pings, fine])) == []


def test_an_sos_is_not_taken_back_by_saying_fine() -> None:
    pings = with_stop(7_500, 20)
    at_ms = START_MS + after_ms(7_500) + MINUTE_MS
    sos = replace(pings[0], fix_time_ms=at_ms, sos=True, valid=False, lat=None, lon=None)
    fine = replace(sos, fix_time_ms=at_ms + MINUTE_MS, sos=False, event="fine")
    kinds = {event.kind.value for event in watch(tour(ROAD), at_once([*pings, sos, fine]))}
    assert kinds == {"sos", "stopped"}


def test_where_gps_leaves_it_open_whether_a_car_is_on_the_road_half_a_minute_more_is_waited_for() -> None:
    stop_ms = START_MS + after_ms(7_500)
    raised, _ = watch(tour(ROAD), at_once(with_stop(7_500, 20, 12.0)))
    assert 510_000 <= raised.at_ms - stop_ms <= 540_000


def test_a_long_stop_beside_the_road_is_told_in_the_end() -> None:
    assert told(watch(tour(ROAD), at_once(with_stop(7_500, 25, 25.0))))[0] == ("stopped-1-1", "raised")


def test_standing_at_a_halt_is_what_it_is_for() -> None:
    lunch = leg(STRAIGHT, halts={2: 60})
    assert watch(tour(lunch), at_once(with_stop(9_980, 80))) == []


def test_waiting_for_the_start_and_parked_over_night_is_no_trouble() -> None:
    early = stand(COURSE.point_at(0.0), START_MS - 40 * MINUTE_MS, 40 * 60)
    night = stand(COURSE.point_at(18_000.0), START_MS + 21 * MINUTE_MS, 10 * 3600, every_s=600)
    assert watch(tour(ROAD), at_once(early + drive(COURSE) + night)) == []


def test_a_wrong_road_is_told_within_two_minutes_and_where_it_was_taken() -> None:
    left_ms = START_MS + after_ms(7_500)
    astray = travel([(7_500, 0), (7_500, 1_500), (7_500, 0)], left_ms)
    on = drive(COURSE, 7_500, None, left_ms + after_ms(3_000))
    raised, cleared = watch(tour(ROAD), at_once(drive(COURSE, 0, 7_500) + astray[1:-1] + on))
    assert told([raised, cleared]) == [("off_course-1-1", "raised"), ("off_course-1-1", "cleared")]
    assert raised.at_ms - left_ms <= 2 * MINUTE_MS
    assert raised.finding.place.along_m == pytest.approx(7_500, abs=150)
    assert raised.finding.evidence["coming_back"] is False
    assert cleared.at_ms - (left_ms + after_ms(3_000)) <= MINUTE_MS


def test_a_wrong_road_that_crosses_the_course_is_told_once() -> None:
    left_ms = START_MS + after_ms(5_500)
    astray = [(5_500, 0), (5_500, 1_500), (9_500, -1_500), (11_500, -1_500), (11_500, 0)]
    around = travel(astray, left_ms)
    back_ms = around[-1].fix_time_ms or 0
    events = watch(tour(ROAD), at_once(drive(COURSE, 0, 5_500) + around[1:-1] + drive(COURSE, 11_500, None, back_ms)))
    assert told(events) == [("off_course-1-1", "raised"), ("off_course-1-1", "cleared")]
    assert events[1].at_ms - back_ms <= MINUTE_MS


def test_a_car_that_does_not_start_is_told_after_a_quarter_of_an_hour() -> None:
    waits = stand(COURSE.point_at(0.0), START_MS - 10 * MINUTE_MS, 30 * 60)
    raised, cleared = watch(tour(ROAD), at_once(waits + drive(COURSE, begin_ms=START_MS + 20 * MINUTE_MS)))
    assert told([raised, cleared]) == [("not_started-1-1", "raised"), ("not_started-1-1", "cleared")]
    assert 0 <= raised.at_ms - (START_MS + 15 * MINUTE_MS) <= 10_000


def test_one_car_falls_silent_where_others_are_heard() -> None:
    quiet_ms = START_MS + after_ms(6_000)
    pings = [p for p in field(6) if p.device != "1" or not 0 < (p.fix_time_ms or 0) - quiet_ms < 12 * MINUTE_MS]
    raised, cleared = watch(tour(ROAD, cars=6), at_once(pings))
    assert told([raised, cleared]) == [("silent-1-1", "raised"), ("silent-1-1", "cleared")]
    assert 10 * MINUTE_MS <= raised.at_ms - quiet_ms <= 11 * MINUTE_MS


def test_where_the_whole_field_falls_silent_nobody_is_missed() -> None:
    """Fourteen minutes without network for everybody who comes by; all of it arrives behind the dead zone."""
    slow = leg([(0.0, 0.0), (36_000.0, 0.0)])
    arrivals = []
    for k in range(8):
        begin_ms = START_MS + k * MINUTE_MS
        from_ms = begin_ms + after_ms(11_000)
        car = at_once(drive(slow.course, begin_ms=begin_ms, device=str(k + 1)))
        arrivals += between(car, from_ms, from_ms + 14 * MINUTE_MS, from_ms + 14 * MINUTE_MS)
    assert watch(tour(slow, cars=8), arrivals) == []


@pytest.mark.parametrize("minutes", [15, 40])
def test_a_phone_that_lost_its_satellites_before_a_dead_zone_is_missed_later(minutes: int) -> None:
    """Eight minutes without network from 11.6 km on for everybody; the last one has no fix from 5.5 km on, either."""
    slow = leg([(0.0, 0.0), (36_000.0, 0.0)])
    arrivals = []
    for k in range(8):
        begin_ms = START_MS + k * MINUTE_MS
        from_ms = begin_ms + after_ms(11_600)
        car = at_once(drive(slow.course, begin_ms=begin_ms, device=str(k + 1)))
        if k == 7:
            lost_ms = begin_ms + after_ms(5_500)
            car = [arrival for arrival in car if not lost_ms < arrival[0] < lost_ms + minutes * MINUTE_MS]
        arrivals += between(car, from_ms, from_ms + 8 * MINUTE_MS, from_ms + 8 * MINUTE_MS)
    events = watch(tour(slow, cars=8), arrivals, START_MS + 80 * MINUTE_MS)
    if minutes == 15:
        assert events == []
        return
    raised = events[0]
    assert (raised.id, raised.finding.evidence["dead_zone_others"]) == ("silent-8-1", 7)
    assert 20 * MINUTE_MS < raised.at_ms - raised.finding.since_ms < 30 * MINUTE_MS


@pytest.mark.parametrize("kept", [True, False])
def test_an_outage_of_the_feed_is_one_alert(*, kept: bool) -> None:
    from_ms, to_ms = START_MS + 10 * MINUTE_MS, START_MS + 24 * MINUTE_MS
    arrivals = at_once(field(12))
    if kept:
        arrivals = between(arrivals, from_ms, to_ms, to_ms)
    else:
        arrivals = [arrival for arrival in arrivals if not from_ms <= arrival[0] < to_ms]
    raised, cleared = watch(tour(ROAD, cars=12), arrivals)
    assert told([raised, cleared]) == [("feed_outage-all-1", "raised"), ("feed_outage-all-1", "cleared")]
    assert raised.at_ms - from_ms <= 2 * MINUTE_MS
    assert cleared.at_ms - to_ms <= MINUTE_MS


def test_an_hour_of_backlog_tells_nothing_that_is_over() -> None:
    """A breakdown of half an hour is in the backlog: by the time it arrives the car has long gone on."""
    long_road = leg([(0.0, 0.0), (60_000.0, 0.0)])
    from_ms = START_MS + 5 * MINUTE_MS
    to_ms = from_ms + 60 * MINUTE_MS
    arrivals = []
    for k in range(6):
        begin_ms = START_MS + k * MINUTE_MS
        stop_ms = begin_ms + after_ms(12_500)
        pings = drive(long_road.course, 0, 12_500, begin_ms, str(k + 1))
        pings += stand(long_road.course.point_at(12_500), stop_ms + 10_000, 1780, str(k + 1))
        pings += drive(long_road.course, 12_500, None, stop_ms + 30 * MINUTE_MS, str(k + 1))
        arrivals += between(at_once(pings), from_ms, to_ms, to_ms)
    events = watch(tour(long_road, cars=6), arrivals)
    assert [event.kind for event in events] == ["feed_outage", "feed_outage"]
    assert events[-1].at_ms - to_ms <= MINUTE_MS


def test_sos_is_told_once_however_often_it_is_sent() -> None:
    pings = [replace(ping, sos=400_000 < (ping.fix_time_ms or 0) - START_MS < 500_000) for ping in drive(COURSE)]
    (raised,) = watch(tour(ROAD), at_once(pings))
    assert told([raised]) == [("sos-1-1", "raised")]
    assert (raised.finding.place.lat, raised.finding.evidence["device"]) == (pings[41].lat, "1")


def test_a_car_that_stands_after_an_sos_is_told_after_a_minute() -> None:
    stop_ms = START_MS + after_ms(7_500)
    pings = [replace(p, sos=(p.fix_time_ms or 0) - stop_ms in range(1, 20_000)) for p in with_stop(7_500, 5)]
    events = watch(tour(ROAD), at_once(pings))
    assert told(events) == [("sos-1-1", "raised"), ("stopped-1-1", "raised"), ("stopped-1-1", "cleared")]
    assert events[1].at_ms - stop_ms <= 90_000


def test_a_battery_has_two_thresholds() -> None:
    levels = [30.0, 20.0, 16.0, 15.0, 17.0, 14.0, 20.0, 24.0, 26.0, 20.0]
    pings = [replace(ping, battery_pct=levels[k // 12]) for k, ping in enumerate(drive(COURSE)[:120])]
    events = watch(tour(ROAD), at_once(pings))
    assert told(events) == [("low_battery-1-1", "raised"), ("low_battery-1-1", "cleared")]
    assert events[0].finding.evidence == {"device": "1", "battery_pct": 15}


def test_a_phone_that_stays_in_the_hotel_while_its_car_drives_is_told() -> None:
    left = stand(COURSE.point_at(0.0), START_MS - 20 * MINUTE_MS, 40 * 60, "1b", every_s=60)
    events = watch(tour(ROAD), at_once(drive(COURSE) + left))
    assert told(events)[0] == ("left_behind-1-1", "raised")
    assert events[0].finding.evidence["device"] == "1b"


def recovery(role: str) -> Tour:
    plain = tour(ROAD)
    *cars, support = plain.vehicles
    return replace(plain, vehicles=(*cars, replace(support, role=role)))


def test_a_car_on_the_trailer_is_told() -> None:
    """It broke down at 6 km; the trailer came, stood beside it for ten minutes, and both go on."""
    loaded_ms = START_MS + after_ms(6_000) + 30 * MINUTE_MS
    car = with_stop(6_000, 30)
    trailer = drive(COURSE, 0, 6_000, loaded_ms - 10 * MINUTE_MS - after_ms(6_000), "S1")
    trailer += stand(COURSE.point_at(6_000), loaded_ms - 10 * MINUTE_MS + 5_000, 590, "S1")
    trailer += drive(COURSE, 6_000, None, loaded_ms + 3_000, "S1")
    events = watch(recovery("trailer"), at_once(car + trailer))
    (raised,) = [event for event in events if event.kind == "trailered"]
    assert (raised.vehicle, raised.finding.evidence["by"]) == (0, "S1")


def test_a_car_that_the_trailer_follows_is_not_on_it() -> None:
    behind_it = drive(COURSE, device="S1", begin_ms=START_MS + 3_000)
    assert watch(recovery("trailer"), at_once(drive(COURSE) + behind_it)) == []


def test_the_sweep_passes_a_car() -> None:
    sweep = drive(COURSE, device="S1", begin_ms=START_MS + 2 * MINUTE_MS)
    events = watch(recovery("sweep"), at_once(with_stop(7_500, 6) + sweep))
    assert told(events) == [("behind_sweep-1-1", "raised"), ("behind_sweep-1-1", "cleared")][: len(events)]
    assert events[0].finding.evidence["sweep"] == "S1"


def test_an_hour_behind_the_field_is_told() -> None:
    long_road = leg([(0.0, 0.0), (60_000.0, 0.0)])
    others = [p for k in range(5) for p in drive(long_road.course, 0, None, START_MS + k * MINUTE_MS, str(k + 1))]
    for k in range(5):
        others += stand(long_road.course.point_at(60_000), START_MS + (70 + k) * MINUTE_MS, 300, str(k + 1))
    late = drive(long_road.course, device="6", begin_ms=START_MS + 70 * MINUTE_MS)
    events = watch(tour(long_road, cars=6), at_once(others + late))
    assert told(events) == [("behind-6-1", "raised"), ("behind-6-1", "cleared")]
    assert events[1].finding.evidence["why"] == "finished"


def test_what_was_decided_by_hand_ends_an_alert() -> None:
    retired: dict[str, object] = {"decision": "standing", "vehicle": "1", "standing": "retired"}
    stop_ms = START_MS + after_ms(7_500)
    arrivals = at_once(with_stop(7_500, 40))
    events = watch(tour(ROAD), [*arrivals, (stop_ms + 20 * MINUTE_MS, retired)])
    assert told(events) == [("stopped-1-1", "raised"), ("stopped-1-1", "cleared")]
    assert events[1].finding.evidence["why"] == "retired"


def test_a_support_crew_may_stand_where_it_likes() -> None:
    crew = with_stop(7_500, 45, device="S1")
    assert watch(tour(ROAD), at_once(crew)) == []
