"""The checks, run one after the other against a server, and what came of them."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import websockets

from antiphon.bench.conformance.checking import AUDITS, CHECKS, Afterwards, Check, Level
from antiphon.bench.conformance.connection import Server
from antiphon.bench.conformance.expecting import NotRun, Unmet
from antiphon.bench.conformance.speaking import spoken
from antiphon.core.audio import Pcm
from antiphon.core.errors import CallerError

MODULES = ("session", "item", "speech", "response", "function", "error", "beside", "secret", "call")
LONGEST_S = 90.0
"Seconds of one check; then it has failed."


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check. `reason`: why it failed, or was not run; empty when it passed."""

    name: str
    level: Level
    told: str
    reason: str = ""
    seconds: float = 0.0
    was_run: bool = True

    @property
    def has_passed(self) -> bool:
        return not self.reason

    @property
    def has_failed(self) -> bool:
        return self.was_run and not self.has_passed


@dataclass(frozen=True, slots=True)
class Conformance:
    """What came of all of them."""

    url: str
    model: str
    results: tuple[Result, ...]

    def of(self, level: Level) -> list[Result]:
        return [result for result in self.results if result.level is level]

    def failed(self, level: Level | None = None) -> list[str]:
        """The names of the checks that failed."""
        return [r.name for r in self.results if r.has_failed and level in (None, r.level)]

    @property
    def exit_code(self) -> int:
        return 1 if self.failed(Level.P0) else 0

    def json(self) -> str:
        counts = {
            level.value: {
                "checks": len(self.of(level)),
                "failed": len(self.failed(level)),
                "not_run": sum(not result.was_run for result in self.of(level)),
            }
            for level in Level
        }
        results = [{**asdict(result), "passed": result.has_passed} for result in self.results]
        return json.dumps({"url": self.url, "model": self.model, **counts, "results": results}, indent=1)


def known() -> tuple[dict[str, Check], dict[str, Afterwards]]:
    """Every check there is, and every look at what was seen."""
    for name in (*(f"{module}_checks" for module in MODULES), "audits"):
        importlib.import_module(f"antiphon.bench.conformance.{name}")
    return CHECKS, AUDITS


async def conformance(
    url: str,
    *,
    key: str = "none",
    model: str = "tutor",
    only: Sequence[str] = (),
    question: Pcm | None = None,
    within_s: float = 20.0,
    at_once: int = 1,
    on_progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Conformance:
    """Every check, or those of the names or levels in `only`, was run. Raises CallerError for a name that is none."""
    checks, audits = known()
    if unknown := [name for name in only if name not in (*checks, *audits, *Level)]:
        raise CallerError(f"no check is called {unknown[0]!r}; there are: {', '.join((*checks, *audits))}")
    wanted = [one for one in checks.values() if not only or one.name in only or one.level in only]
    after = [one for one in audits.values() if not only or one.name in only or one.level in only]
    server = Server(endpoint(url), key, model, question or await spoken(), within_s)
    room, done = asyncio.Semaphore(at_once), 0

    async def tried(one: Check) -> Result:
        nonlocal done
        async with room:
            on_progress(one.name, done, len(wanted))
            result = await _tried(one, server)
            done += 1
            return result

    results = list(await asyncio.gather(*map(tried, wanted)))
    for look in after:
        reason = ""
        try:
            look.look(server.seen)
        except Unmet as unmet:
            reason = str(unmet)
        results.append(Result(look.name, look.level, look.told, reason))
    return Conformance(server.url, model, tuple(results))


async def _tried(one: Check, server: Server) -> Result:
    clock = asyncio.get_running_loop().time
    begun, reason, was_run = clock(), "", True
    try:
        async with asyncio.timeout(LONGEST_S):
            await one.run(server)
    except Unmet as unmet:
        reason = str(unmet)
    except NotRun as why:
        reason, was_run = str(why), False
    except TimeoutError:
        reason = f"not over within {LONGEST_S:g} s"
    except (OSError, websockets.WebSocketException) as error:
        reason = f"no connection: {error}"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"an event is not as it must be: {error!r}"
    return Result(one.name, one.level, one.told, reason, round(clock() - begun, 2), was_run)


def endpoint(url: str) -> str:
    """The WebSocket's address of a server given as http://host, ws://host/v1 or the like. Raises CallerError."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if parts.scheme not in schemes or not parts.netloc:
        raise CallerError(f"{url[:80]!r} is no address of a server; try http://127.0.0.1:8700")
    path = parts.path.rstrip("/") or "/v1"
    return f"{schemes[parts.scheme]}://{parts.netloc}{path if path.endswith('/realtime') else path + '/realtime'}"
