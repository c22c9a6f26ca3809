"""Agents that people wrote: found in a file or a module, made, and held open while they are served."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from antiphon.agent.definition import Agent
from antiphon.core.errors import SetupError, first_cause

NAME = "agent"
"Looked for where no name is given."


@asynccontextmanager
async def load_agent(where: str) -> AsyncIterator[Agent]:
    """The agent at `where`: "path/my_agent.py:name" or "package.module:name"; the name `agent` may be left out.

    It may be an Agent, a function or async function that makes one, or an async context manager that holds what
    the agent needs (its MCP servers, its database) open while it is served. Its folder can be imported from.
    Raises SetupError that names the file and the line of whatever is wrong. Loads in the event loop.
    """
    place, name = _parts(where)
    module = _module(place)
    if not hasattr(module, name):
        others = [key for key, value in vars(module).items() if isinstance(value, Agent)]
        hint = f"try {place}:{others[0]}" if others else f"write `{name} = Agent(…)` in it"
        raise SetupError(f"there is no {name} in {place}: {hint}")
    found: object = getattr(module, name)
    try:
        if callable(found) and not isinstance(found, type):
            found = found()
        if inspect.isawaitable(found):
            found = await found
        opened = found if isinstance(found, AbstractAsyncContextManager) else None
        if opened is not None:
            found = await opened.__aenter__()
    except Exception as error:
        raise _failed(f"{place}:{name}", error) from error
    if opened is None:
        yield _checked(f"{place}:{name}", found)
        return
    try:
        yield _checked(f"{place}:{name}", found)
    except BaseException as error:
        if not await opened.__aexit__(type(error), error, error.__traceback__):
            raise
    else:
        await opened.__aexit__(None, None, None)


def _parts(where: str) -> tuple[str, str]:
    place, colon, name = where.rpartition(":")
    if colon and place and name.isidentifier():
        return place, name
    if where.endswith(":"):
        return where[:-1], NAME
    if colon and not any(mark in name for mark in "/\\."):
        raise SetupError(f"{name!r} cannot be the name of an agent: write path/my_agent.py:agent")
    return where, NAME


def _module(place: str) -> ModuleType:
    if not place.endswith(".py"):
        return _imported(place)
    path = Path(place).expanduser().resolve()
    if not path.is_file():
        raise SetupError(f"there is no file {path}: check the path")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    # Its own name in the table of modules, under which its dataclasses and annotations are found again.
    name = f"antiphon_agent_{path.stem}_{sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "it ends in .py"
    assert spec.loader is not None, "it is a file"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _failed(str(path), error) from error
    return module


def _imported(place: str) -> ModuleType:
    if not all(part.isidentifier() for part in place.split(".")):
        raise SetupError(
            f"{place} is neither a file that ends in .py nor a module: write path/my_agent.py:agent"
        )
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is None or not (place == error.name or place.startswith(f"{error.name}.")):
            raise _failed(place, error) from error
        raise SetupError(f"there is no module {place}: for a file, write path/my_agent.py:agent") from error
    except Exception as error:
        raise _failed(place, error) from error


def _failed(where: str, error: Exception) -> SetupError:
    """The error as told to whoever wrote the file: with its line, the deepest that is not in a library."""
    inner = first_cause(error)
    if isinstance(inner, SyntaxError) and inner.filename:
        return SetupError(f"{inner.filename}, line {inner.lineno}: {inner.msg}: mend it and start again")
    if isinstance(inner, SetupError):
        return SetupError(f"{where}: {inner}")
    frames = [f for f in traceback.extract_tb(inner.__traceback__) if _is_theirs(f.filename)]
    told = f"{type(inner).__name__}: {inner}".removesuffix(": ")
    if isinstance(inner, ModuleNotFoundError):
        hint = f"install {inner.name}, or put it beside the file"
    else:
        hint = "mend it and start again"
    at = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else where
    return SetupError(f"{at}: {told}: {hint}")


def _is_theirs(filename: str) -> bool:
    path = Path(filename)
    ours = Path(__file__).parents[1]
    return (
        path.is_file()
        and "site-packages" not in path.parts
        and ours not in path.parents
        and (not path.is_relative_to(Path(traceback.__file__).parent))
    )


def _checked(where: str, found: object) -> Agent:
    """`found`, an agent that can answer."""
    if not isinstance(found, Agent):
        made = f"{found.__name__}, a class" if isinstance(found, type) else f"of type {type(found).__name__}"
        raise SetupError(f"{where} is {made}, not an Agent: name an Agent, or a function that makes one")
    if not found.specialists:
        raise SetupError(f"{where} has no specialist, and so nobody who answers: give it one")
    names = [specialist.name for specialist in found.specialists]
    if len(names) > 1 and found.router is None:
        raise SetupError(f"{where} has {len(names)} specialists and nobody who chooses: give it a router")
    if (twice := next((name for name in names if names.count(name) > 1), None)) is not None:
        raise SetupError(f"{where} has two specialists called {twice!r}: rename one")
    return found
