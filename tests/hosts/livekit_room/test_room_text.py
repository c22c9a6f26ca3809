"""Routing, hand-offs and the guardrail in LiveKit's AgentSession, in text."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

from livekit.agents import RunResult, llm
from room_scene import Strict, check_journal, pair, stage

from antiphon.core import events as e
from antiphon.core.notes import RouteDecided, TextJudged
from antiphon.hosts.livekit_room.agents import OrchestratorAgent, RoomAgent, SpecialistAgent
from antiphon.hosts.livekit_room.conversing import conversing
from antiphon.hosts.livekit_room.english import EnglishAgent
from antiphon.hosts.livekit_room.guarded import GuardedAgent


def calls(result: RunResult[None]) -> list[str]:
    return [one.item.name for one in result.events if one.type == "function_call"]


def said(result: RunResult[None]) -> str:
    messages = [one.item for one in result.events if one.type == "message"]
    return (messages[-1].text_content or "").strip() if messages else ""


def test_every_voice_node_makes_frames() -> None:
    for kind in (GuardedAgent, RoomAgent, OrchestratorAgent, SpecialistAgent, EnglishAgent):
        assert inspect.isasyncgenfunction(kind.tts_node), kind


def test_the_orchestrator_hands_over_with_the_routers_confidence(tmp_path: Path) -> None:
    async def story() -> None:
        async with conversing(stage(tmp_path, pair()), "pair", greets=False) as room:
            first = await room.livekit.run(user_input="sums please")
            first.expect.next_event().is_function_call(
                name="hand_to_sums", arguments={"confidence": 0.9, "reason": "it says sums"}
            )
            first.expect.next_event().is_function_call_output()
            first.expect.next_event().is_agent_handoff(new_agent_type=SpecialistAgent)
            first.expect.next_event().is_message(role="assistant")
            assert said(first) == "You said sums please That is all."

            again = await room.livekit.run(user_input="more sums")
            assert calls(again) == [], "who answers already is not asked for again"

            other = await room.livekit.run(user_input="dates now")
            assert calls(other) == ["hand_back", "hand_to_dates"], "specialists never hand to each other"
            assert dict(room.troupe.handed) == {("", "sums"): 1, ("sums", ""): 1, ("", "dates"): 1}

    asyncio.run(story())


def test_a_conversation_in_text_is_recorded_like_any_other(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        async with conversing(at, "pair") as room:
            told: list[object] = []
            room.call.session.watchers.append(lambda _, item: told.append(item))
            while not len(room.call.session.transcript):
                await asyncio.sleep(0.01)
            await room.livekit.run(user_input="sums please")
            await room.livekit.run(user_input="dates now")
            session = room.call.session
        assert [(line.role.value, line.text, line.turn, line.speaker) for line in session.transcript] == [
            ("agent", "Hello there.", 1, ""),
            ("user", "sums please", 2, ""),
            ("agent", "You said sums please That is all.", 2, "sums"),
            ("user", "dates now", 3, ""),
            ("agent", "You said dates now That is all.", 3, "dates"),
        ]
        assert [one.specialist for one in told if isinstance(one, RouteDecided)] == ["sums", "dates"]
        report = room.call.report.summary(session.transcript)
        assert report["turns"] == 2
        assert report["ended"] == "the room was left"
        assert session.past.memory["last"] == "dates now"
        check_journal(tmp_path, session.id)

    asyncio.run(story())


def test_what_may_not_be_said_is_in_no_history(tmp_path: Path) -> None:
    async def story() -> None:
        guardrail = Strict()
        async with conversing(stage(tmp_path, pair(guardrail=guardrail)), "pair", greets=False) as room:
            told: list[object] = []
            room.call.session.watchers.append(lambda _, item: told.append(item))
            result = await room.livekit.run(user_input="say forbidden sums")
            history = [
                item.text_content or ""
                for item in room.livekit.history.messages()
                if item.role == "assistant"
            ]
            assert "forbidden" not in said(result) + " ".join(history)
            assert any(isinstance(one, TextJudged) and one.action == "block" for one in told)
            refused = await room.livekit.run(user_input="attack them")
            assert "attack" not in said(refused)
            assert said(refused), "a refusal is said"
            assert len(guardrail.checked) == len(set(guardrail.checked)), "nothing is checked twice"

    asyncio.run(story())


def test_a_text_that_changes_on_its_way_is_the_one_that_is_answered(tmp_path: Path) -> None:
    async def story() -> None:
        async with conversing(stage(tmp_path, pair()), "pair", greets=False) as room:
            await room.livekit.run(user_input="sums one")
            now = asyncio.get_running_loop().time()
            room.line.tell(e.SpeechStarted(now))
            room.line.tell(e.SpeechStopped(now))
            room.line.tell(e.Transcribed(1, "sums to"))
            while room.call.session.conversation.words.text != "sums to":
                await asyncio.sleep(0.01)
            result = await room.livekit.run(user_input="sums two")
            assert said(result) == "You said sums two That is all."

    asyncio.run(story())


def test_an_agent_of_ones_own_is_guarded_in_every_node() -> None:
    class Writer(llm.LLM[str]):
        def chat(self, *, chat_ctx: llm.ChatContext, **options: object) -> llm.LLMStream:
            return Writing(self, chat_ctx=chat_ctx, tools=[], conn_options=options["conn_options"])  # type: ignore[arg-type]

    class Writing(llm.LLMStream):
        async def _run(self) -> None:
            is_bad = "bad" in (self.chat_ctx.messages()[-1].text_content or "")
            for piece in (
                ("All is we", "ll. This is forb", "idden!") if is_bad else ("All is we", "ll. And a tail")
            ):
                delta = llm.ChoiceDelta(role="assistant", content=piece)
                self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=delta))

    async def story() -> None:
        from livekit.agents import AgentSession

        guardrail = Strict()
        session: AgentSession[None] = AgentSession(llm=Writer())
        async with session:
            await session.start(GuardedAgent(guardrail=guardrail, instructions="x"), record=False)
            assert said(await session.run(user_input="good")) == "All is well. And a tail"
            text = said(await session.run(user_input="bad"))
            assert text.startswith("All is well. ")
            assert "forbidden" not in text
            assert len(text) > len("All is well. "), "a refusal stands for what was blocked"
            agent = session.current_agent
            assert isinstance(agent, GuardedAgent)
            handle = await agent.say("This is forbidden.")
            assert handle is not None
            await handle
            assert "forbidden" not in " ".join(item.text_content or "" for item in session.history.messages())

    asyncio.run(story())
