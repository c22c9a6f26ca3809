"""Stories of a conversation, each a few seconds long and told in no time."""

from __future__ import annotations

import itertools

from world import Says, World, says

from antiphon.core import events as e
from antiphon.core.events import Phase, Purpose, Role
from antiphon.core.speech import Approved
from antiphon.core.turns import Lines, TurnPolicy

ANSWER = ["Twenty five percent of eighty is twenty.", "Half of eighty is forty, and half again is twenty."]
LINES = Lines(
    greeting=Approved("Hello there."),
    fillers=((Approved("Let me think."), Approved("One moment.")), (Approved("Still thinking."),), ()),
    prompts=(Approved("Are you still there?"),),
    apology=Approved("Sorry, ask me again."),
)
QUESTION = says(0.0, 1.0, "What is 25% of 80?", 1)


def phases(world: World) -> list[Phase]:
    return [c.phase for c in world.commands(e.ChangePhase) if isinstance(c, e.ChangePhase)]


def time_of(world: World, kind: type) -> float:
    return next(t for t, item in world.log if isinstance(item, kind))


def test_a_question_is_answered_and_both_lines_are_remembered():
    world = World([ANSWER]).run(QUESTION)
    assert world.remembered(Role.USER) == ["What is 25% of 80?"]
    assert world.remembered(Role.AGENT) == [" ".join(ANSWER)]
    assert phases(world) == [Phase.LISTENING, Phase.THINKING, Phase.SPEAKING, Phase.IDLE]


def test_the_reply_starts_before_the_turn_is_over_and_is_heard_only_after():
    world = World([ANSWER], think=0.01).run(says(0.0, 1.0, "What is 25% of 80?", 1, score=0.9))
    started, spoken = time_of(world, e.StartReply), time_of(world, e.Speak)
    assert started < time_of(world, e.Remember) <= spoken
    assert time_of(world, e.Prepare) < spoken


def test_a_turn_that_sounds_unfinished_waits_longer():
    quick = World([ANSWER]).run(says(0.0, 1.0, "What is 25% of 80?", 1, score=0.98))
    slow = World([ANSWER]).run(says(0.0, 1.0, "What is 25% of", 1, score=0.05))
    assert time_of(quick, e.ConfirmReply) < 1.45
    assert time_of(slow, e.ConfirmReply) > 2.1


def test_going_on_after_a_pause_drops_the_reply_unheard_and_answers_the_whole():
    script = says(0.0, 1.0, "What is 25%", 1, score=0.4) + says(1.6, 0.8, "What is 25% of 80?", 1)
    world = World([ANSWER]).run(script)
    assert world.remembered(Role.USER) == ["What is 25% of 80?"]
    assert [c.turn for c in world.commands(e.CancelReply)] == [1]
    assert all(c.turn == 2 for c in world.commands(e.Speak))


def test_a_line_typed_before_the_words_are_made_out_waits_for_them():
    world = World([ANSWER]).run([*says(0.0, 1.0, "What is 25%", 1), (1.2, e.Typed("of 80"))])
    assert world.remembered(Role.USER) == ["What is 25%", "of 80"]
    assert [c.turn for c in world.commands(e.StartReply)] == [1]


def test_barge_in_keeps_only_what_was_heard():
    world = World([ANSWER, ["Certainly."]]).run(QUESTION + says(2.5, 0.9, "No, I meant 35%.", 2))
    [first, second] = world.remembered(Role.AGENT)
    assert first == world.ear()[0]
    assert ANSWER[0].startswith(first)
    assert first != ANSWER[0]
    assert second == "Certainly."
    assert world.remembered(Role.USER) == ["What is 25% of 80?", "No, I meant 35%."]


def test_the_voice_is_held_at_the_first_sound():
    world = World([ANSWER]).run(QUESTION + says(2.5, 0.9, "No, I meant 35%.", 2))
    assert time_of(world, e.HoldPlayout) - 2.5 <= 0.061


def test_a_back_channel_resumes_the_very_same_voice():
    world = World([ANSWER]).run(QUESTION + says(2.5, 0.3, "Mhm.", 2))
    assert world.commands(e.ClearPlayout) == []
    assert world.remembered(Role.AGENT) == [" ".join(ANSWER)]
    assert world.remembered(Role.USER) == ["What is 25% of 80?"]
    assert [c.text for c in world.commands(e.SetAside)] == ["Mhm."]


def test_a_cough_resumes_and_leaves_no_trace():
    world = World([ANSWER]).run(QUESTION + says(2.5, 0.2, "", 2))
    assert len(world.commands(e.HoldPlayout)) == len(world.commands(e.ResumePlayout)) == 1
    assert world.remembered(Role.AGENT) == [" ".join(ANSWER)]


def test_words_to_somebody_else_are_waited_for_and_left_alone():
    world = World([ANSWER]).run(QUESTION + says(2.5, 1.6, "I am on the phone.", 2, softer=12.0))
    assert world.commands(e.ClearPlayout) == []
    assert time_of(world, e.ResumePlayout) >= 2.5 + 1.6, "one does not talk into it"
    assert world.remembered(Role.AGENT) == [" ".join(ANSWER)]
    assert world.remembered(Role.USER) == ["What is 25% of 80?"]
    assert [c.text for c in world.commands(e.SetAside)] == ["I am on the phone."]


def test_a_soft_command_and_words_a_little_softer_take_the_floor():
    for text, softer in (("Stop, please.", 20.0), ("I am on the phone.", 5.0)):
        world = World([ANSWER, ["Yes?"]]).run(QUESTION + says(2.5, 1.6, text, 2, softer=softer))
        assert world.remembered(Role.USER)[-1] == text
        assert len(world.commands(e.ClearPlayout)) == 1


def test_words_made_of_a_hum_ask_for_nothing_and_short_words_that_are_sure_do():
    def take(length: float, text: str, confidence: float, at: float = 0.3):
        said = says(2.5, length, text, 2)
        said[-1] = (said[-1][0] + at, e.Transcribed(2, text, confidence))
        return World([ANSWER, ["Yes?"]]).run(QUESTION + said)

    for text in ("The Lord is with you.", "Aye.", "Uh, fine."):
        assert take(0.5, text, 0.8).commands(e.ClearPlayout) == []
    for length, text, confidence in (
        (0.5, "My turn.", 0.95),
        (0.5, "Stop.", 0.5),
        (0.9, "I meant 35.", 0.6),
        (0.9, "Paris?", 0.6),
    ):
        for late in (0.0, 1.5):
            world = take(length, text, confidence, late)
            assert world.remembered(Role.USER)[-1] == text
            assert len(world.commands(e.ClearPlayout)) == 1


def test_a_guess_at_half_a_second_of_sound_does_not_take_the_floor_yet():
    hum = says(2.5, 0.6, "Mhm.", 2)
    world = World([ANSWER]).run(QUESTION + sorted([*hum, (3.05, e.PartiallyTranscribed(2, "Uh, fine"))]))
    assert world.commands(e.ClearPlayout) == []


def test_soft_words_that_are_made_out_late_are_left_alone_too():
    late = [
        (2.56, e.SpeechStarted(2.5)),
        (2.8, e.SpeechWeighed(0.3, 12.0)),
        (2.9, e.SpeechStopped(2.8)),
        (4.3, e.Transcribed(2, "I am on the phone.")),
    ]
    world = World([ANSWER]).run(QUESTION + late)
    assert world.remembered(Role.USER) == ["What is 25% of 80?"]
    assert world.commands(e.ClearPlayout) == []


def test_a_doubled_yes_is_a_back_channel_while_no_word_of_it_is_made_out():
    world = World([ANSWER]).run(QUESTION + says(2.5, 0.9, "Yes, yes.", 2))
    assert world.commands(e.ClearPlayout) == []
    assert world.remembered(Role.AGENT) == [" ".join(ANSWER)]


def test_words_that_come_after_the_agent_went_on_still_interrupt():
    late = [
        (2.56, e.SpeechStarted(2.5)),
        (2.9, e.SpeechStopped(2.8)),
        (4.3, e.Transcribed(2, "Wait, stop there.")),
    ]
    world = World([ANSWER, ["Yes?"]]).run(QUESTION + late)
    assert world.remembered(Role.USER)[-1] == "Wait, stop there."
    assert len(world.commands(e.ClearPlayout)) == 1


def test_interrupting_before_a_word_was_heard_answers_both_questions():
    world = World([["Well, let me explain."], ["Both."]], think=1.0).run(
        QUESTION + says(1.9, 0.8, "And 30% of 90?", 2)
    )
    texts = [c.text for c in world.commands(e.StartReply) if isinstance(c, e.StartReply)]
    assert texts[-1] == "What is 25% of 80? And 30% of 90?"
    assert world.remembered(Role.USER) == ["What is 25% of 80?", "And 30% of 90?"]


def test_the_button_stops_the_voice_at_once():
    world = World([ANSWER]).run([*QUESTION, (2.5, e.InterruptAsked())])
    assert time_of(world, e.ClearPlayout) == 2.5
    assert world.remembered(Role.AGENT) == world.ear()
    assert phases(world)[-2:] == [Phase.INTERRUPTED, Phase.IDLE]


def test_a_typed_line_is_a_turn_and_cuts_the_voice():
    world = World([ANSWER, ["A metaphor is a comparison."]]).run(
        [*QUESTION, (2.5, e.Typed("Explain a metaphor"))]
    )
    assert world.remembered(Role.USER) == ["What is 25% of 80?", "Explain a metaphor"]
    assert world.remembered(Role.AGENT)[0] == world.ear()[0]
    assert world.remembered(Role.AGENT)[1] == "A metaphor is a comparison."


def test_thinking_long_is_filled_and_never_alike_twice():
    world = World([ANSWER], lines=LINES, think=2.5, policy=TurnPolicy(speculates=False)).run(
        QUESTION + says(20, 1, "Again", 2)
    )
    said = [c for c in world.commands(e.Speak) if isinstance(c, e.Speak)]
    confirmed = time_of(world, e.StartReply)
    fillers = [(t, x) for t, x in world.log if isinstance(x, e.Speak) and x.purpose is Purpose.FILLER]
    assert [round(t - confirmed, 2) for t, _ in fillers[:2]] == [0.5, 1.5]
    assert said[0].text.text == "Let me think."
    assert said[1].text.text == "Still thinking."
    assert said[4].text.text == "Let me think." or said[4].text.text == "One moment."
    assert all(a.text != b.text for (_, a), (_, b) in itertools.pairwise(fillers))


def test_a_failed_reply_is_apologised_for():
    world = World([ANSWER], lines=LINES, think=9.0)
    world.run([*QUESTION, (1.9, e.ReplyFailed(1, "every provider failed"))], until=8.0)
    said = [
        c.text.text
        for c in world.commands(e.Speak)
        if isinstance(c, e.Speak) and c.purpose is Purpose.APOLOGY
    ]
    assert said == ["Sorry, ask me again."]
    assert phases(world)[-1] is Phase.IDLE


def test_a_reply_that_says_nothing_is_apologised_for():
    world = World([[]], lines=LINES).run(QUESTION, until=8.0)
    assert world.remembered(Role.AGENT) == ["Sorry, ask me again."]


def test_a_long_silence_is_broken_twice_and_then_respected():
    world = World([ANSWER], lines=LINES).run([(0.0, e.Joined())], until=600.0)
    said = [c.purpose for c in world.commands(e.Speak) if isinstance(c, e.Speak)]
    assert said == [Purpose.GREETING, Purpose.PROMPT, Purpose.PROMPT]


def confirmed_after(score: float, understands: bool) -> float:
    """Seconds from the end of a question to the end of its turn."""
    world = World([ANSWER], understands=understands, think=0.05).run(
        says(0.0, 1.0, "what is an adverb", 1, score)
    )
    return next(t for t, x in world.log if isinstance(x, e.ConfirmReply)) - 1.0


def test_a_question_that_is_understood_is_not_waited_for():
    assert confirmed_after(0.7, understands=False) > 0.75
    assert confirmed_after(0.7, understands=True) < 0.4


def test_words_that_dangle_are_waited_for_even_when_they_can_be_answered():
    assert confirmed_after(0.05, understands=True) == confirmed_after(0.05, understands=False) > 1.0


def test_dictated_digits_get_time():
    reply = [*QUESTION, (1.35, e.AnswerExpected(1, "digits"))]
    world = World([["What is your number?"], ["Thanks."]]).run(
        reply + says(5.0, 1.0, "five five five", 2, score=0.99)
    )
    confirmed = [t for t, x in world.log if isinstance(x, e.ConfirmReply)]
    assert confirmed[1] - 6.0 >= 1.2
    assert [c.kind for c in world.commands(e.Expect) if isinstance(c, e.Expect)] == ["digits", ""]


def test_hanging_up_in_mid_sentence_keeps_what_was_heard():
    world = World([ANSWER]).run([*QUESTION, (2.6, e.HungUp())])
    [kept] = world.remembered(Role.AGENT)
    assert kept and world.ear()[0].startswith(kept), "what was acknowledged; the last 70 ms were on the wire"
    assert world.conversation.next_deadline is None


# ---- a person in the agent's place ------------------------------------------------------------------------
def test_a_person_takes_over_in_mid_sentence_and_the_agent_falls_silent():
    world = World([ANSWER]).run(
        [
            *QUESTION,
            (2.6, e.TakenOver("ms finch")),
            (3.5, e.PersonSpoke("ms finch", "Hello, it's me.")),
            *says(5.0, 1.0, "oh hello", 2),
        ]
    )
    assert world.ear() == world.remembered(Role.AGENT)
    assert world.remembered(Role.SUPERVISOR) == ["Hello, it's me."]
    assert world.remembered(Role.USER)[-1] == "oh hello", "the user is heard and remembered"
    assert len(world.commands(e.StartReply)) == 1, "but not answered by the agent"


def test_after_handing_back_the_agent_answers_and_does_not_greet_again():
    world = World([ANSWER], lines=LINES).run(
        [
            (0.0, e.Joined()),
            (3.0, e.TakenOver("ms finch")),
            *says(4.0, 1.0, "am I heard", 1),
            (8.0, e.HandedBack("ms finch")),
            *says(9.0, 1.0, "and now", 2),
        ],
        until=20.0,
    )
    said = [c.purpose for c in world.commands(e.Speak) if isinstance(c, e.Speak)]
    assert said.count(Purpose.GREETING) == 1
    assert [c.text for c in world.commands(e.StartReply) if isinstance(c, e.StartReply)][-1] == "and now"
    assert world.ear()[-1] == " ".join(ANSWER)


def test_a_line_given_by_a_person_waits_until_nobody_speaks():
    world = World([ANSWER]).run(
        [*QUESTION, (2.6, e.LineGiven("ms finch", Approved("Well done.")))], until=20.0
    )
    assert world.ear() == [" ".join(ANSWER), "Well done."]
    assert world.remembered(Role.SUPERVISOR) == ["Well done."]


def test_a_typed_line_that_is_sent_again_is_answered_once():
    world = World([ANSWER]).run(
        [(0.0, e.Typed("why", 1)), (9.0, e.Typed("why", 1)), (10.0, e.Typed("how", 2))], until=30.0
    )
    assert world.remembered(Role.USER) == ["why", "how"]


def test_a_cough_over_a_reply_that_comes_to_nothing_does_not_hide_the_apology() -> None:
    script: list[tuple[float, e.Event | Says]] = [(0.0, e.Typed("What is one?")), (0.2, Says(0.25, ""))]
    world = World([[]], lines=Lines(apology=Approved("Sorry, again please."))).run(script, until=20)
    assert world.remembered(Role.AGENT) == ["Sorry, again please."]
