"""Rehearsals by script: what is written happens, the same each time, and the tracker tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth.alerts import alerts_of, score_alerts
from tracker.core.alerts.event import AlertKind
from tracker.core.model import Tour
from tracker.errors import TourProblems, TrackerError
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.drive import IncidentKind
from tracker.simulate.field import Field
from tracker.simulate.scenario import make_run
from tracker.simulate.script import Script
from tracker.simulate.scriptfile import load_script, shipped_names
from tracker.tourfiles import load_tour_folder

SEED = 7


@pytest.fixture(scope="module")
def demo_tour(demo_folder: Path) -> Tour:
    return load_tour_folder(demo_folder)


def written(text: str, folder: Path) -> str:
    path = folder / "morning.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def scripted(text: str, folder: Path, tour: Tour) -> Script:
    return load_script(written(text, folder), tour, SEED)


@pytest.mark.parametrize("name", shipped_names())
def test_the_scenarios_that_come_along_fit_any_tour_and_are_the_same_each_time(name: str, demo_tour: Tour) -> None:
    for tour in (demo_tour, SYNTHETIC["crossing"]()):
        script = load_script(name, tour, SEED)
        assert script == load_script(name, tour, SEED)
        assert list(script.lines(tour))
    assert load_script("bad-morning", demo_tour, 8) != load_script("bad-morning", demo_tour, SEED)


def test_a_breakdown_happens_where_and_as_long_as_it_is_written(tmp_path: Path) -> None:
    tour = SYNTHETIC["crossing"]()
    script = scripted('[[breakdown]]\nvehicle = "9"\nkm = 12.0\nminutes = 20\nsos = true\n', tmp_path, tour)
    drive = Field(tour, SEED, script.mishaps, script).drive(8, 0)
    assert drive is not None
    stop, call = drive.incidents
    assert (stop.kind, call.kind) == (IncidentKind.BREAKDOWN, IncidentKind.SOS)
    assert abs(stop.along_m - 12_000.0) <= 2_000.0  # not where a checkpoint is near
    assert 0 <= stop.to_ms - stop.from_ms - 20 * 60_000 < 5_000
    assert stop.from_ms < call.from_ms < stop.to_ms


def test_a_lost_phone_stays_where_it_fell_while_the_car_goes_on(tmp_path: Path) -> None:
    tour = SYNTHETIC["crossing"]()
    script = scripted('[[lost_phone]]\nvehicle = "3"\nshare = 0.4\n', tmp_path, tour)
    field = Field(tour, SEED, script.mishaps, script)
    drive = field.drive(2, 0)
    assert drive is not None
    (lost,) = drive.incidents
    later_ms = lost.from_ms + 1_200_000
    assert field.carried(2, later_ms).along_m == pytest.approx(lost.along_m, abs=1.0)
    assert (field.at(2, later_ms).along_m or 0.0) > lost.along_m + 2_000.0


def test_from_its_hour_on_everybody_drives_round_a_closed_road(tmp_path: Path) -> None:
    tour = SYNTHETIC["crossing"]()
    script = scripted("[[closed_road]]\nshare = 0.2\nafter_minutes = 20\n", tmp_path, tour)
    field = Field(tour, SEED, script.mishaps, script)
    way = [bool(drive.incidents) for drive in field.participant_drives(0)]
    assert way == sorted(way), "the first ones still get through"
    assert True in way
    assert False in way


def test_nothing_is_heard_in_an_outage(tmp_path: Path) -> None:
    tour = SYNTHETIC["laps"]()
    script = scripted("[[outage]]\nafter_minutes = 10\nminutes = 5\n", tmp_path, tour)
    run = make_run(tour, SEED, 6, mishaps=script.mishaps, script=script)
    ((from_ms, to_ms),) = script.outages
    late_ms = 61_000  # what was on its way when the network went
    received = [int(str(line["received_at_ms"])) for line in run.lines]
    assert not any(from_ms + late_ms <= at_ms < to_ms for at_ms in received)
    assert any(from_ms <= origin.true_ms < to_ms for origin in run.truth.origins), "it comes afterwards"


def test_the_board_tells_of_what_the_script_does(tmp_path: Path) -> None:
    """The score of a rehearsal: everything told in time, nothing that was not so."""
    tour = SYNTHETIC["crossing"]()
    text = (
        '[[breakdown]]\nvehicle = "9"\nkm = 12.0\nminutes = 25\nsos = true\n'
        '[[breakdown]]\nvehicle = "4"\nkm = 30.0\n[[wrong_road]]\nvehicle = "14"\nkm = 22.0\nminutes = 3\n'
    )
    script = scripted(text, tmp_path, tour)
    run = make_run(tour, SEED, range(len(tour.vehicles)), mishaps=script.mishaps, script=script)
    alerts = alerts_of(run)
    found = score_alerts(run, alerts)
    assert found.due == found.told, found.examples
    assert {AlertKind.STOPPED, AlertKind.OFF_COURSE, AlertKind.SOS} <= set(found.told)
    assert not found.false, found.examples


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[breakdown]]\nminutes = 9\n", "morning.toml:1: no place on the leg"),
        ("[[breakdown]]\nkm = 3\nmile = 2\n", "morning.toml:1: more than one place on the leg"),
        ('[[breakdown]]\nshare = 0.4\nvehicle = "S1"\n', 'S1" is a support vehicle'),
        ('[[breakdown]]\nshare = 0.4\nvehicle = "999"\n', 'morning.toml:3: no vehicle "999" in the roster'),
        ("[[breakdown]]\nshare = 0.4\nleg = 9\n", "morning.toml:3: leg = 9 is out of range"),
        ("[[late_start]]\n", "how late does it start?"),
        ('mishaps = "many"\n', 'morning.toml:1: unknown mishaps "many"'),
        ("[[breakdown\n", "not valid TOML"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(text: str, says: str, tmp_path: Path, demo_tour: Tour) -> None:
    with pytest.raises(TourProblems) as raised:
        scripted(text, tmp_path, demo_tour)
    assert says in str(raised.value)


def test_a_scenario_that_is_not_there_names_those_that_are(demo_tour: Tour) -> None:
    with pytest.raises(TrackerError, match="bad-morning"):
        load_script("worse-morning", demo_tour, SEED)
