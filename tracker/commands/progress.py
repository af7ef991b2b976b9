"""A bar that shows how far a long command is, on terminals only."""

from __future__ import annotations

import sys
from collections.abc import Callable

WIDTH = 40


def progress_bar() -> Callable[[float], None]:
    """To be called with the share that is done; 1 wipes the bar. In a pipe nobody looks, and nothing is written."""
    return _draw if sys.stderr.isatty() else _nothing


def _draw(share: float) -> None:
    filled = min(round(share * WIDTH), WIDTH)
    bar = f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%}"
    sys.stderr.write("\r\x1b[K" if share >= 1.0 else bar)
    sys.stderr.flush()


def _nothing(share: float) -> None:
    del share
