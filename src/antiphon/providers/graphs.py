"""Networks as onnxruntime optimizes them, kept on disk so that a process starts without doing it again.

Optimizing takes most of what loading takes: of the voice 0.15 of 0.27 s of processor. The result is meant for one
version of onnxruntime and one processor, which have a share in the name of the file. It is not for models of small
numbers that are made large ones on loading: the sentence model would be kept in 90 MB.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NoSuchFile,
)

Built = TypeVar("Built")

DAMAGED = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, RuntimeError)
"What onnxruntime says of a file that is no graph."


def built(
    make: Callable[[str | bytes], Built], model: str | bytes, title: str, version: str, folder: Path
) -> Built:
    """`make` of the optimized `model` in `folder`, put there first if it is not; else of the model itself.

    `version` changes whenever the model does, and `title` never: of each there is one file. Any number of threads and
    processes may do this at once.
    """
    meant_for = hashlib.sha256("\n".join([version, ort.__version__, _processor()]).encode()).hexdigest()
    path = folder / f"{title}-{meant_for[:24]}.onnx"
    try:
        if not path.is_file():
            _write(path, model, title)
        return make(str(path))
    except (OSError, NoSuchFile):  # a full disk, or a folder that is not ours: only slower
        return make(model)
    except DAMAGED:
        path.unlink(missing_ok=True)
        return make(model)


def _write(path: Path, model: str | bytes, title: str) -> None:
    """`path` holds the optimized model, whole, and no older one of its title is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    options = ort.SessionOptions()
    options.log_severity_level = 4  # that the file is for this processor is known
    options.optimized_model_filepath = str(partial)
    try:
        ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        os.replace(partial, path)
        for other in path.parent.glob(f"{title}-*.onnx"):
            if other != path:
                other.unlink(missing_ok=True)
    finally:
        partial.unlink(missing_ok=True)


@cache
def _processor() -> str:
    """What tells this processor from one that a graph would run worse on, or not at all."""
    try:
        lines = (
            Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n")[0].splitlines()
        )
    except OSError:
        lines = []
    told = [line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))]
    return "\n".join([platform.machine(), *told] if told else [platform.machine(), platform.processor()])
