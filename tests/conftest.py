"""What every test may ask for: programs of the system, and the demo tour."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.serving", "tests.e2e")  # helpers assert too, and say what they saw

# How fast examples are made says how busy the machine is.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

DEMO = Path(__file__).resolve().parents[1] / "tracker" / "demo" / "california-mille"


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Find a program by any of its names: `program("redis-server")`. `make test` installs what is missing.

    A missing one skips the test on a developer's machine and fails it in CI, where nothing may be left out silently.
    """

    def find(*names: str) -> str:
        for name in names:
            if path := shutil.which(name):
                return path
        sentence = f"needs {names[0]}, which is not on PATH; `sh tools/system.sh` says how to get it"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)

    return find


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    """The demo tour: five legs, 67 participants and 7 support vehicles."""
    return DEMO
