"""Vectors of many texts, kept on disk so that a process starts without encoding them again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.ports import Encoder

Matrix = NDArray[np.float32]
Progress = Callable[[int, int], None]


class BulkEncoder(Encoder, Protocol):
    """An encoder that also takes whole collections, and whose vectors are told apart from others' by name."""

    name: str
    "Changes whenever its vectors do."

    async def encode_many(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """One unit-length row for each text, in order. `progress` is told `(done, total)`."""
        ...

    def know(self, texts: Sequence[str], rows: Matrix) -> None:
        """`rows` are the vectors of `texts` from now on: asking for one of them costs nothing."""
        ...


def digest(*parts: str) -> str:
    """A name for exactly these parts in this order."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode()
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """`path` holds `data`, whole: no reader ever sees half of it, also when the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


SHIPPED = Path(__file__).parent / "data" / "vectors"
"Collections that come with the package, so that a first start need not encode them. scripts/ship_vectors.py"


class VectorCache:
    """A folder of encoded collections. What is damaged or missing is made again; a full disk is no error."""

    def __init__(self, folder: Path, shipped: Path = SHIPPED) -> None:
        self.folder = folder
        self.shipped = shipped

    async def encode_all(
        self, encoder: BulkEncoder, texts: Sequence[str], progress: Progress | None = None
    ) -> Matrix:
        """One unit-length float32 row for each text, in order, from the folder when they are there."""
        if not texts:
            return np.zeros((0, encoder.dimensions), np.float32)
        name = f"vectors-{digest(encoder.name, *texts)[:32]}.npz"
        path = self.folder / name
        shape = (len(texts), encoder.dimensions)
        rows = await asyncio.to_thread(_read_small, self.shipped / name, shape)
        if rows is None:
            rows = await asyncio.to_thread(_read, path, shape)
        if rows is None:
            rows = await encoder.encode_many(texts, progress)
            await asyncio.to_thread(_write, path, rows)
        return rows


def _read(path: Path, shape: tuple[int, int]) -> Matrix | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            rows: Matrix = file["rows"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if rows.shape != shape or rows.dtype != np.float32 or not np.isfinite(rows).all():
        return None
    return rows


def _read_small(path: Path, shape: tuple[int, int]) -> Matrix | None:
    """A shipped collection: bytes, and for each row the length of one step."""
    try:
        with np.load(path, allow_pickle=False) as file:
            steps, scale = file["steps"], file["scale"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if steps.shape != shape or scale.shape != shape[:1] or steps.dtype != np.int8:
        return None
    rows: Matrix = steps.astype(np.float32) * scale[:, None].astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def write_small(path: Path, rows: Matrix) -> None:
    """`path` holds `rows` in a quarter of their size, each number within half a percent of the largest."""
    scale = np.abs(rows).max(axis=1) / 127
    steps = np.round(rows / scale[:, None]).astype(np.int8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, steps=steps, scale=scale.astype(np.float32))


def _write(path: Path, rows: Matrix) -> None:
    with tempfile.SpooledTemporaryFile(max_size=1 << 28) as file:
        np.savez(file, rows=rows)
        file.seek(0)
        data = file.read()
    try:
        write_atomically(path, data)
    except OSError:
        return  # the vectors are right, only the next start will be slower
