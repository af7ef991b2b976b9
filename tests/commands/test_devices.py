"""`tracker devices` in the morning and in the field: the check list, a swap, a token that is revoked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server, fetch, serve
from tracker.cli import main

CLOCK = ("--clock-start", "2027-04-26T07:00:00-07:00", "--clock-rate", "1")
SEVEN_MS = 1_808_834_400_000  # the same as an epoch


@pytest.fixture
def server(demo_folder: Path, tmp_path: Path) -> Iterator[Server]:
    with serve(demo_folder, tmp_path, *CLOCK) as running:
        yield running


def post(server: Server, token: str, *pings: dict[str, Any]) -> int:
    return fetch(f"{server.url}/in/pings/{token}", json.dumps(pings).encode())[0]


def token_of(server: Server, device: str) -> str:
    (token,) = (row["token"] for row in server.devices() if row["device"] == device)
    return str(token)


def devices(server: Server, *options: str) -> int:
    return main(["devices", str(server.folder), "--data", str(server.data), *options])


def exported(server: Server) -> list[dict[str, Any]]:
    lines = server.tracker("export", str(server.folder), "--data", str(server.data), "pings").splitlines()
    return [json.loads(line) for line in lines]


FIX = {"fix_time_ms": SEVEN_MS, "lat": 37.79, "lon": -122.41, "accuracy_m": 6, "battery_pct": 88}


def test_the_check_list_says_what_to_do(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert post(server, token_of(server, "12"), FIX) == HTTPStatus.OK
    assert post(server, token_of(server, "13"), {**FIX, "battery_pct": 9}) == HTTPStatus.OK
    assert devices(server, "--check") == 1
    said = capsys.readouterr().out
    assert "1 of 74 devices are well" in said
    assert "Car 13 has 9 % of battery left. Plug it in." in said
    assert "Car 14 has never been heard. Scan its card again" in said
    assert "Car 12 " not in said


def test_the_check_list_as_json(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert post(server, token_of(server, "12"), FIX) == HTTPStatus.OK
    assert devices(server, "--check", "--json") == 1
    by_device = {row["device"]: row for row in json.loads(capsys.readouterr().out)}
    assert len(by_device) == 74
    assert (by_device["12"]["accuracy_m"], by_device["12"]["problems"]) == (6.0, [])
    assert by_device["13"]["problems"][0]["kind"] == "never"


def test_a_spare_speaks_for_the_car_that_it_is_put_into(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    spare = token_of(server, "S7")
    assert post(server, spare, FIX) == HTTPStatus.OK
    assert devices(server, "--assign", "S7", "41") == 0
    assert "From now on device S7 speaks for car 41" in capsys.readouterr().out
    assert post(server, spare, {**FIX, "fix_time_ms": SEVEN_MS + 600_000}) == HTTPStatus.OK
    assert [line["vehicle"] for line in exported(server)] == ["S7", "41"]
    devices(server, "--check", "--json")
    cars = [row["vehicle"] for row in json.loads(capsys.readouterr().out) if row["device"] == "S7"]
    assert cars == ["41"]


def test_a_revoked_token_is_refused_and_the_new_one_works(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    old = token_of(server, "12")
    assert devices(server, "--revoke", "12", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["token"] != old
    while (status := post(server, row["token"], FIX)) != HTTPStatus.OK:  # the server looks every two seconds
        assert status == HTTPStatus.UNAUTHORIZED
    assert post(server, old, FIX) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--assign", "S77", "41"], 'the roster has no device "S77". Known are'),
        (["--assign", "S7", "410"], 'the roster has no vehicle "410". Did you mean'),
        (["--revoke", "nobody's"], "the roster has no device"),
    ],
)
def test_what_the_roster_does_not_know_is_said_so(
    options: list[str], words: str, demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices", str(demo_folder), "--data", str(tmp_path), *options]) == 2
    assert words in capsys.readouterr().err


def test_without_a_journal_there_is_nothing_to_check(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices", str(demo_folder), "--data", str(tmp_path), "--check"]) == 2
    assert "there is no journal" in capsys.readouterr().err
