"""Whatever a caller does, in any order: the laws of a conversation hold, over the whole of `/orchestrate`."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from house import parrot
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from starlette.types import Message
from starlette.websockets import WebSocket

from antiphon.config import Settings
from antiphon.hosts.orchestrate import orchestrate
from antiphon.hosts.security.security import open_security
from antiphon.hosts.stage import Stage
from antiphon.session.session import Providers
from antiphon.testing.clock import VirtualTimeLoop
from antiphon.testing.records import MemoryRecords
from antiphon.testing.scripted import ScriptedRecognizer, ScriptedTurnDetector, ScriptedVad
from antiphon.testing.voices import ScriptedSynthesizer
from antiphon.wire import native

HOME = Path(tempfile.mkdtemp(prefix="antiphon-order-"))
LOUD = (b"\x00\x20" * 16 + b"\x00\xe0" * 16) * 10


class Page:
    """One connection of the caller's page, without a network."""

    def __init__(self, stage: Stage, gate: object, loop: asyncio.AbstractEventLoop) -> None:
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.got: list[dict[str, object]] = []
        self.sound: list[tuple[float, native.AudioFrame]] = []
        self.cleared: dict[int, int] = {}
        "By turn, how many frames had come when it was cleared."
        self.closed = 0
        self._loop = loop
        scope = {"type": "websocket", "path": "/orchestrate", "query_string": b"", "subprotocols": [],
                 "headers": [(b"host", b"127.0.0.1:8700")], "client": ("127.0.0.1", 5000), "scheme": "ws"}  # fmt: skip
        self.inbox.put_nowait({"type": "websocket.connect"})
        socket = WebSocket(scope, self.inbox.get, self._take)
        self.task = loop.create_task(orchestrate(socket, stage, gate))  # type: ignore[arg-type]

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            self.closed = message["code"]
        elif message.get("bytes") is not None:
            self.sound.append((self._loop.time(), native.decode_audio(message["bytes"])))
        elif message.get("text") is not None:
            told = json.loads(message["text"])
            self.got.append(told)
            if told["type"] == "clear":
                self.cleared[told["turn"]] = len(self.sound)

    def send(self, **message: object) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def all(self, kind: str) -> list[dict[str, object]]:
        return [message for message in self.got if message["type"] == kind]


class AnyOrder(RuleBasedStateMachine):
    """A caller who says hello, speaks, types, listens, interrupts, drops the line, comes back and leaves."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.loop = self.runner.get_loop()
        self.records = MemoryRecords()
        self.running = self.loop.create_task(self.records.run())
        hands = Providers(
            ScriptedVad(), ScriptedRecognizer(["Hello."]), ScriptedTurnDetector([0.98]), ScriptedSynthesizer()
        )
        agent = parrot(greeting="Welcome to the show.")
        self.stage = Stage(Settings(home=HOME, journals=False), {"parrot": agent}, hands, self.records)
        self.gate = open_security(self.stage.settings, "127.0.0.1", owner_of=self.stage.owner_of).gate
        self.pages: list[Page] = []
        self.session, self.resume, self.typed = "", "", 0
        self.said: list[str] = []
        self.played: dict[int, int] = {}
        self.left = False

    def pass_time(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def is_open(self) -> bool:
        return bool(self.pages) and not self.page.task.done()

    # ---- what a caller does ----------------------------------------------------------------------------
    @precondition(lambda self: not self.is_open)
    @rule(greet=st.booleans())
    def hello(self, greet: bool) -> None:
        # Who was shown out for sending rubbish has left as well.
        has_left = self.left or (bool(self.pages) and self.page.closed == 4400)
        self.pages.append(Page(self.stage, self.gate, self.loop))
        back = {"session": self.session, "resume": self.resume} if self.session else {}
        if back and self.played:
            turn = max(self.played)
            back |= {"played_turn": turn, "played_samples": self.played[turn]}  # type: ignore[dict-item]
        self.page.send(type="hello", agent="parrot", greet=greet, **back)
        self.pass_time(0.2)
        ready = self.page.all("ready")
        if ready:
            self.session, self.resume = str(ready[0]["session"]), str(ready[0]["resume"])
        else:
            assert has_left and self.page.closed == 4404, (self.page.got, self.page.closed)
            self.session, self.left = "", False
            self.said, self.typed, self.played = [], 0, {}

    @precondition(lambda self: self.is_open)
    @rule(frames=st.integers(1, 60), loud=st.booleans())
    def sound(self, frames: int, loud: bool) -> None:
        for _ in range(frames):
            data = LOUD if loud else bytes(len(LOUD))
            self.page.inbox.put_nowait({"type": "websocket.receive", "bytes": data})
            self.pass_time(0.02)

    @precondition(lambda self: self.is_open)
    @rule(again=st.booleans())
    def text(self, again: bool) -> None:
        """A typed line; or the last one sent again, as a page does that does not know whether it arrived."""
        if not again or not self.typed:
            self.typed += 1
            self.said.append(f"line {self.typed}")
        self.page.send(type="text", text=self.said[-1], id=self.typed)
        self.pass_time(0.05)

    @precondition(lambda self: self.is_open)
    @rule(share=st.sampled_from([0.3, 1.0]), seconds=st.sampled_from([0.1, 1.0, 4.0]))
    def listen(self, share: float, seconds: float) -> None:
        """Time passes, and what came is played, or some of it."""
        until = self.loop.time() + seconds
        while self.loop.time() < until:
            self.acknowledge(share)
            self.pass_time(0.05)

    def acknowledge(self, share: float) -> None:
        frames = [frame for _, frame in self.page.sound if frame.turn]
        if frames:
            last = frames[-1]
            count = round((last.offset + len(last.data) // 2) * share)
            self.played[last.turn] = max(self.played.get(last.turn, 0), count)
            cleared = last.turn in self.page.cleared
            self.page.send(type="played", turn=last.turn, samples=self.played[last.turn], cleared=cleared)

    @precondition(lambda self: self.is_open)
    @rule(kind=st.sampled_from(["interrupt", "ask_person", "ping"]))
    def press(self, kind: str) -> None:
        self.page.send(type=kind)
        self.pass_time(0.05)

    @precondition(lambda self: self.is_open)
    @rule(
        rubbish=st.sampled_from(["{", '{"type":"dance"}', '{"type":"hello"}', '{"type":"played","turn":-1}'])
    )
    def babble(self, rubbish: str) -> None:
        self.page.inbox.put_nowait({"type": "websocket.receive", "text": rubbish})
        self.pass_time(0.01)

    @precondition(lambda self: self.is_open)
    @rule(away=st.sampled_from([0.0, 2.0, 20.0]))
    def drop(self, away: float) -> None:
        self.page.inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.pass_time(0.1 + away)
        assert self.page.task.done(), "a connection that is gone is let go of"

    @precondition(lambda self: self.is_open)
    @rule()
    def bye(self) -> None:
        self.page.send(type="bye")
        self.pass_time(0.3)
        assert self.page.task.done() and self.page.closed == 1000, self.page.closed
        self.left = True

    # ---- what always holds -----------------------------------------------------------------------------
    @invariant()
    def nothing_has_broken(self) -> None:
        for page in getattr(self, "pages", []):
            if page.task.done():
                assert page.task.exception() is None
            assert page.closed != 1011, "a fault of ours"

    @invariant()
    def no_sound_follows_a_clear(self) -> None:
        for page in getattr(self, "pages", []):
            for turn, count in page.cleared.items():
                assert all(frame.turn != turn for _, frame in page.sound[count:]), turn

    @invariant()
    def no_typed_line_is_doubled(self) -> None:
        if not getattr(self, "session", "") or not self.pages:
            return
        held = self.stage.sessions.get(self.session)
        lines = [line.text for line in held.transcript if line.text.startswith("line ")] if held else []
        typed = [text for line in lines for text in line.split("\n")]
        assert len(typed) == len(set(typed)), typed

    @invariant()
    def what_is_remembered_was_sent(self) -> None:
        for page in getattr(self, "pages", []):
            for line in page.all("remembered"):
                if line["role"] == "agent" and not line["is_past"] and not line["is_cut"]:
                    assert line["text"]

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        if self.is_open:
            self.page.send(type="bye")
            self.pass_time(0.5)
            assert self.page.task.done(), "no call hangs"
        assert not self.stage.sessions
        self.running.cancel()
        self.runner.close()


AnyOrder.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyOrder = AnyOrder.TestCase
