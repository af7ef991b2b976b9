"""Redis that hangs for half a minute, and an ingest that is cut off from it for a minute: nobody's pings wait."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.scaled.conftest import shape
from tests.scaled.devices import Phones
from tests.scaled.shape import Shape, wait_for
from tests.scaled.test_shape import DEVICE_WAITS_AT_MOST_S, kept, now_ms, pages_come_right

__all__ = ["shape"]

HANGS_S = 30.0
CUT_OFF_S = 60.0


@dataclass
class Line:
    """A TCP line to a port that can be cut without a word: bytes stop, and nobody hears of it."""

    target: int
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                self.open.wait()
                sink.sendall(data)
        except OSError:
            pass
        finally:
            source.close()
            sink.close()

    def close(self) -> None:
        self.open.set()
        self._listener.close()


@contextmanager
def line_of_its_own(shape: Shape, part: str) -> Iterator[Line]:
    """Restart a part so that it reaches Redis over a line that can be cut."""
    line = Line(shape.redis.port)
    own = {"TRACKER_REDIS": f"redis://127.0.0.1:{line.port}/0"}
    try:
        shape.parts[part].kill()
        shape.restart_part(part, own)
        wait_for(shape.parts[part].url + "/readyz")
        yield line
    finally:
        line.close()
        shape.parts[part].kill()
        shape.restart_part(part)
        wait_for(shape.parts[part].url + "/readyz")


@pytest.mark.soak
def test_redis_may_hang_for_half_a_minute(shape: Shape) -> None:
    assert shape.redis.process is not None
    with Phones(shape) as phones:
        time.sleep(1)
        shape.redis.process.send_signal(signal.SIGSTOP)
        time.sleep(HANGS_S)
        shape.redis.process.send_signal(signal.SIGCONT)
        pages_come_right(shape, now_ms())
    assert phones.slowest_s < DEVICE_WAITS_AT_MOST_S
    kept(shape, phones.acknowledged)
    print(f"{len(phones.acknowledged):,} pings acknowledged, the slowest answer took {phones.slowest_s:.2f} s")


@pytest.mark.soak
@pytest.mark.parametrize("part", ["ingest1", "engine1", "hub1"])
def test_a_part_may_be_cut_off_from_redis_for_a_minute(shape: Shape, part: str) -> None:
    with line_of_its_own(shape, part) as line, Phones(shape) as phones:
        pages_come_right(shape, now_ms())
        line.open.clear()
        time.sleep(CUT_OFF_S)
        line.open.set()
        pages_come_right(shape, now_ms())
    assert phones.slowest_s < DEVICE_WAITS_AT_MOST_S
    kept(shape, phones.acknowledged)
    print(f"{len(phones.acknowledged):,} pings acknowledged, the slowest answer took {phones.slowest_s:.2f} s")
