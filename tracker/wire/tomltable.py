"""One table of a TOML file, read strictly: every value is checked, every problem has its line."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from tracker.wire.problems import ProblemList, did_you_mean, fault_of_name, quoted
from tracker.wire.tomlspans import Path, Span

_TYPE_WORDS = {bool: "true/false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}


class TomlTable:
    """A table and where it stands. The readers return None for a value that is missing or was reported."""

    def __init__(
        self, data: Mapping[str, object], path: Path, spans: Mapping[Path, Span], problems: ProblemList
    ) -> None:
        self.data = data
        self.problems = problems
        self._path = path
        self._spans = spans

    def line(self, *keys: str | int) -> int | None:
        """The line of a value, or of the nearest table around it that has one."""
        path = (*self._path, *keys)
        while path and path not in self._spans:
            path = path[:-1]
        return self._spans[path].line if path else None

    def warn_of_unknown_keys(self, known: Collection[str]) -> None:
        for key in self.data:
            if key not in known:
                self.problems.warn(self.line(key), f"unknown key {quoted(key)}, ignored", did_you_mean(key, known))

    def text(self, key: str, example: str) -> str | None:
        """A required, printable text of at most 80 characters."""
        value = self._required(key, f'{key} = "{example}"')
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(key, f"{key} is {kind_of(value)}, not text", f'Write {key} = "{example}"')
            return None
        if not value.strip():
            self.wrong(key, f"{key} is empty", f'Write {key} = "{example}"')
            return None
        if (fault := fault_of_name(value)) is not None:
            self.wrong(key, f"{key} {fault}", "Shorten it or type it again")
            return None
        return value.strip()

    def number(self, key: str, low: float, high: float, unit: str, default: float | None = None) -> float | None:
        """A finite number within low..high; required unless there is a default."""
        if default is not None and key not in self.data:
            return default
        value = self._required(key, f"{key} = … in {unit}")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(key, f"{key} is {kind_of(value)}, not a number", f"Write it without quotes, in {unit}")
        elif not math.isfinite(value):
            self.wrong(key, f"{key} is not a finite number", f"Write a number of {unit}")
        elif not low <= value <= high:
            self.wrong(key, f"{key} = {value:g} is out of range", f"It lies between {low:g} and {high:g} {unit}")
        else:
            return float(value)
        return None

    def whole_number(self, key: str, low: int, high: int, unit: str, default: int | None = None) -> int | None:
        """A whole number within low..high; required unless there is a default."""
        value = self.number(key, low, high, unit, default)
        if value is not None and value != int(value):
            self.wrong(key, f"{key} = {value:g} is not a whole number", f"Write whole {unit}")
            return None
        return None if value is None else int(value)

    def tables(self, key: str) -> list[TomlTable] | None:
        """A list of tables, or None if the key is missing or something else stands there."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(key, f"{key} is not a list of tables", "See the example in docs/tour-folder.md")
            return None
        return [
            TomlTable(item, (*self._path, key, index), self._spans, self.problems) for index, item in enumerate(value)
        ]

    def table(self, key: str) -> TomlTable | None:
        """A table within this one, or None if something else stands there."""
        value = self.data[key]
        if not isinstance(value, dict):
            self.wrong(key, f"{key} is {kind_of(value)}, not a table", f"Write [{key}] on a line of its own")
            return None
        return TomlTable(value, (*self._path, key), self._spans, self.problems)

    def wrong(self, key: str, what: str, mend: str) -> None:
        self.problems.fatal(self.line(key), what, mend)

    def _required(self, key: str, example: str) -> object | None:
        if key not in self.data:
            self.problems.fatal(self.line(), f"{key} is missing", f"Add {example}")
            return None
        return self.data[key]


def kind_of(value: object) -> str:
    return _TYPE_WORDS.get(type(value), "a date or time")
