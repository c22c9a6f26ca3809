"""Takes the pictures of docs/images from the real server, with a person who speaks."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from antiphon.bench.serving import serving

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from browsing import UI, speak  # noqa: E402  what the tests of the page speak with


async def take(folder: Path) -> int:
    """The exit code of the script that takes them. The server has a data folder of its own, without other calls."""
    with TemporaryDirectory(prefix="antiphon-") as given:
        home = Path(given)
        mine = Path(os.environ.get("ANTIPHON_HOME", "~/.antiphon")).expanduser()
        for kept in ("cache", "bench"):
            if (mine / kept).is_dir():
                shutil.copytree(mine / kept, home / kept)
        os.environ["ANTIPHON_HOME"] = given
        question = await speak("Why did World War One start?", home / "question.wav")
        over = await speak("Wait. What is twenty five percent of eighty?", home / "interruption.wav")
        said = ("--question", str(question), "--interruption", str(over))
        async with serving() as url:
            node = await asyncio.create_subprocess_exec(
                *("node", "e2e/pictures.mjs", "--url", url, "--folder", str(folder), *said), cwd=UI
            )
            return await node.wait()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    sys.exit(asyncio.run(take(target.resolve())))
