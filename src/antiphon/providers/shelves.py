"""Large dictionaries on disk, open in a millisecond: of a hundred thousand entries only those asked for are read.

An entry lies on a shelf that the checksum of its key names, with a few others; a shelf is read when it is first
asked for something. Values are what JSON knows.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from antiphon.providers.vectors import digest, write_atomically

ENTRIES = 16
"On a shelf, about."
EDITION = f"1 marshal {marshal.version} python {sys.version_info.major}.{sys.version_info.minor}"
"What the files are written as; another one makes files of another name."


class Shelves:
    """A dictionary that can be asked, not listed. For one thread at a time."""

    def __init__(self, packed: Sequence[bytes]) -> None:
        """`packed`: what `pack` has made."""
        self._packed = packed
        self._read: dict[int, dict[str, object]] = {}

    def get(self, key: str, default: object = None) -> object:
        """The value of the key; `default` when there is none."""
        return self._shelf(key).get(key, default)

    def __contains__(self, key: str) -> bool:
        return key in self._shelf(key)

    def _shelf(self, key: str) -> dict[str, object]:
        at = crc32(key.encode("utf-8", "surrogatepass")) % len(self._packed)
        if (shelf := self._read.get(at)) is None:
            shelf = self._read[at] = marshal.loads(self._packed[at])
        return shelf


def pack(entries: Mapping[str, object]) -> list[bytes]:
    """The entries on their shelves."""
    shelves: list[dict[str, object]] = [{} for _ in range(len(entries) // ENTRIES + 1)]
    for key, value in entries.items():
        shelves[crc32(key.encode("utf-8", "surrogatepass")) % len(shelves)][key] = value
    return [marshal.dumps(shelf) for shelf in shelves]


def place(folder: Path, name: str, sources: Sequence[Path]) -> Path:
    """Where in `folder` lies what was packed from these very files, if it does."""
    facts = [(str(file), file.stat()) for file in sources]
    told = [f"{path} {found.st_size} {found.st_mtime_ns}" for path, found in facts]
    return folder / f"{name}-{digest(EDITION, *told)[:32]}.shelves"


def write(path: Path, dictionaries: Mapping[str, Mapping[str, object]]) -> dict[str, Shelves]:
    """The dictionaries on shelves, and in `path` for the next `read`; a disk that is full is no error."""
    packed = {name: pack(entries) for name, entries in dictionaries.items()}
    data = marshal.dumps(packed)
    with suppress(OSError):
        write_atomically(path, crc32(data).to_bytes(4, "big") + data)
    return {name: Shelves(shelves) for name, shelves in packed.items()}


def read(path: Path) -> dict[str, Shelves] | None:
    """The dictionaries in `path`; None when there are none, or not as they were written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) < 5 or crc32(memoryview(data)[4:]) != int.from_bytes(data[:4], "big"):
        return None
    return {name: Shelves(packed) for name, packed in marshal.loads(memoryview(data)[4:]).items()}
