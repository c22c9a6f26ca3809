"""A journal's file. A disk that is full costs nobody their call: lines wait in memory, and follow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

AT_ONCE = 16 << 10
"Characters that wait before they are written without being asked for: few calls to the system, few lines lost."
MOST_WAITING = 4 << 20
"Characters that wait for a disk to have room: some hours of a call. With more the file is given up."

log = structlog.get_logger(__name__)


class JournalFile:
    """The file holds whole lines at any time, in order. Nothing here raises: if there is a store, it has them all."""

    def __init__(self, path: Path, *, goes_on: bool = False) -> None:
        """With `goes_on`, what is in the file stays."""
        self._path = path
        self._goes_on = goes_on
        self._lines: list[str] = []
        self._waiting = 0
        self._try_at = AT_ONCE
        self._file = -1
        self._end = 0
        "Bytes of whole lines in the file."
        self._is_stuck = self._is_given_up = False
        self.flush()

    def write(self, line: str) -> None:
        """The line will be in the file after those before it."""
        if self._is_given_up:
            return
        self._lines.append(line)
        self._waiting += len(line) + 1
        if self._waiting >= self._try_at:
            self.flush()

    def flush(self) -> None:
        """What was written is in the file, unless the disk does not take it; then it will be."""
        data = "".join(line + "\n" for line in self._lines).encode("utf-8", "replace")
        try:
            self._open()
            done = 0
            while done < len(data):
                done += os.write(self._file, data[done:])
        except OSError as error:
            self._stand_back(error)
            return
        self._end += done
        self._lines.clear()
        self._waiting, self._try_at = 0, AT_ONCE
        if self._is_stuck:
            self._is_stuck = False
            log.info("a journal file is written again", file=str(self._path))

    def close(self) -> None:
        """Nothing more is written."""
        self.flush()
        if self._lines:
            log.warning("a journal file is not whole", file=str(self._path), lines=len(self._lines))
        self._leave()

    def _open(self) -> None:
        if self._file >= 0:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        anew = 0 if self._goes_on else os.O_TRUNC
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | anew, 0o644)
        self._end = os.fstat(self._file).st_size

    def _stand_back(self, error: OSError) -> None:
        """Half a line that was written goes again, and what waits is tried when as much more has come."""
        if self._file >= 0:
            with suppress(OSError):
                os.ftruncate(self._file, self._end)
        if not self._is_stuck:
            self._is_stuck = True
            log.warning("a journal file cannot be written", file=str(self._path), error=str(error))
        self._try_at = self._waiting + AT_ONCE
        if self._waiting > MOST_WAITING:
            self._is_given_up = True
            log.warning("a journal file is given up", file=str(self._path), lines=len(self._lines))
            self._lines.clear()
            self._waiting = 0
            self._leave()

    def _leave(self) -> None:
        self._is_given_up = True
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
            self._file = -1


def rewrite(path: Path, lines: Sequence[str]) -> None:
    """The file holds these lines alone, if the disk takes them."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", errors="replace")
    except OSError as error:
        log.warning("a journal file was not completed", file=str(path), error=str(error))
