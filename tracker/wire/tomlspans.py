"""Where in a TOML text each key's value stands: tomllib gives lines only for syntax errors.

The text has already been read by tomllib, so it is valid, and the scanner only needs to step over values. A path is
a tuple of keys and list indices: ("leg", 1, "checkpoints", 4, "along_m").
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*+")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")
_KEY = re.compile(r"""[ \t]*+(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*+(\.?)""")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A value's place: its line (from 1) and its characters start..end."""

    line: int
    start: int
    end: int


def value_spans(text: str) -> dict[Path, Span]:
    """Every key's value (and every table header) of a valid TOML text, by path."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._spans: dict[Path, Span] = {}
        self._array_lengths: dict[Path, int] = {}

    def scan(self) -> dict[Path, Span]:
        table: Path = ()
        while self._skip_blank():
            start = self._at
            if self._text.startswith("[[", start):
                table = self._header(2, element=True)
            elif self._text[start] == "[":
                table = self._header(1, element=False)
            else:
                self._pair(table)
                continue
            self._record(table, start)
        return self._spans

    def _skip_blank(self) -> bool:
        blank = _BLANK.match(self._text, self._at)
        if blank is not None:
            self._at = blank.end()
        return self._at < len(self._text)

    def _record(self, path: Path, start: int) -> None:
        self._spans.setdefault(path, Span(bisect_right(self._line_starts, start), start, self._at))

    def _key(self) -> list[str]:
        parts: list[str] = []
        while (match := _KEY.match(self._text, self._at)) is not None:
            self._at = match.end()
            parts.append(next(group for group in match.groups() if group is not None))
            if not match[4]:
                break
        return parts

    def _header(self, brackets: int, element: bool) -> Path:
        self._at += brackets
        path: Path = ()
        for part in self._key():
            path = (*path, part)
            if path in self._array_lengths:
                path = (*path, self._array_lengths[path] - 1)
        if element:
            # The path of an array that exists already ends with its newest index; a new element follows it.
            array = path[:-1] if path and isinstance(path[-1], int) else path
            self._array_lengths[array] = self._array_lengths.get(array, 0) + 1
            path = (*array, self._array_lengths[array] - 1)
        self._at += brackets
        return path

    def _pair(self, table: Path) -> None:
        path = (*table, *self._key())
        self._at = self._text.index("=", self._at) + 1
        self._skip_blank()
        self._value(path)

    def _value(self, path: Path) -> None:
        start = self._at
        opening = self._text[start]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            for pattern in (*_STRINGS, _SCALAR):
                if (match := pattern.match(self._text, start)) is not None:
                    self._at = start + len(match[0].rstrip())
                    break
        self._record(path, start)

    def _list(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._skip_blank() and self._text[self._at] != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._value((*path, index))
            index += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while self._skip_blank() and self._text[self._at] != "}":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._pair(path)
        self._at += 1
