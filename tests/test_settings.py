"""Settings come from arguments, then the environment, then their defaults."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tests.make_settings_page import PAGE, page
from tracker.errors import SettingsError
from tracker.settings import Settings


def test_arguments_win_over_the_environment_and_that_over_the_default() -> None:
    environ = {"TRACKER_PORT": "9000", "TRACKER_DATA": "kept", "HOME": "/somewhere"}
    settings = Settings.read(environ, {"port": 9001, "redis": None, "folder": "not a setting"})
    assert (settings.port, settings.data, settings.host) == (9001, Path("kept"), "127.0.0.1")
    assert settings.journal_path == Path("kept/journal.sqlite")
    assert settings.key_path == Path("kept/server.key")


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.read({"TRACKER_REDIS": "", "TRACKER_PORT": ""}) == Settings()


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"TRACKER_PORT": "http"}, "TRACKER_PORT is a number, not 'http'"),
        ({"TRACKER_PORT": "-1"}, "TRACKER_PORT is at least 0, not -1"),
        ({"TRACKER_CLOCK_RATE": "nan"}, "TRACKER_CLOCK_RATE is at least 0.001, not nan"),
        ({"TRACKER_JOURNAL_DEADLINE_S": "inf"}, "TRACKER_JOURNAL_DEADLINE_S is at least 0.1, not inf"),
    ],
)
def test_nonsense_is_refused_by_name(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read(environ)
    assert str(refused.value) == sentence


def test_an_argument_s_nonsense_is_refused_by_its_name() -> None:
    with pytest.raises(SettingsError, match="--public-beat-ms is at least 0, not -5"):
        Settings.read({}, {"public_beat_ms": -5})


def test_every_setting_says_its_unit_and_why() -> None:
    for each in fields(Settings):
        assert each.metadata["unit"], each.name
        assert each.metadata["why"], each.name


def test_the_page_of_settings_is_complete() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.make_settings_page"
