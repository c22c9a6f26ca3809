"""The local language model's own process: an HTTP server on the loopback address, gone when its parent is.

    python -m antiphon.providers.local_llm_server MODEL.gguf --threads 2 --slots 4 --slot-tokens 2048

Prints the base URL when it is ready, and ends when its standard input does: a pipe from the parent is closed
by the kernel however the parent dies.
"""

from __future__ import annotations

import argparse
import os
import sys

# Idle OpenMP threads spin by default and take the cores from recognition and speech: with one core busy
# elsewhere the first sentence came after 3.7 s, and after 2.7 s with these. Read when the library is loaded.
os.environ.update(OMP_WAIT_POLICY="passive", GOMP_SPINCOUNT="0")

PROMPT_CACHE_MIB = 512
"MiB for prompts that have left their slot; the engine's own bound is 8192, which a small machine lacks."


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description="A local language model behind chat completions.")
    parser.add_argument("gguf")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--slot-tokens", type=int, default=2048)
    asked = parser.parse_args()
    # The address alone goes to the pipe; whatever the engine prints goes to the log.
    address = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        import xllamacpp
    except ImportError:
        sys.exit("xllamacpp is not installed: run `pip install antiphon[local-llm]`")
    params = xllamacpp.CommonParams()
    params.model.path = asked.gguf
    params.n_parallel = asked.slots
    params.n_ctx = asked.slots * asked.slot_tokens
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = asked.threads
    params.cache_prompt = True
    params.verbosity = -1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.offline = True
    params.ui = False
    params.cache_ram_mib = PROMPT_CACHE_MIB
    server = xllamacpp.Server(params)
    address.write(f"{server.listening_address}/v1\n")
    address.flush()
    sys.stdin.buffer.read()
    # Not sys.exit: replies under way are not worth waiting for, there is nobody left to hear them.
    os._exit(0)


if __name__ == "__main__":
    main()
