"""`tracker erase`: what is erased is nowhere, and the rest is as if it had never been."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.commands.stored import CARS, PER_CAR, digest, fill
from tests.serving import serve
from tracker.cli import main
from tracker.core.model import Ping, RecordKind
from tracker.journal.contract import Entry
from tracker.journal.records import encode_ping
from tracker.journal.sqlite import SqliteJournal
from tracker.savedstate import state_path
from tracker.wire.segments import Segment

SLUG = "california-mille"


def exported(folder: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["export", str(folder), "--data", str(data), "pings"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def keep_a_slice(data: Path) -> None:
    journal = await SqliteJournal.open(data / "journal.sqlite")
    epoch = await journal.take_lease(SLUG, "an engine of long ago", 0)
    await journal.segments.put(SLUG, epoch or 0, [Segment(0, 0, "hash", b"a slice with 12")], 0)
    await journal.close()


def test_an_erased_car_was_never_there(
    demo_folder: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = state_path(data, SLUG)
    state.write_bytes(b"what an engine remembers of it")
    (ping,) = [line for line in exported(demo_folder, data, capsys) if line["vehicle"] == "12"][:1]
    place = encode_ping(Ping("12", *(ping[name] for name in ("fix_time_ms", "lat", "lon", "accuracy_m"))), "12")[8:]  # type: ignore[arg-type]
    assert any(place in file.read_bytes() for file in data.iterdir())
    asyncio.run(keep_a_slice(data))

    assert main(["erase", str(demo_folder), "--data", str(data), "--vehicle", "12"]) == 0
    assert f"{PER_CAR} records of 12 erased" in capsys.readouterr().out
    assert {line["vehicle"] for line in exported(demo_folder, data, capsys)} == {"1", "2"}
    for file in data.iterdir():
        assert place not in file.read_bytes(), f"a place is still in {file.name}"
        assert b"a slice with 12" not in file.read_bytes(), f"a slice of the past is still in {file.name}"
        assert b"a secret of 12" not in file.read_bytes(), f"its quarantine is still in {file.name}"
    assert not state.exists()
    assert main(["scrub", "--data", str(data)]) == 0

    without = tmp_path / "without"
    asyncio.run(fill(demo_folder, without, [car for car in CARS if car != "12"]))
    assert digest(data, capsys) == digest(without, capsys)


def test_what_a_mending_kept_is_erased_too(demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def damage() -> None:
        journal = await SqliteJournal.open(data / "journal.sqlite")
        sql = "UPDATE record SET payload = CAST('a place of 12' AS BLOB) WHERE seq = 5"
        await journal.write_with(lambda connection: connection.execute(sql))
        await journal.close()

    asyncio.run(damage())
    assert main(["scrub", "--data", str(data)]) == 1
    assert (data / "journal.sqlite-damaged").exists()
    assert main(["erase", str(demo_folder), "--data", str(data), "--vehicle", "12"]) == 0
    for file in data.iterdir():
        assert b"a place of 12" not in file.read_bytes(), file.name


def test_an_erased_car_s_link_ends(demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def tokens() -> dict[str, str]:
        capsys.readouterr()
        assert main(["devices", str(demo_folder), "--data", str(data), "--json"]) == 0
        return {row["vehicle"]: row["token"] for row in json.loads(capsys.readouterr().out)}

    before = tokens()
    assert main(["erase", str(demo_folder), "--data", str(data), "--vehicle", "12"]) == 0
    after = tokens()
    assert {vehicle for vehicle in before if before[vehicle] != after[vehicle]} == {"12"}


def test_a_phone_that_changed_cars_is_erased_only_where_it_was(
    demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Car 12's phone rode in car 13 for the second half of the hour."""
    half = PER_CAR // 2

    async def swap() -> None:
        journal = await SqliteJournal.open(data / "journal.sqlite")
        pings = [record.body for record in await journal.read(SLUG, 0, 10_000) if isinstance(record.body, Ping)]
        at_ms = [ping.fix_time_ms for ping in pings if ping.device == "12"][half]
        decision: dict[str, object] = {"decision": "assign", "device": "12", "vehicle": "13", "at_ms": at_ms}
        await journal.append(SLUG, [Entry(RecordKind.DECISION, decision)], at_ms or 0)
        await journal.close()

    asyncio.run(swap())
    assert main(["erase", str(demo_folder), "--data", str(data), "--vehicle", "13"]) == 0
    assert f"{half} records of 13 erased" in capsys.readouterr().out
    left = [line for line in exported(demo_folder, data, capsys) if line["device"] == "12"]
    assert [line["vehicle"] for line in left] == ["12"] * half


def test_what_people_and_alerts_said_of_the_car_goes_too(demo_folder: Path, data: Path) -> None:
    said: list[tuple[RecordKind, dict[str, object]]] = [
        (RecordKind.ALERT, {"id": "stopped-12-1", "vehicle": "12", "lat": 1.0}),
        (RecordKind.DECISION, {"decision": "note", "vehicle": "12", "text": "a Fiat in a ditch"}),
        (RecordKind.DECISION, {"decision": "sighting", "vehicle": "12", "leg": 1, "checkpoint": "L1-01"}),
        (RecordKind.DECISION, {"decision": "standing", "vehicle": "12", "standing": "retired"}),
        (RecordKind.DECISION, {"decision": "note", "vehicle": "13", "text": "all well"}),
    ]

    async def bodies(*more: tuple[RecordKind, dict[str, object]]) -> list[object]:
        journal = await SqliteJournal.open(data / "journal.sqlite")
        _, at_ms = await journal.head(SLUG)
        if more:
            await journal.append(SLUG, [Entry(*each) for each in more], at_ms)
        records = await journal.read(SLUG, 0, 10_000)
        found: list[object] = [record.body for record in records if isinstance(record.body, dict)]
        await journal.close()
        return found

    asyncio.run(bodies(*said))
    assert main(["erase", str(demo_folder), "--data", str(data), "--vehicle", "12"]) == 0
    left = asyncio.run(bodies())
    assert said[3][1] in left, "that it retired is no secret of where it was"
    assert said[4][1] in left
    assert not any(body in left for _, body in said[:3])


def test_thinning_keeps_one_ping_in_a_stretch(
    demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["erase", str(demo_folder), "--data", str(data), "--thin-s", "60"]) == 0
    kept = exported(demo_folder, data, capsys)
    minutes = [(line["device"], int(str(line["fix_time_ms"])) // 60_000) for line in kept]
    assert len(minutes) == len(set(minutes)) == len(CARS) * 60
    assert main(["scrub", "--data", str(data)]) == 0


def test_thinning_makes_the_file_smaller(demo_folder: Path, data: Path) -> None:
    async def size() -> int:
        journal = await SqliteJournal.open(data / "journal.sqlite")
        await journal.care.compact()
        size_bytes = await journal.care.size_bytes()
        await journal.close()
        return size_bytes

    before = asyncio.run(size())
    main(["erase", str(demo_folder), "--data", str(data), "--thin-s", "60"])
    pings = len(CARS) * PER_CAR
    assert asyncio.run(size()) < before - 40 * pings, "the tour itself stays; of five pings in six little is left"


def test_a_tour_may_be_deleted_at_once_or_by_its_age(
    demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["erase", "--data", str(data), "--older-than-days", "1"]) == 0
    assert capsys.readouterr().out == "", "its newest record is of 2027"
    assert main(["erase", str(demo_folder), "--data", str(data), "--tour"]) == 0
    assert f"{len(CARS) * PER_CAR:,} records deleted" in capsys.readouterr().out
    assert main(["erase", str(demo_folder), "--data", str(data), "--tour"]) == 2
    assert f"there is no tour {SLUG}" in capsys.readouterr().err
    assert main(["scrub", "--data", str(data)]) == 0
    asyncio.run(fill(demo_folder, data))
    assert len(exported(demo_folder, data, capsys)) == len(CARS) * PER_CAR


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--vehicle", "12"], "name the tour's folder"),
        (["FOLDER", "--vehicle", "nobody"], "california-mille has no vehicle 'nobody'"),
        (["FOLDER", "--thin-s", "0"], "--thin-s is at least 1"),
    ],
)
def test_mistakes_erase_nothing(
    demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    given = [str(demo_folder) if argument == "FOLDER" else argument for argument in arguments]
    assert main(["erase", *given, "--data", str(data)]) == 2
    assert sentence in capsys.readouterr().err
    assert len(exported(demo_folder, data, capsys)) == len(CARS) * PER_CAR


def test_a_tour_that_is_served_keeps_its_data(
    demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(demo_folder, data, "--clock-start", "2027-04-26T10:00:00-07:00"):
        assert main(["erase", str(demo_folder), "--data", str(data), "--tour"]) == 2
    assert f"{SLUG} is being served. Stop the server" in capsys.readouterr().err
    assert len(exported(demo_folder, data, capsys)) == len(CARS) * PER_CAR
    assert main(["erase", str(demo_folder), "--data", str(data), "--tour"]) == 0
