"""Says something with the voice of this machine, into a WAV file: a caller's question for `antiphon talk`.

.venv/bin/python scripts/say.py "What is 25% of 80?" question.wav
"""

from __future__ import annotations

import asyncio
import sys

from antiphon.bench.voices import BundledVoice
from antiphon.bench.wav import write_wav


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    text, file = arguments
    write_wav(file, asyncio.run(BundledVoice().say(text)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
