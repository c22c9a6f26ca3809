"""Does what docs/tutorial says, word for word, and checks that it prints what the pages say it prints.

    python scripts/tutorial.py

The pages are read in order, as one reader would. A block of

    ```sh                      is run to its end
    ```sh title="server"       is started, and runs until the next one, or the end
    ```python title="NAME"     is written to the file NAME
    ```text                    is what the command before it prints: `…` stands for anything in a line,
                               and alone in a line for any number of lines

in a fresh folder that holds nothing but `antiphon`, whose entries are links to those of this clone. The reader's
home is fresh, too, and the port 8700 is another one, that was free.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "tutorial"
PORT = "8700"
"The port that the pages speak of."
COMMAND_S = 240.0
"Longest time that a command may take, or a server until it is ready."
ALL_S = 600.0
"Longest time for all of it, on a machine that has other things to do."
LEAVING_S = 30.0
"Longest time a server takes that was told to stop: it drains for 20 s at most."
OURS = ("ANTIPHON_", "OPENAI_", "ANTHROPIC_", "LIVEKIT_", "LANGFUSE_", "OTEL_", "DATABASE_", "REDIS_")
FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Wrong(Exception):
    """A page says what is not so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One block of a page, and what the page says that it prints."""

    page: str
    kind: str
    title: str
    body: str
    prints: str = ""


def steps(page: Path) -> Iterator[Step]:
    """What a reader of the page does, in order. Raises Wrong for a block that nobody could carry out."""
    last: Step | None = None
    for kind, title, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "text":
            if last is None or last.kind != "sh" or last.prints:
                raise Wrong(f"{page.name}: a ```text block that follows no command:\n{body}")
            last = Step(last.page, last.kind, last.title, last.body, body)
            continue
        if last is not None:
            yield last
        if kind not in {"sh", "python"} or (kind == "python" and not title):
            raise Wrong(f"{page.name}: nobody can do this, it is neither a command nor a file:\n{body}")
        last = Step(page.name, kind, title, body)
    if last is not None:
        yield last


def is_told(printed: str, told: str) -> bool:
    """What was printed is what the page tells."""
    parts = []
    for line in told.strip("\n").splitlines():
        if line.strip() == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(r"[^\n]*".join(re.escape(part.rstrip()) for part in line.split("…")) + r"[ ]*\n")
    return re.fullmatch("".join(parts), printed.strip("\n") + "\n") is not None


@dataclass(slots=True)
class Reader:
    """Somebody who sits in `place` and does what they read."""

    place: Path
    port: int
    output: Path
    environment: dict[str, str]
    server: subprocess.Popen[bytes] | None = None
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def fresh(cls, folder: Path) -> Reader:
        """In a clone below `folder`, with a home and a port of their own."""
        clone, home = folder / "antiphon", folder / "home"
        clone.mkdir()
        home.mkdir()
        for entry in ROOT.iterdir():
            if entry.name != ".venv":
                (clone / entry.name).symlink_to(entry)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        venv = Path(os.environ.get("ANTIPHON_VENV") or ROOT / ".venv")
        (clone / ".venv").symlink_to(venv.absolute())
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        told = {"HOME": str(home), "ANTIPHON_VENV": str(venv), "ANTIPHON_PORT": str(port), "COLUMNS": "80"}
        return cls(clone, port, folder / "server.out", kept | told)

    def do(self, step: Step) -> None:
        """The step is done, and did what the page says. Raises Wrong."""
        if time.monotonic() - self.began > ALL_S:
            raise Wrong(f"{step.page}: the tutorial takes longer than {ALL_S:g} s")
        if step.kind == "python":
            (self.place / step.title).write_text(step.body, encoding="utf-8")
        elif step.title == "server":
            self.leave()
            self.serve(step)
        else:
            self.run(step)

    def run(self, step: Step) -> None:
        where = self.output.with_name("place")
        script = f"set -e\n{self.here(step.body)}\npwd >'{where}'\n"
        try:
            done = subprocess.run(
                ["sh", "-c", script],
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=COMMAND_S,
            )
        except subprocess.TimeoutExpired:
            raise Wrong(f"{step.page}: not done within {COMMAND_S:g} s:\n{step.body}") from None
        if done.returncode:
            raise Wrong(
                f"{step.page}: exit code {done.returncode} of\n{step.body}\n{done.stdout}{done.stderr}"
            )
        self.place = Path(where.read_text(encoding="utf-8").rstrip("\n"))
        if step.prints and not is_told(done.stdout, self.here(step.prints)):
            raise Wrong(f"{step.page}:\n{step.body}\nprints\n{done.stdout}\nand the page says\n{step.prints}")

    def serve(self, step: Step) -> None:
        with self.output.open("wb") as output:
            self.server = subprocess.Popen(
                ["sh", "-c", f"exec {self.here(step.body).strip()}"],
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=self.output.with_name("server.err").open("wb"),
            )
        until = time.monotonic() + COMMAND_S
        while not is_told(self.output.read_text(encoding="utf-8"), self.here(step.prints)):
            if self.server.poll() is not None or time.monotonic() > until:
                told = self.output.read_text() + self.output.with_name("server.err").read_text()
                raise Wrong(f"{step.page}:\n{step.body}\nprints\n{told}\nand the page says\n{step.prints}")
            time.sleep(0.1)

    def leave(self) -> None:
        """The server that runs has been stopped as Ctrl-C stops it, without a fault."""
        if self.server is None:
            return
        server, self.server = self.server, None
        server.send_signal(signal.SIGINT)
        try:
            code = server.wait(LEAVING_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            raise Wrong(f"the server did not stop within {LEAVING_S:g} s of Ctrl-C") from None
        if code:
            raise Wrong(f"the server ended with {code}:\n{self.output.with_name('server.err').read_text()}")

    def here(self, text: str) -> str:
        return text.replace(PORT, str(self.port))


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="antiphon-tutorial-", ignore_cleanup_errors=True) as folder:
        reader = Reader.fresh(Path(folder))
        try:
            for page in sorted(PAGES.glob("[0-9]*.md")):
                for step in steps(page):
                    at = time.monotonic()
                    reader.do(step)
                    first = step.title if step.kind == "python" else step.body.strip().splitlines()[0]
                    print(f"{time.monotonic() - at:6.1f} s  {page.name}: {first}", flush=True)
            reader.leave()
        except Wrong as wrong:
            print(f"\n{wrong}")
            return 1
        finally:
            if reader.server is not None:
                reader.server.kill()
                reader.server.wait()
    print(f"{time.monotonic() - began:6.1f} s  in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
