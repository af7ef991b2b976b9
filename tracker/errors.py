"""Errors that a person caused or can mend.

Tree::

    TrackerError            a clear sentence: what, where, how to mend it; the CLI prints it and exits 2
    ├── TourProblems        a tour folder that cannot be used, with every problem found
    ├── SettingsError       a setting that makes no sense
    └── StoreError          the journal cannot be used (damaged, full, newer than this program)
        ├── StoreUnavailable    for now: answer 503 and try again
        ├── Deposed             another engine took the lead; this one's writes are refused
        └── StoreDamaged        stored records are missing or altered, with their exact range of numbers

Anything else that escapes is a bug and may show a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class TrackerError(Exception):
    """A problem with a sentence that a person can act on."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a tour folder: what, where and how to mend it."""

    file: str
    line: int | None
    what: str
    mend: str
    fatal: bool = True

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        mark = "" if self.fatal else "warning: "
        return f"{place}: {mark}{self.what}. {self.mend}"


class TourProblems(TrackerError):
    """A tour folder that cannot be used; carries every problem, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SettingsError(TrackerError):
    """A setting that makes no sense, with the setting's name."""


class StoreError(TrackerError):
    """The journal or the store cannot be used."""


class StoreUnavailable(StoreError):
    """The journal cannot store for the moment; the device keeps its ping and tries again."""


class Deposed(StoreError):
    """Another engine leads the tour by now; this one's writes are refused."""

    def __init__(self, tour: str, epoch: int) -> None:
        super().__init__(f"epoch {epoch} of {tour} is over: another engine took the lead")


class StoreDamaged(StoreError):
    """Records `first_seq` to `last_seq` of a tour are missing or altered; reading can go on behind them."""

    def __init__(self, tour: str, first_seq: int, last_seq: int) -> None:
        self.first_seq, self.last_seq = first_seq, last_seq
        super().__init__(
            f"the journal of {tour} is damaged: records {first_seq} to {last_seq} are missing or altered. "
            "Restore a backup, or let the devices send that time again."
        )
