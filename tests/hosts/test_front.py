"""A server whose application is not there yet takes calls, and lets everything else wait for it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from urllib.request import urlopen

from house import Client, client, parrot
from starlette.types import ASGIApp

from antiphon.config import Settings
from antiphon.hosts.application import create_app
from antiphon.hosts.front import Front
from antiphon.hosts.security.security import open_security
from antiphon.hosts.server import Server, server_config
from antiphon.hosts.stage import Stage
from antiphon.session.session import Providers
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer


def status(address: str, path: str) -> int:
    with urlopen(f"http://{address}{path}", timeout=30) as answer:
        return int(answer.status)


async def said(caller: Client) -> object:
    await caller.hello()
    await caller.send(type="text", text="Hello.", id=1)
    return (await caller.until("sentence"))["text"]


def test_a_call_is_held_before_the_application_is_there_and_after(tmp_path: Path) -> None:
    may_be_made, made = threading.Event(), []

    async def story() -> None:
        stage = Stage(
            Settings(home=tmp_path),
            {"parrot": parrot()},
            Providers(
                ScriptedVad(),
                ScriptedRecognizer(["Hi."]),
                ScriptedTurnDetector([0.98]),
                ScriptedSynthesizer(),
            ),
        )
        security = open_security(stage.settings, "127.0.0.1", owner_of=stage.owner_of)

        def make() -> ASGIApp:
            may_be_made.wait(30)
            made.append(threading.current_thread())
            return create_app(stage, security)

        server = Server(server_config(Front(stage, security, make)), stage)
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            address = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            asked = [
                tasks.create_task(asyncio.to_thread(status, address, path))
                for path in ("/healthz", "/readyz")
            ]
            async with client(address) as early:
                assert await said(early) == "You said: Hello."
                assert not made and not any(task.done() for task in asked)
                may_be_made.set()
                assert await asyncio.gather(*asked) == [200, 200]
                async with client(address) as late:
                    assert await said(late) == "You said: Hello."
                await early.send(type="bye")
                assert (await early.closed())[0] == 1000
            assert len(made) == 1 and made[0] is not threading.main_thread()
            server.should_exit = server.force_exit = True
            await serving

    asyncio.run(story())
