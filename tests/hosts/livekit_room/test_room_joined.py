"""A real room: that of the LiveKit server of LIVEKIT_URL, or without one of the dev room."""

from __future__ import annotations

import asyncio
import json
from array import array
from pathlib import Path

from room_people import TAKEN, server, student, supervisor, until, worker
from room_scene import pair, stage

from antiphon.core import events as e
from antiphon.core.audio import Pcm
from antiphon.core.notes import Attended
from antiphon.hosts.livekit_room.supervising import TOPIC
from antiphon.hosts.security.tokens import session_id
from antiphon.session.supervision import Supervisor

LOUD = array("h", ([3000] * 20 + [-3000] * 20) * 8).tobytes()


def test_a_student_is_greeted_asks_and_a_teacher_takes_over(tmp_path: Path) -> None:
    async def story() -> None:
        at = stage(tmp_path, pair())
        name = session_id()
        async with server() as keys, worker(at, keys), student(keys, name) as ann:
            await until(lambda: name in at.sessions)
            session = at.sessions[name]
            news: list[object] = []
            session.watchers.append(lambda _, item: news.append(item))
            await until(lambda: [line.text for line in session.transcript] == ["Hello there."])

            await ann.write("sums please")
            await until(lambda: len(session.transcript) == 3)
            assert session.transcript.lines[-1].text == "You said sums please That is all."
            assert session.transcript.lines[-1].speaker == "sums"

            async with student(keys, name, "bob") as bob, supervisor(keys, name) as mia:
                await until(lambda: bob.texts.get(TAKEN))
                await until(lambda: any(isinstance(one, Attended) for one in news))
                send = mia.room.local_participant.publish_data
                for message in (
                    {"type": "ping", "id": 7},
                    {"type": "hand_back"},
                    {"type": "say", "text": "forbidden"},
                ):
                    await send(json.dumps(message), topic=TOPIC)
                await until(lambda: len(mia.data.get(TOPIC, [])) == 3)
                answers = [json.loads(one) for one in mia.data[TOPIC]]
                assert answers[0] == {"type": "pong", "id": 7}
                assert {one.get("code") for one in answers} >= {"not_taken_over"}
                assert any(one["type"] == "line_refused" for one in answers)
                await send(json.dumps({"type": "take_over"}), topic=TOPIC)
                await until(lambda: session.supervision.taken_over_by == "mia")
            await until(lambda: not session.supervision.taken_over_by)

            page = Supervisor("zoe")  # at /supervise: their voice comes to the session, not to the room
            session.supervision.join(page)
            session.supervision.take_over(page)
            async with asyncio.timeout(60):
                while ann.loud.get("teacher", 0) <= 10:
                    session.supervision.voice(page, Pcm(LOUD, 16_000))
                    await asyncio.sleep(0.02)
            session.supervision.hand_back(page)
            session.supervision.leave(page)

            await ann.leave()
            await until(lambda: name not in at.sessions)
            assert session.conversation.is_over
            assert any(line.role is e.Role.USER for line in session.transcript)

    asyncio.run(story())
