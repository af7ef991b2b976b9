"""Problems with what people wrote: collected, never raised at the first one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection

from tracker.errors import Problem

MAX_NAME_LENGTH = 80  # what fits a line of a phone; longer names break every list
MAX_QUOTED_LENGTH = 60  # of somebody's text within a sentence of ours
MAX_PROBLEMS_PER_FILE = 50  # after that the cause is one and the same

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_BIDI_CONTROLS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class ProblemList:
    """The problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def fatal(self, line: int | None, what: str, mend: str) -> None:
        self.found.append(Problem(self.file, line, what, mend))

    def warn(self, line: int | None, what: str, mend: str) -> None:
        self.found.append(Problem(self.file, line, what, mend, fatal=False))

    @property
    def fatal_count(self) -> int:
        return sum(problem.fatal for problem in self.found)

    def shown(self) -> list[Problem]:
        """The problems worth reading: fatal ones first to go in when there are too many."""
        if len(self.found) <= MAX_PROBLEMS_PER_FILE:
            return self.found
        kept = sorted(self.found, key=lambda problem: not problem.fatal)[:MAX_PROBLEMS_PER_FILE]
        more = f"{len(self.found) - len(kept)} more problems are not shown"
        return [*kept, Problem(self.file, None, more, "Mend these first and check again", fatal=self.fatal_count > 0)]


def quoted(text: str) -> str:
    """Somebody's text as it may stand in a sentence for a terminal: short, printable, in quotes."""
    short = text if len(text) <= MAX_QUOTED_LENGTH else text[: MAX_QUOTED_LENGTH - 1] + "…"
    return '"' + "".join(c if c.isprintable() and c not in _BIDI_CONTROLS else "?" for c in short) + '"'


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A sentence that suggests the nearest known word, or lists them all."""
    near = difflib.get_close_matches(word[:MAX_NAME_LENGTH].casefold(), list(known), n=1)
    return f"Did you mean {quoted(near[0])}?" if near else "Known are: " + ", ".join(sorted(known))


def fault_of_name(text: str, limit: int = MAX_NAME_LENGTH) -> str | None:
    """Why a name cannot be shown to people, or None if it can."""
    if len(text) > limit:
        return f"is {len(text)} characters long, the limit is {limit}"
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp") or c in _BIDI_CONTROLS for c in text):
        return "holds control characters"
    return None


def strict_float(text: str) -> float | None:
    """A finite decimal number, or None. `float` itself takes nan, 4_6.5 and full-width digits."""
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None
