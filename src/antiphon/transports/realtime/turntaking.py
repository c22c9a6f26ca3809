"""What a session's turn detection means in the conversation's words."""

from __future__ import annotations

from antiphon.core import events as e
from antiphon.wire import openai_realtime as rt

USUAL_SILENCE_MS = rt.ServerVad().silence_duration_ms
"""Where a client leaves this as it is, the wait follows from what was said and how it sounded: 0.3 to 1.2 seconds.
Half a second for all would be too short for a pause in thought, and too long after a question that is whole."""
PATIENCE = {"low": 2.0, "medium": 1.0, "auto": 1.0, "high": 0.6}
"Times the graded wait, for each eagerness of semantic_vad: at most 2.4, 1.2 and 0.7 seconds."


def turn_taking(session: rt.AnySession) -> e.TurnTakingSet:
    """Who ends a turn, after which silence, and what becomes of it.

    `server_vad` hears voices, and any voice stops the agent at once; `semantic_vad` judges by what is said.
    """
    detection = session.audio.input.turn_detection
    if detection is None:
        return e.TurnTakingSet(e.TurnEnd.OPEN, gives_way=False)
    silence, prompts_after, patience = None, None, 1.0
    if isinstance(detection, rt.SemanticVad):
        patience = PATIENCE[detection.eagerness]
    else:
        if detection.silence_duration_ms != USUAL_SILENCE_MS:
            silence = detection.silence_duration_ms / 1000
        if detection.idle_timeout_ms is not None and isinstance(session, rt.Session):
            prompts_after = detection.idle_timeout_ms / 1000
    if not isinstance(session, rt.Session):
        return e.TurnTakingSet(e.TurnEnd.KEPT, False, patience, silence)
    ends = e.TurnEnd.ANSWERED if detection.create_response else e.TurnEnd.KEPT
    judges = isinstance(detection, rt.SemanticVad)
    return e.TurnTakingSet(ends, detection.interrupt_response, patience, silence, prompts_after, judges)
