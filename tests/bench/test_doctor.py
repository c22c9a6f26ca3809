"""The doctor finds what is wrong and says what to try."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from rich.console import Console

from antiphon.bench.doctor import Finding, Grade, examine, exit_code, render, summary
from antiphon.config import Settings

pytestmark = pytest.mark.models


def findings(**settings: object) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(Settings(**settings))}  # type: ignore[arg-type]


def test_the_models_that_ship_are_whole_and_can_be_opened(tmp_path: Path) -> None:
    found = findings(home=tmp_path, port=0)
    for what in (
        "silero_vad/silero_vad_16k_products.onnx",
        "smart_turn/smart-turn-v3.2-cpu.onnx",
        "minilm/tokenizer.json",
        "speech recognizer",
        "sentence model",
        "voice",
    ):
        assert found[what].grade is Grade.OK, found[what]
        assert "MiB" in found[what].found
    assert exit_code(list(found.values())) == 0


def test_a_taken_port_is_noticed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = findings(home=tmp_path, port=port)["address"]
    assert found.grade is Grade.WARN
    assert f"--port {port % 65535 + 1}" in found.next_step


def test_a_home_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = findings(home=tmp_path / "file" / "home", port=0)
    assert found["ANTIPHON_HOME"].grade is Grade.FAIL
    assert "ANTIPHON_HOME" in found["ANTIPHON_HOME"].next_step
    assert exit_code(list(found.values())) == 1


def test_a_key_is_reported_and_never_shown(tmp_path: Path) -> None:
    found = list(findings(home=tmp_path, port=0, openai_api_key="sk-very-secret").values())
    console = Console(width=120, record=True)
    render(found, console)
    told = console.export_text()
    assert "very-secret" not in told
    assert any(finding.what == "OPENAI_API_KEY" and "set" in finding.found for finding in found)


def test_what_is_in_brackets_is_printed_as_it_is() -> None:
    console = Console(width=120, record=True)
    render([Finding(Grade.WARN, "extra", "missing", "pip install 'antiphon[piper]'")], console)
    assert "pip install 'antiphon[piper]'" in console.export_text()


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        ([Grade.OK], "All is well"),
        ([Grade.OK, Grade.WARN], "1 thing could be better"),
        ([Grade.FAIL, Grade.FAIL, Grade.WARN], "2 things must be repaired"),
    ],
)
def test_the_summary_is_one_sentence(grades: list[Grade], said: str) -> None:
    assert said in summary([Finding(grade, "x", "y") for grade in grades])
