"""The shape that docker-compose.yml describes, as plain processes: the same roles, variables and Caddyfile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from tests.bus.conftest import RedisServer
from tests.postgres import PostgresServer
from tests.serving import fetch, free_port

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "tracker" / "demo" / "california-mille"
TOUR = "california-mille"
READY_WITHIN_S = 90.0  # six processes at once, on a machine that may be busy


@dataclass
class Part:
    """One process of the shape."""

    role: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Shape:
    """Redis, PostgreSQL, two of each role and Caddy in front."""

    tmp: Path
    redis: RedisServer
    postgres: PostgresServer
    parts: dict[str, Part] = field(default_factory=dict)
    proxy: subprocess.Popen[bytes] | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def folder(self) -> Path:
        return self.tmp / "tour"

    @property
    def environment(self) -> dict[str, str]:
        """What docker-compose.yml gives to its services, with this machine's addresses."""
        own = {
            "TRACKER_DATABASE": self.postgres.url,
            "TRACKER_REDIS": self.redis.url,
            "TRACKER_KEY_FILE": str(self.tmp / "server.key"),
            "TRACKER_DATA": str(self.tmp / "data"),  # of an engine: a folder of its own below, as its volume
            "TRACKER_PUBLIC_URL": self.url,
            "TRACKER_TRUSTED_PROXY": "127.0.0.1",
        }
        return {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")} | own

    def start(self) -> None:
        shutil.copytree(DEMO, self.folder)
        now = datetime.now().astimezone().replace(microsecond=0)
        self.tracker("redate", str(self.folder), "--start", (now - timedelta(minutes=30)).isoformat())
        self.tracker("import", str(self.folder))
        for role in ("ingest", "engine", "hub"):
            for number in (1, 2):
                self.start_part(f"{role}{number}", role, free_port())
        for part in self.parts.values():
            wait_for(part.url + "/readyz")
        self._start_proxy()

    def start_part(self, name: str, role: str, port: int, own: dict[str, str] | None = None) -> None:
        """Start a process of a role, with an environment of its own where something differs for it."""
        command = [sys.executable, "-m", "tracker", role, "--port", str(port)]
        log = (self.tmp / f"{name}.log").open("ab")
        with log:
            volume = {"TRACKER_DATA": str(self.tmp / "data" / name)} if role == "engine" else {}
            environment = self.environment | volume | (own or {})
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
        self.parts[name] = Part(role, port, process)

    def restart_part(self, name: str, own: dict[str, str] | None = None) -> None:
        part = self.parts[name]
        self.start_part(name, part.role, part.port, own)

    def tracker(self, *arguments: str) -> str:
        """What a `tracker` command prints; it must succeed."""
        command = [sys.executable, "-m", "tracker", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ready(self, name: str) -> None:
        """Return once a part is ready; what every part says to that, if it is not."""
        try:
            wait_for(self.parts[name].url + "/readyz")
        except AssertionError as error:
            answers = {each: answer_of(part) for each, part in self.parts.items()}
            raise AssertionError(f"{name}: {error}\n{answers}\n{self.logs()}") from error

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.tmp.glob("*.log")))

    def stop(self) -> None:
        processes = [part.process for part in self.parts.values()]
        if self.proxy is not None:
            processes.append(self.proxy)
        for process in processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_proxy(self) -> None:
        caddy = shutil.which("caddy")
        assert caddy, "caddy is not installed: make test installs it through apt-get where it may"
        self.port = free_port()
        addresses = {
            role: " ".join(f"127.0.0.1:{part.port}" for part in self.parts.values() if part.role == role)
            for role in ("ingest", "hub")
        }
        environment = os.environ | {
            "MILEPOST_SITE": self.url,
            "MILEPOST_INGESTS": addresses["ingest"],
            "MILEPOST_HUBS": addresses["hub"],
            "MILEPOST_CADDY_OPTIONS": "auto_https off",
            "XDG_DATA_HOME": str(self.tmp / "caddy"),
            "XDG_CONFIG_HOME": str(self.tmp / "caddy"),
        }
        command = [caddy, "run", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"]
        with (self.tmp / "caddy.log").open("wb") as log:
            self.proxy = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        wait_for(self.url + "/healthz")


def answer_of(part: Part) -> str:
    """What a part says of itself."""
    try:
        return fetch(part.url + "/readyz")[1].decode()
    except (TimeoutError, OSError) as error:
        return str(error)


def wait_for(url: str, within_s: float = READY_WITHIN_S) -> None:
    """Return once an address answers 200."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if fetch(url)[0] == HTTPStatus.OK:
                return
        except (TimeoutError, OSError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"no 200 from {url} within {within_s:g} s")
