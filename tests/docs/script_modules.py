"""Programs of scripts/, as modules that tests can look into."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def loaded(file: str, name: str) -> ModuleType:
    """The program `scripts/file`, imported under that name."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
