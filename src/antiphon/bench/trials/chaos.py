"""Whether a call goes on whatever fails in it.

Calls with scripted providers, in virtual time, through a real session: the caller asks the same question three
times. The first is answered; during the second one stage of the turn has a fault (recognizer, turn detector, input
guardrail, router, grounding, tool, model, output guardrail, synthesizer × hangs, closes mid-stream, answers garbage,
429, 500, ten times slower, raises something unexpected, answers a megabyte), alone or with a healthy provider behind
it where there can be one; by the third it is over. A turn is silent if nothing but fillers is heard in it. Told for
each is what the caller heard, and how many seconds after the end of the question the first sound and the first
word of an answer, an apology or a reason came.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from antiphon.agent.definition import Agent, Specialist
from antiphon.agent.guardrail import Gate
from antiphon.bench.figures import Detail, Figure, Kind, Outcome, least, most, p50_p95
from antiphon.bench.trials.chaos_faults import (
    ASKED,
    SENTENCES,
    ChaosGuardrail,
    ChaosModel,
    ChaosRecognizer,
    ChaosRouter,
    ChaosTurnDetector,
    ChaosVoice,
    Fault,
    Stage,
    Switch,
    ground,
    halve,
)
from antiphon.bench.trials.trial import Progress, Setup
from antiphon.core import events as e
from antiphon.core.errors import first_cause
from antiphon.core.notes import SoundSent, TextJudged
from antiphon.ports import Recognizer, Synthesizer
from antiphon.providers.resilience import first_of, first_recognizer, first_voice
from antiphon.session.lines import own_lines
from antiphon.session.phrases import Phrases
from antiphon.session.session import Ending, Providers, Session
from antiphon.testing import clock
from antiphon.testing.loopback import Loopback, Saying
from antiphon.testing.scripted import ScriptedVad

TITLE = "Chaos"
ASKS_AT = (1.0, 16.0, 44.0)
SAYS_S = 1.0
FAULT_S = (15.0, 43.0)
HANGS_UP_AT = 56.0
BACKED = (Stage.RECOGNIZER, Stage.MODEL, Stage.SYNTHESIZER)
"Stages behind which another provider can stand."

APOLOGY = "I'm sorry, something went wrong on my side. Could you ask me again?"
TROUBLE = "I'm having trouble on my side. Please hold on, or ask for a person."
NOT_FOUND = "I could not look that up just now."
FILLERS = (("Let me think.", "One moment."), ("Still thinking.",), ("Nearly there.",))


@dataclass(frozen=True, slots=True)
class Case:
    """One call."""

    stage: Stage
    fault: Fault
    is_backed: bool


@dataclass(slots=True)
class Heard:
    """What the caller heard after one question."""

    asked_at: float
    "When its last sample was spoken, seconds of the call."
    sentences: list[tuple[float, str, e.Purpose, e.TurnId]] = field(default_factory=list)
    "When its sound began, and what it was."

    @property
    def first_s(self) -> float | None:
        """Seconds to the first sound, be it a filler."""
        return self.sentences[0][0] - self.asked_at if self.sentences else None

    @property
    def answer_s(self) -> float | None:
        """Seconds to the first word that is not a filler."""
        told = [at for at, _, purpose, _ in self.sentences if purpose is not e.Purpose.FILLER]
        return told[0] - self.asked_at if told else None

    @property
    def what(self) -> str:
        """In a few words."""
        texts = [text for _, text, purpose, _ in self.sentences if purpose is not e.Purpose.FILLER]
        names = {APOLOGY: "apology", TROUBLE: "trouble", NOT_FOUND: "not found"}
        answered = sum(text in SENTENCES for text in texts)
        others = sum(text not in SENTENCES and text not in names for text in texts)
        found = [f"{answered} of {len(SENTENCES)} sentences"] if answered else []
        found += [f"{others} others"] if others else []
        found += [name for text, name in names.items() if text in texts]
        return " + ".join(found) or ("fillers" if self.sentences else "nothing")

    @property
    def doubles(self) -> int:
        """Sentences of an answer that were spoken twice in one turn."""
        texts = [(turn, text) for _, text, purpose, turn in self.sentences if purpose is not e.Purpose.FILLER]
        return len(texts) - len(set(texts))


@dataclass(slots=True)
class Call:
    """One call, as it was heard."""

    case: Case
    turns: list[Heard]
    unapproved: int
    "Sentences that were given to a voice though nobody had allowed them."
    ending: str

    @property
    def has_gone_on(self) -> bool:
        """The question was answered again once the fault was over."""
        return self.ending == Ending.HUNG_UP and self.turns[-1].what.startswith(f"{len(SENTENCES)} of")

    @property
    def silent(self) -> int:
        return sum(turn.answer_s is None for turn in self.turns)

    def detail(self) -> Detail:
        turn = self.turns[1]
        return {
            "stage": self.case.stage.value,
            "fault": self.case.fault.value,
            "behind it": "another" if self.case.is_backed else "nobody",
            "heard": turn.what,
            "first sound s": _rounded(turn.first_s),
            "answer s": _rounded(turn.answer_s),
            "then": self.turns[2].what,
            "spoken twice": sum(turn.doubles for turn in self.turns),
            "unapproved": self.unapproved,
            "ending": self.ending,
        }


def cases() -> Iterator[Case]:
    """Every stage with every fault, alone and, where there can be one, with another provider behind it."""
    for stage in Stage:
        for is_backed in (False, True) if stage in BACKED else (False,):
            for fault in Fault:
                yield Case(stage, fault, is_backed)


async def run(setup: Setup) -> Outcome:
    """Every case was lived through `setup.repeats` times, by default once."""
    begun = time.monotonic()
    todo = [case for _ in range(setup.repeats or 1) for case in cases()]
    calls: list[Call] = []
    for case in todo:
        calls.append(await asyncio.to_thread(live_through, case))
        setup.tell(Progress("chaos", len(calls), len(todo), f"{case.stage} {case.fault}"))
    return outcome(calls, round(time.monotonic() - begun, 1))


def outcome(calls: list[Call], seconds: float = 0.0) -> Outcome:
    """What the calls show."""
    turns = [turn for call in calls for turn in call.turns]
    struck = [call.turns[1] for call in calls]
    firsts = tuple(turn.first_s for turn in struck if turn.first_s is not None)
    answers = tuple(turn.answer_s for turn in struck if turn.answer_s is not None)
    whole = tuple(float(turn.what == f"{len(SENTENCES)} of {len(SENTENCES)} sentences") for turn in struck)
    return Outcome(
        "chaos",
        TITLE,
        __doc__ or "",
        (
            Figure("turns", "", (float(len(turns)),), (), Kind.LEVEL),
            Figure("silent turns", "", (float(sum(call.silent for call in calls)),), (most(0),), Kind.LEVEL),
            Figure(
                "sentences spoken twice", "", (float(sum(t.doubles for t in turns)),), (most(0),), Kind.LEVEL
            ),
            Figure(
                "unapproved sentences", "", (float(sum(c.unapproved for c in calls)),), (most(0),), Kind.LEVEL
            ),
            Figure(
                "calls that go on as before",
                "%",
                tuple(float(call.has_gone_on) for call in calls),
                (least(100),),
                Kind.SHARE,
            ),
            Figure("struck turns answered in full", "%", whole, (), Kind.SHARE),
            Figure("struck turn: question → first sound", "s", firsts),
            Figure("struck turn: question → answer, apology or reason", "s", answers, p50_p95(3, 12)),
        ),
        details=tuple(call.detail() for call in calls),
        failures=tuple(
            f"{call.case.stage} {call.case.fault}: {call.ending}"
            for call in calls
            if call.ending != Ending.HUNG_UP
        ),
        seconds=seconds,
    )


def live_through(case: Case) -> Call:
    """The call of that case, in virtual time."""
    return clock.run(_story(case))


async def _story(case: Case) -> Call:
    switch, well = Switch(case.stage, case.fault), Switch(case.stage, case.fault)
    caller = Loopback(sayings=[Saying(at, SAYS_S) for at in ASKS_AT], hang_up_at=HANGS_UP_AT)
    voices = [ChaosVoice(switch), ChaosVoice(well)]
    agent = _agent(switch)
    synthesizer: Synthesizer = first_voice(voices if case.is_backed else voices[:1])
    recognizers = [ChaosRecognizer(switch), ChaosRecognizer(well)]
    recognizer: Recognizer = first_recognizer(recognizers if case.is_backed else recognizers[:1])
    models = [ChaosModel(switch, "chaos/first"), ChaosModel(well, "chaos/second")]
    providers = Providers(
        ScriptedVad(),
        recognizer,
        ChaosTurnDetector(switch),
        synthesizer,
        first_of(models if case.is_backed else models[:1], seed=1),
        Phrases(),
    )
    lines = own_lines(agent, Gate(agent.guardrail))
    own = [lines.apology, lines.trouble, *(line for level in lines.fillers for line in level)]
    for line in own:
        if line is not None:
            await providers.phrases.learn(voices[1], line, agent.voice)
    session = Session("chaos", agent, providers, caller, greets=False)
    started = asyncio.get_running_loop().time()
    switch.is_on = lambda: FAULT_S[0] <= asyncio.get_running_loop().time() - started < FAULT_S[1]
    try:
        ending = str(await session.run())
    except Exception as error:  # noqa: BLE001 - that a session can end so is what this looks for
        cause = first_cause(error)
        ending = f"{type(cause).__name__}: {cause}"[:200]
    allowed = {line.text for line in own if line is not None} | {
        item.text
        for _, item in caller.shown
        if isinstance(item, TextJudged) and item.side == "output" and item.action == "allow"
    }
    asked = {text for voice in voices for text in voice.asked}
    return Call(case, _heard(caller), len(asked - allowed), ending)


def _agent(switch: Switch) -> Agent:
    return Agent(
        "chaos",
        "Be brief.",
        (Specialist("only", "", ground(switch)), Specialist("other", "", ground(switch))),
        ChaosGuardrail(switch),
        router=ChaosRouter(switch),
        apology=APOLOGY,
        trouble=TROUBLE,
        fillers=FILLERS,
        tools=(halve(switch),),
        suggestions=(ASKED,),
    )


def _heard(caller: Loopback) -> list[Heard]:
    """What was heard after each question, until the next one was begun."""
    told: dict[tuple[int, int], e.Speak] = {}
    turns = [Heard(at + SAYS_S) for at in ASKS_AT]
    for at, item in caller.shown:
        match item:
            case e.Speak(turn, sentence):
                told[turn, sentence] = item
            case SoundSent(turn, sentence) if (turn, sentence) in told:
                spoken = told[turn, sentence]
                for begins, heard in zip(reversed(ASKS_AT), reversed(turns), strict=True):
                    if at >= begins + SAYS_S:
                        heard.sentences.append((at, spoken.text.text, spoken.purpose, turn))
                        break
                    if at >= begins:
                        break  # still the answer to the question before
            case _:
                pass
    return turns


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
