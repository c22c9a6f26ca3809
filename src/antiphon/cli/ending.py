"""The end of a process in which LiveKit's native library was loaded."""

from __future__ import annotations

import atexit
import os
import sys


class Ending:
    """Keeps the exit code, and ends the process with it before the interpreter goes down.

    The library's threads may still call into Python, which then ends them in the middle of Rust: the whole process
    aborts with 134, its work done. So it went once or twice in twenty calls of `talk --via livekit`.
    """

    def __init__(self) -> None:
        """To be made before anything imports LiveKit: what is registered first is done last."""
        self.code = 0
        atexit.register(self._leave)

    def told(self, leaving: BaseException) -> None:
        """That is what the command ended with."""
        code = leaving.code if isinstance(leaving, SystemExit) else 1
        self.code = code if isinstance(code, int) else int(code is not None)

    def _leave(self) -> None:
        if "livekit.rtc" in sys.modules:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self.code)
