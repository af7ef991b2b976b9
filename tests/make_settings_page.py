"""Writes docs/settings.md from what `Settings` says of itself: `python -m tests.make_settings_page`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from tracker.settings import PREFIX, Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"

HEAD = """# Settings

Each can be set by its variable, and by an option of the same name where a command has one (`--journal-gather-ms` for
`TRACKER_JOURNAL_GATHER_MS`; `tracker COMMAND --help` lists them). The option wins. An empty variable is not set.

| Variable | Unit | Default | Why |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page, from the settings' own metadata."""
    rows = []
    for field in fields(Settings):
        default = "" if field.default in (None, "") else f"`{field.default}`"
        rows.append(
            f"| `{PREFIX}{field.name.upper()}` | {field.metadata['unit']} | {default} | {field.metadata['why']} |"
        )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
