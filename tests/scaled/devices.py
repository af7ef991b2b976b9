"""Phones that never stop: they post on until they are answered, and remember what was acknowledged."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

from tests.scaled.shape import Shape
from tests.serving import fetch

INTERVAL_S = 0.01


@dataclass
class Phones:
    """Every vehicle's phone in one thread, a ping each in turn, each with a time and a place of its own."""

    shape: Shape
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    slowest_s: float = 0.0
    refused: int = 0

    def __enter__(self) -> Self:
        rows = json.loads(self.shape.tracker("devices", str(self.shape.folder), "--json"))
        self._tokens = [(row["device"], row["token"]) for row in rows]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._post_on)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _post_on(self) -> None:
        number = 0
        while not self._stop.wait(INTERVAL_S):
            device, token = self._tokens[number % len(self._tokens)]
            self._post(device, token, number)
            number += 1

    def _post(self, device: str, token: str, number: int) -> None:
        """Post until it is answered, as phones do."""
        fix_time_ms = time.time_ns() // 1_000_000
        form = f"id=x&lat={37.79 + number % 500 * 1e-5:.6f}&lon=-122.41&timestamp={fix_time_ms}&accuracy=5"
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                status, _ = fetch(f"{self.shape.url}/in/osmand/{token}", form.encode())
            except OSError:
                status = 0
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)
            if status == HTTPStatus.OK:
                self.acknowledged.add((device, fix_time_ms))
                return
            self.refused += 1
            self._stop.wait(0.1)
