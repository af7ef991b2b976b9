"""docs/tour-folder.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker import tourfiles
from tracker.core.model import CheckpointKind
from tracker.wire import checkpointplan, courseline, gpx, problems, roster, tourtoml

PAGE = (Path(__file__).parents[2] / "docs" / "tour-folder.md").read_text(encoding="utf-8")

LIMITS = [
    f"{tourtoml.MAX_TOUR_FILE_BYTES // 1024} KB, {tourtoml.MAX_LEGS} legs, "
    f"{checkpointplan.MAX_CHECKPOINTS} checkpoints",
    f"{gpx.MAX_GPX_BYTES >> 20} MB, {gpx.MAX_POINTS:,} track points, {gpx.MAX_WAYPOINTS} waypoints",
    f"elements nested {gpx.MAX_DEPTH} deep",
    f"{courseline.MIN_COURSE_M:.0f} m to {courseline.MAX_COURSE_M / 1000:,.0f} km",
    f"within {courseline.JOIN_GAP_M:.0f} m of the end",
    f"{roster.MAX_ROSTER_BYTES >> 20} MB, {roster.MAX_VEHICLES:,} vehicles, {roster.MAX_COLUMNS} columns",
    f"{roster.MAX_DEVICES} devices in a vehicle",
    f"{tourfiles.MAX_COURSE_FILES} `.gpx` files, {tourfiles.MAX_FOLDER_BYTES >> 20} MB",
    f"at most {problems.MAX_NAME_LENGTH} characters",
]


@pytest.mark.parametrize("sentence", LIMITS)
def test_every_limit_is_the_one_in_force(sentence: str) -> None:
    assert sentence in PAGE


@pytest.mark.parametrize("word", [*roster.SYNONYMS, *(kind.value for kind in CheckpointKind)])
def test_every_column_and_kind_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE
