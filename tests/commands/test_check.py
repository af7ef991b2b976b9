"""`tracker check` and `tracker redate`, as an organiser runs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tracker.cli import main

Lines = pytest.CaptureFixture[str]


@pytest.fixture
def folder(demo_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_folder, tmp_path / "tour"))


def test_a_good_folder_is_summed_up(folder: Path, capsys: Lines) -> None:
    assert main(["check", str(folder)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "California Mille demo (california-mille): 1,002.5 mi (1,613.4 km) in 5 legs"
    assert out[1] == "67 participants, 7 support vehicles, 74 devices; starts every 60 s"
    assert out[2].endswith("13 checkpoints, first start Mon 2027-04-26 08:00 PDT")


def test_a_warning_does_not_fail(folder: Path, capsys: Lines) -> None:
    (folder / "roster.csv").write_text("number,shoes\n1,44\n", encoding="utf-8")
    assert main(["check", str(folder)]) == 0
    out = capsys.readouterr().out
    assert 'roster.csv:1: warning: unknown column "shoes", ignored.' in out
    assert out.endswith("The tour can be used; 1 warning.\n")


def test_every_problem_is_reported_with_its_place(folder: Path, capsys: Lines) -> None:
    text = (folder / "tour.toml").read_text("utf-8")
    (folder / "tour.toml").write_text(text.replace("along_m = 257576.7", "along_m = 257579.0"), encoding="utf-8")
    (folder / "leg-3.gpx").write_text("<!DOCTYPE gpx><gpx/>", encoding="utf-8")
    (folder / "roster.csv").write_text("number\n1\n1\n", encoding="utf-8")
    assert main(["check", str(folder)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[:3] == [
        "tour.toml:29: along_m = 257579.0 is not on the course, which is 257576.8 m long. Write at most 257576",
        "leg-3.gpx:1: the file declares a DOCTYPE or entities, which are not read. Delete the declaration",
        'roster.csv:3: double number "1". It is given in line 2 already: change one of them',
    ]
    assert out[-1] == "The tour cannot be used yet: 3 to mend."


def test_a_folder_that_is_none_is_said(tmp_path: Path, capsys: Lines) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert "is not a folder" in capsys.readouterr().err
    assert main(["check", str(tmp_path)]) == 1
    assert "tour.toml: the file is missing" in capsys.readouterr().out


def test_only_the_first_byte_too_many_of_a_huge_file_is_read(folder: Path, capsys: Lines) -> None:
    with (folder / "leg-2.gpx").open("wb") as file:
        file.truncate(100 * 1024**3)  # sparse: reading it would take all memory
    assert main(["check", str(folder)]) == 1
    assert "leg-2.gpx: the file is larger than 10,240 KB" in capsys.readouterr().out


def test_redate_moves_the_tour_and_keeps_the_rest(folder: Path, capsys: Lines) -> None:
    before = (folder / "tour.toml").read_text("utf-8").splitlines()
    assert main(["redate", str(folder), "--start", "2027-11-05"]) == 0
    out = capsys.readouterr().out
    assert "leg 3: 2027-04-28T08:30:00-07:00 -> 2027-11-07T08:30:00-08:00" in out  # the clocks went back that night
    after = (folder / "tour.toml").read_text("utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 5
    assert all(line.startswith("first_start = 2027-11-") for line in changed)
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []
    assert main(["check", str(folder)]) == 0


def test_redate_refuses_what_is_no_date(folder: Path, capsys: Lines) -> None:
    before = (folder / "tour.toml").read_bytes()
    assert main(["redate", str(folder), "--start", "next May"]) == 2
    assert "is not a date" in capsys.readouterr().err
    assert main(["redate", str(folder), "--start", "2028-03-12T02:30"]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert (folder / "tour.toml").read_bytes() == before
