"""What no program is quicker than, measured on this machine in this minute: a flush to disk, a hop through Redis."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

TIMES = 300
APART_S = 0.005  # as a phone's pings come: nothing is warm from the one before
PAGES = 3  # what a commit of one ping writes
PAGE_BYTES = 4096
MESSAGE = b"x" * 120  # as long as a hint or a frame


def flush_ms(folder: Path) -> float:
    """The median of a few pages written and flushed with `fdatasync`, in a file that does not grow."""
    descriptor = os.open(folder / "floor", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, bytes(TIMES * PAGES * PAGE_BYTES), 0)
        os.fsync(descriptor)

        def flush(number: int) -> None:
            os.pwrite(descriptor, os.urandom(PAGES * PAGE_BYTES), number * PAGES * PAGE_BYTES)
            os.fdatasync(descriptor)

        return _median_ms(flush)
    finally:
        os.close(descriptor)


def hop_ms(redis_url: str) -> float:
    """The median of one message from one socket to another through Redis, with nothing but system calls around it."""
    address = urlsplit(redis_url)
    place = (address.hostname, address.port)
    with socket.create_connection(place) as speaker, socket.create_connection(place) as listener:
        listener.sendall(b"SUBSCRIBE floor\r\n")
        listener.recv(PAGE_BYTES)
        command = b"*3\r\n$7\r\nPUBLISH\r\n$5\r\nfloor\r\n$%d\r\n%b\r\n" % (len(MESSAGE), MESSAGE)

        def hop(_number: int) -> None:
            speaker.sendall(command)
            listener.recv(PAGE_BYTES)

        median_ms = _median_ms(hop)
        speaker.recv(PAGE_BYTES)
        return median_ms


def _median_ms(work: Callable[[int], None]) -> float:
    took_s = []
    for number in range(TIMES):
        time.sleep(APART_S)
        began = time.perf_counter()
        work(number)
        took_s.append(time.perf_counter() - began)
    return 1000 * sorted(took_s)[TIMES // 2]
