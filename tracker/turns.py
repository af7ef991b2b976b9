"""Long work in one loop with everything else, in turns of a few milliseconds.

An answer to a phone takes some four turns of the loop, so what a phone waits for is four times the longest of them.
"""

from __future__ import annotations

import asyncio
import sys
import time

TURN_S = 0.002
REST_S = 0.001  # of work that is in no hurry: enough for a ping to get all the way to a page
SWITCH_S = 0.001


class Turn:
    """Call `give_way` after every small step; it lets the loop serve others, and rests, when the turn is over."""

    def __init__(self, rest_s: float = 0.0) -> None:
        self._rest_s = rest_s
        self._began = time.monotonic()

    async def give_way(self) -> None:
        if time.monotonic() - self._began >= TURN_S:
            await asyncio.sleep(self._rest_s)
            self._began = time.monotonic()


def let_threads_have_turns() -> None:
    """Let the thread that stores get its turn sooner; for the life of the process.

    It lets go of the interpreter some ten times in a transaction, and while the engine folds it would wait for Python's
    usual 5 ms each time. (docs/decisions/0020-turns.md)
    """
    sys.setswitchinterval(SWITCH_S)
