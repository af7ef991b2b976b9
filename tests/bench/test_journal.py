"""The bench of the journal: it runs, and what needs no stopwatch holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracker.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def test_a_record_weighs_what_the_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "journal", "--records", "20000", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "20,001 records" in said
    (weighed,) = re.findall(r"(\d+) bytes each", said)
    (written,) = re.findall(r"(\d+) bytes each", PAGE.read_text())
    assert abs(int(weighed) - int(written)) <= 12
    assert not list(tmp_path.iterdir())
