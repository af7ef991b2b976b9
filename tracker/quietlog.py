"""Log lines that input can cause: one per reason and source in a while, never a traceback, never a token."""

from __future__ import annotations

import logging
import re
import time
import traceback

TOKEN = re.compile(r"(/in/[^/\s?]*/)[^/\s?]+")
REMEMBERED = 10_000  # (reason, source) pairs; past this all are forgotten, and a few lines more are written


class QuietLog:
    """Writes a warning unless the same reason was reported for the same source within `interval_s`."""

    def __init__(self, logger: logging.Logger, interval_s: float = 60.0) -> None:
        self._logger = logger
        self._interval_s = interval_s
        self._written_at: dict[tuple[str, str], float] = {}

    def warn(self, reason: str, source: str, detail: str = "") -> None:
        now = time.monotonic()
        key = (reason, source)
        written_at = self._written_at.get(key)
        if written_at is not None and now - written_at < self._interval_s:
            return
        if len(self._written_at) >= REMEMBERED:
            self._written_at.clear()
        self._written_at[key] = now
        shown = redacted(f"{reason}: {detail}" if detail else reason)
        self._logger.warning("%s: %s", source[:64].encode("unicode_escape").decode(), shown)


class ServerLogFilter(logging.Filter):
    """Tames aiohttp's own log: it writes a traceback per malformed request, and quotes the header that broke."""

    def __init__(self, quiet: QuietLog) -> None:
        super().__init__()
        self._quiet = quiet

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return False
        error = record.exc_info[1] if record.exc_info else None
        source = str(record.args[0]) if isinstance(record.args, tuple) and record.args else "http"
        self._quiet.warn(record.msg.partition(" from %s")[0], source, "" if error is None else described(error))
        return False


def server_logger(quiet: QuietLog) -> logging.Logger:
    """The logger to give to aiohttp's AppRunner."""
    logger = logging.Logger("tracker.http")  # noqa: LOG001 - of its own, so that no configuration undoes the filter
    logger.addFilter(ServerLogFilter(quiet))
    return logger


def described(error: BaseException) -> str:
    """What went wrong and where, without the message: that may quote what a client sent."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def redacted(text: str) -> str:
    """The text without device tokens, on one line."""
    return TOKEN.sub(r"\1…", text).replace("\r", "\\r").replace("\n", "\\n")
