"""Rows of a table that somebody saved from a spreadsheet: any of its encodings and separators, with line numbers."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from tracker.wire.problems import ProblemList

SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with the white space around them removed and line breaks within them made spaces."""

    line: int
    cells: tuple[str, ...]


def read_rows(data: bytes, max_rows: int, problems: ProblemList) -> list[Row] | None:
    """The rows that hold anything, the header first; None with the reason where the table cannot be read."""
    text = _decode(data, problems)
    if text is None:
        return None
    lines_before = 0
    if text[:4].lower() == "sep=":  # Excel's own mark, not part of the table
        _, _, text = text.partition("\n")
        lines_before = 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows: list[Row] = []
    line = lines_before + 1
    try:
        for cells in reader:
            tidy = tuple(" ".join(cell.split()) for cell in cells)
            if any(tidy):
                rows.append(Row(line, tidy))
            if len(rows) > max_rows + 1:
                problems.fatal(line, f"more than {max_rows:,} rows", "Is this the right file?")
                return None
            line = lines_before + reader.line_num + 1
    except csv.Error as error:
        mend = 'A cell that begins with " ends with the next "; write "" for one within it'
        problems.fatal(line, f"the row that begins here cannot be read ({error})", mend)
        return None
    return rows


def _decode(data: bytes, problems: ProblemList) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")  # what Excel writes as plain "CSV" in the western world
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.fatal(line, "the file's text encoding is not known", 'Save it as "CSV UTF-8"')
        return None


def _separator(text: str) -> str:
    """The one that the first line with content has most of."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=header.count)
