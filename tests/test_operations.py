"""docs/operations.md, as far as one machine can be tried: the unit, the proxy, and the words."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.scaled.shape import wait_for
from tests.serving import Server, fetch, free_port, serve
from tracker.cli import parse
from tracker.wire.frames import FeedState

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNIT = ROOT / "deploy" / "milepost.service"
EXPOSED_AT_MOST = "20"  # of 100, as `systemd-analyze security` counts


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that exists here."""
    text = UNIT.read_text()
    assert "ExecStart=/opt/milepost/bin/tracker serve /etc/milepost/tour" in text
    path = tmp_path / UNIT.name
    path.write_text(text.replace("/opt/milepost/bin/tracker", "/bin/true"))
    return path


def test_systemd_knows_every_line_of_the_unit(unit: Path, program: Callable[..., str]) -> None:
    def verify() -> subprocess.CompletedProcess[str]:
        command = [program("systemd-analyze"), "verify", str(unit)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    done = verify()
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHouse="))
    assert "ProtectHouse" in verify().stderr


def test_the_unit_may_do_little(unit: Path, program: Callable[..., str]) -> None:
    command = [program("systemd-analyze"), "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-500:]


@pytest.fixture
def proxied(demo_folder: Path, tmp_path: Path, program: Callable[..., str]) -> Iterator[tuple[Server, str]]:
    """A server behind Caddy, as the page says; without a certificate, which no test can get."""
    site = f"http://127.0.0.1:{free_port()}"
    with serve(demo_folder, tmp_path / "data", "--public-url", site, "--trusted-proxy", "127.0.0.1,::1") as server:
        environment = os.environ | {
            "MILEPOST_SITE": site,
            "TRACKER_PORT": str(server.port),
            "XDG_DATA_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        }
        recipe = tmp_path / "Caddyfile"
        recipe.write_text("{\n\tadmin off\n}\n" + (ROOT / "deploy" / "Caddyfile.one-machine").read_text())
        command = [program("caddy"), "run", "--config", str(recipe), "--adapter", "caddyfile"]
        with (tmp_path / "caddy.log").open("wb") as log:
            caddy = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"{site}/healthz")
            yield server, site
        finally:
            caddy.terminate()
            caddy.wait(20)


def test_pages_pings_and_live_feeds_pass_the_proxy(proxied: tuple[Server, str]) -> None:
    server, site = proxied
    status, page = fetch(f"{site}/")
    assert status == HTTPStatus.OK
    assert b"<html" in page
    assert fetch(f"{site}/metrics")[0] == HTTPStatus.NOT_FOUND
    (device, *_) = server.devices()
    ping = json.dumps([{"lat": 37.79, "lon": -122.41, "fix_time_ms": 1_809_000_000_000}]).encode()
    status, _ = fetch(f"{site}/in/pings/{device['token']}", ping, **{"Content-Type": "application/json"})
    assert status == HTTPStatus.OK
    with connect(f"{site.replace('http', 'ws')}/live/california-mille") as live:
        assert FeedState().fold(live.recv(decode=False)).name == "ANEW"


def test_the_recipe_in_the_page_is_the_one_that_was_tried() -> None:
    recipe = (ROOT / "deploy" / "Caddyfile.one-machine").read_text()
    body = recipe[recipe.index("{$MILEPOST_SITE}") :]
    shown = body.replace("{$MILEPOST_SITE}", "tour.example.org").replace("{$TRACKER_PORT:8080}", "8080")
    assert shown in PAGE


def commands() -> list[str]:
    """Every `tracker` command line that the page names, in a block or in a row of a table."""
    found = re.findall(
        r"(?:^|`|/bin/)tracker ((?:backup|restore|scrub|erase|rebuild|serve|devices)\b[^`|#\n]*)", PAGE, re.MULTILINE
    )
    lines = {line.strip() for line in found if "…" not in line}
    return sorted(lines - {"backup", "restore"})  # named in a sentence


@pytest.mark.parametrize("line", commands())
def test_every_command_in_the_page_is_one(line: str) -> None:
    arguments = re.sub(r"\$\([^)]*\)", "x", line).split()
    assert parse(arguments).command == arguments[0]
