"""`tracker backup` while pings come in, and `tracker restore` elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.commands.stored import CARS, PER_CAR, digest, drive
from tracker.cli import main
from tracker.commands.backup import backup
from tracker.journal.sqlite import SqliteJournal
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder

SLUG = "california-mille"


def test_what_is_restored_elsewhere_is_the_same(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, elsewhere = tmp_path / "monday.backup", tmp_path / "elsewhere"
    assert main(["backup", "--data", str(data), "--to", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: {SLUG} up to record {len(CARS) * PER_CAR:,}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["restore", str(file), "--data", str(elsewhere)]) == 0
    assert digest(elsewhere, capsys) == digest(data, capsys)
    assert (elsewhere / "server.key").read_text() == (data / "server.key").read_text()
    assert (elsewhere / "server.key").stat().st_mode & 0o777 == 0o600
    assert main(["scrub", "--data", str(elsewhere)]) == 0


async def test_a_backup_during_a_stream_of_pings_holds_one_moment(
    demo_folder: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has everything that was acknowledged when it began, and no half of a batch."""
    entries = drive(load_tour_folder(demo_folder), "7")
    journal = await SqliteJournal.open(data / "journal.sqlite")
    acknowledged = 0

    async def stream() -> None:
        nonlocal acknowledged
        for start in range(0, len(entries), 2):
            done = await journal.append(SLUG, entries[start : start + 2], 1_809_000_000_000, device="7")
            acknowledged = done.stored[-1].seq

    streaming = asyncio.create_task(stream())
    moments = []
    for number in range(3):
        await asyncio.sleep(0.05)
        before, file = acknowledged, tmp_path / f"{number}.backup"
        tours = await asyncio.to_thread(backup, Settings(data=data), file)
        moments.append((before, tours[SLUG], acknowledged, file))
    await streaming
    await journal.close()
    elsewhere = tmp_path
    for before, in_it, after, file in moments:
        assert before <= in_it <= after + 2
        assert in_it % 2 == 0
        elsewhere = tmp_path / f"from-{file.name}"
        assert await asyncio.to_thread(main, ["restore", str(file), "--data", str(elsewhere)]) == 0
        assert await asyncio.to_thread(main, ["scrub", "--data", str(elsewhere)]) == 0

    # The last one, with what the phones send once more, is the whole again.
    journal = await SqliteJournal.open(elsewhere / "journal.sqlite")
    await journal.append(SLUG, entries, 1_809_000_000_000, device="7")
    await journal.close()
    restored = await asyncio.to_thread(digest, elsewhere, capsys)
    assert restored == await asyncio.to_thread(digest, data, capsys)


def test_nothing_is_overwritten(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "monday.backup"
    assert main(["backup", "--data", str(data), "--to", str(file)]) == 0
    assert main(["backup", "--data", str(data), "--to", str(file)]) == 2
    assert main(["restore", str(file), "--data", str(data)]) == 2
    assert capsys.readouterr().err.count("overwrites nothing") == 2


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"not an archive", "cannot be restored"), (None, "cannot be restored")]
)
def test_what_is_no_backup_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    assert main(["restore", str(file), "--data", str(tmp_path / "data")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "data" / "journal.sqlite").exists()


def test_a_path_in_an_archive_leads_nowhere(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "evil.backup"
    shutil.copy(data / "server.key", tmp_path / "key")
    main(["backup", "--data", str(data), "--to", str(file)])
    with tarfile.open(file, "a") as archive:
        archive.add(tmp_path / "key", "../../escaped")
    assert main(["restore", str(file), "--data", str(tmp_path / "deep" / "data")]) == 0
    assert not list(tmp_path.rglob("escaped"))


def test_postgresql_has_its_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    url = "postgresql://milepost:secret@db.example.org/tours"
    assert main(["backup", "--database", url, "--to", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert "pg_dump --format=custom --host=db.example.org --username=milepost --file=milepost.dump tours" in said
    assert "server.key" in said
    assert "secret" not in said
