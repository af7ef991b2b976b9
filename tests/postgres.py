"""A real PostgreSQL of the test's own: its own folder, port and socket, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.serving import free_port


def find(program: str) -> str:
    """A program of PostgreSQL's server, which Debian keeps off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    found = shutil.which(program, path=os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")]))
    assert found, "PostgreSQL is not installed: make test installs it through apt-get where it may"
    return found


class PostgresServer:
    """A cluster that a test may stop, kill and start again."""

    def __init__(self) -> None:
        self.port = free_port()
        # Not below pytest's own folder, which it closes to all users but its own.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="milepost-postgres-"))
        self.data = folder / "data"
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._as: list[str] = []
        if os.geteuid() == 0:  # its programs refuse root
            self._as = ["runuser", "-u", "nobody", "--"]
            shutil.chown(folder, "nobody")
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", str(self.data))

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c shared_buffers=16MB"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options, "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """ "immediate" is as good as a crash, "fast" ends sessions and shuts down in order."""
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def remove(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self, name: str) -> str:
        """A new empty database; returns its URL."""
        complaint = b""
        for _ in range(20):  # the template may be in use for a moment
            done = subprocess.run(
                [*self._as, find("createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name],
                capture_output=True,
                check=False,
            )
            if done.returncode == 0:
                return self.url.removesuffix("postgres") + name
            complaint = done.stderr
            time.sleep(0.1)
        raise AssertionError(complaint.decode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, find(program), *arguments]
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, cwd="/", timeout=60
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
