"""What people install: the wheel, built from tracked files only, in an empty environment far from the sources."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.serving import serve

ROOT = Path(__file__).resolve().parents[1]


# What npm fetched for our own pages serves the clone too.
QUICK_NPM = {"npm_config_prefer_offline": "true", "npm_config_audit": "false", "npm_config_fund": "false"}


def run(*command: str | Path, cwd: Path) -> str:
    environment = os.environ | QUICK_NPM
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist built from the tracked files alone, and the wheel built from that sdist."""
    clone = tmp_path_factory.mktemp("clone")
    for name in run("git", "ls-files", "-z", cwd=ROOT).split("\0"):
        if name and (ROOT / name).exists():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    out = tmp_path_factory.mktemp("distributions")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=clone)
    return out


@pytest.fixture(scope="session")
def installed(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `tracker` program of an environment that holds the wheel and its locked dependencies, nothing else."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", environment, cwd=environment)
    pip = (environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements" / "run.txt", cwd=environment)
    run(*pip, *distributions.glob("*.whl"), cwd=environment)
    return environment / "bin" / "tracker"


def test_sdist_and_wheel_carry_the_built_pages_and_no_tools(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    (sdist,) = distributions.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    with tarfile.open(sdist) as archive:
        in_sdist = [name.partition("/")[2] for name in archive.getnames()]
    for names in (in_wheel, in_sdist):
        assert "tracker/static/index.html" in names
        assert "tracker/demo/california-mille/tour.toml" in names
        assert len(names) == len(set(names)), "a file is in there twice"
        assert not [name for name in names if "node_modules" in name]
    assert {name.split("/")[0] for name in in_wheel} <= {"tracker", wheel.name.rsplit("-", 3)[0] + ".dist-info"}


def test_the_wheel_serves_the_demo_with_the_full_dashboard(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PYTHON", "TRACKER_", "VIRTUAL_ENV"))]:
        monkeypatch.delenv(name)
    where = run(installed.with_name("python"), "-c", "import tracker; print(tracker.__path__[0])", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parents[1])

    with serve(Path(where) / "demo" / "california-mille", tmp_path / "data", command=[str(installed)]) as server:
        status, page = server.get("/")
        assert status == HTTPStatus.OK
        scripts = re.findall(rb'<script[^>]* src="([^"]+)"', page)
        assert scripts
        for script in scripts:
            assert server.get(script.decode())[0] == HTTPStatus.OK
        assert len(server.vehicles()) == 74
        assert len(server.devices()) == 74
