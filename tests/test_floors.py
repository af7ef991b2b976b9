"""The floors of the house: who may import whom, what the pure floors may not touch, how long a file may be."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tracker"

# From the ground up. A unit imports only from lower floors: neighbours do not know each other.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "quietlog"}),
    frozenset({"core"}),
    frozenset({"protocols", "wire"}),
    frozenset(
        {
            "admission",
            "answer_times",
            "bodies",
            "clock",
            "bus",
            "journal",
            "catalogue",
            "channels",
            "frozen",
            "handshake",
            "origins",
            "refresher",
            "settings",
            "static_files",
            "tidying",
            "tourfiles",
            "turns",
        }
    ),
    frozenset(
        {
            "access",
            "cards",
            "deskoutlet",
            "devices",
            "forecaster",
            "homes",
            "leadership",
            "notify",
            "outlet",
            "passing",
            "process",
            "proxies",
            "savedstate",
            "segmenter",
            "sideline",
            "spectator",
        }
    ),
    frozenset({"alerting", "feed", "past", "senders", "tourbook"}),
    frozenset({"desk"}),
    frozenset({"front", "drive", "pages", "openapi", "ingest", "streams", "runner", "hub"}),
    frozenset({"engines", "geojson", "textview", "join", "organiser"}),
    frozenset({"api", "decisions", "handout", "metrics", "radio", "rollcall"}),
    frozenset({"guestpages", "health", "notifyapi"}),
    frozenset({"app", "simulate"}),
    frozenset({"bench"}),
    frozenset({"commands"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
PURE = ("core", "protocols", "wire")
OUTSIDE_WORLD = frozenset(
    {"aiohttp", "asyncio", "logging", "os", "random", "redis", "secrets", "selectors", "socket", "sqlite3"}
    | {"subprocess", "tempfile", "threading", "time", "urllib.request", "uuid", "websockets"}
)
READS_THE_CLOCK = frozenset({"now", "today", "utcnow"})
LONGEST_FILE_LINES = 400


def unit_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
MODULES_IN_PURE = [path for path in MODULES if unit_of(path) in PURE]
UNITS = sorted({unit_of(path) for path in MODULES})


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def nodes_at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those under `if TYPE_CHECKING:`, which no process ever runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            for other in child.orelse:
                yield from nodes_at_run_time(other)
            continue
        yield child
        yield from nodes_at_run_time(child)


def imports_of(path: Path) -> set[str]:
    """Full names of what a module imports, `from a.b import c` as a.b.c."""
    found: set[str] = set()
    for node in nodes_at_run_time(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: write the import in full, so that it can be searched"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def units_imported_by(unit: str) -> set[str]:
    imported: set[str] = set()
    for path in MODULES:
        if unit_of(path) == unit:
            imported.update(full.split(".")[1] for full in imports_of(path) if full.startswith("tracker."))
    return imported & set(UNITS) - {unit}


def floor_of(unit: str) -> int:
    floors = [number for number, units in enumerate(FLOORS) if unit in units]
    assert floors, f"tracker/{unit} has no floor yet: say in FLOORS where it belongs"
    return floors[0]


@pytest.mark.parametrize("unit", UNITS)
def test_imports_go_only_downward(unit: str) -> None:
    upward = {other for other in units_imported_by(unit) if floor_of(other) >= floor_of(unit)}
    assert not upward, f"tracker/{unit} imports {', '.join(sorted(upward))}, which is not below it"


@pytest.mark.parametrize("shell", ["ingest", "runner", "hub"])
def test_the_three_shells_meet_only_on_the_bus(shell: str) -> None:
    reached: set[str] = set()
    todo = [shell]
    while todo:
        for unit in units_imported_by(todo.pop()) - reached:
            reached.add(unit)
            todo.append(unit)
    assert not reached & ({"ingest", "runner", "hub"} - {shell})


@pytest.mark.parametrize("path", MODULES_IN_PURE, ids=name)
def test_the_pure_floors_know_nothing_of_the_outside_world(path: Path) -> None:
    for full in imports_of(path):
        prefixes = {".".join(full.split(".")[: n + 1]) for n in range(full.count(".") + 1)}
        assert not prefixes & OUTSIDE_WORLD, f"{name(path)} imports {full}"


@pytest.mark.parametrize("path", MODULES_IN_PURE, ids=name)
def test_the_pure_floors_read_no_clock_and_open_no_file(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        forbidden = (isinstance(called, ast.Attribute) and called.attr in READS_THE_CLOCK) or (
            isinstance(called, ast.Name) and called.id in {"open", "print", "input"}
        )
        assert not forbidden, f"{name(path)}:{node.lineno}: {ast.unparse(node)}"


def test_no_file_is_longer_than_one_can_hold_in_the_head() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "*.ts", "*.css", "*.mjs"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    files = [ROOT / path for path in listed.split("\0") if path and (ROOT / path).exists()]
    assert files
    lengths = {name(path): path.read_text(encoding="utf-8").count("\n") for path in files}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}
