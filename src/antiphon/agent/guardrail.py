"""What may be said: verdicts on text, and the gate through which every spoken word passes.

`Gate` is the one place in the tree that makes `Approved` text, and synthesizers take nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, assert_never

from antiphon.agent.speakable import speakable
from antiphon.core.speech import Approved

SELF_HARM = "self_harm"
PII = "pii"


@dataclass(frozen=True, slots=True)
class Allow:
    """The text may stand. `categories` names what was noticed and let pass."""

    categories: tuple[str, ...] = ()
    confidence: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The text may stand as `text`."""

    text: str
    categories: tuple[str, ...] = ()
    confidence: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The text may not stand."""

    categories: tuple[str, ...] = ()
    confidence: float = 1.0
    reason: str = ""
    line: str = ""
    "What to say instead, written by an author, where the lines by category do not fit."


Verdict = Allow | Rewrite | Block


class Guardrail(Protocol):
    """Judges text. What it raises counts as a Block wherever words would be spoken."""

    async def check_input(self, text: str) -> Verdict:
        """The verdict on what a caller said."""
        ...

    async def check_output(self, text: str) -> Verdict:
        """The verdict on what the agent is about to say."""
        ...


def wants_person(verdict: Verdict) -> bool:
    """Whether a person should be told at once, whatever else is done."""
    return isinstance(verdict, Block) and SELF_HARM in verdict.categories


# ---- several guardrails as one ---------------------------------------------------------------------------
def chain(*guardrails: Guardrail) -> Guardrail:
    """A guardrail as strict as the strictest of `guardrails`; their rewrites compose in the order given."""
    return _Chain(guardrails)


class _Chain:
    def __init__(self, guardrails: tuple[Guardrail, ...]) -> None:
        self._guardrails = guardrails

    async def check_input(self, text: str) -> Verdict:
        verdict: Verdict = Allow()
        for guardrail in self._guardrails:
            verdict = _then(verdict, await guardrail.check_input(_text(verdict, text)))
            if isinstance(verdict, Block):
                break
        return verdict

    async def check_output(self, text: str) -> Verdict:
        verdict: Verdict = Allow()
        for guardrail in self._guardrails:
            verdict = _then(verdict, await guardrail.check_output(_text(verdict, text)))
            if isinstance(verdict, Block):
                break
        return verdict


def _text(verdict: Verdict, otherwise: str) -> str:
    return verdict.text if isinstance(verdict, Rewrite) else otherwise


def _then(first: Verdict, second: Verdict) -> Verdict:
    """The verdict on a text that `first` was passed on and `second` after it."""
    categories = tuple(dict.fromkeys(first.categories + second.categories))
    reason = "; ".join(part for part in (first.reason, second.reason) if part)
    match first, second:
        case (Block(), _):
            return first
        case (_, Block() | Rewrite()):
            return replace(second, categories=categories, reason=reason)
        case (Rewrite(), Allow()):
            return replace(first, categories=categories, reason=reason)
        case (Allow(), Allow()):
            return Allow(categories, min(first.confidence, second.confidence), reason)
    raise AssertionError("verdicts are Allow, Rewrite or Block")


# ---- the gate --------------------------------------------------------------------------------------------
SAFE_LINES: Mapping[str, str] = {
    SELF_HARM: (
        "I want you to be safe. If you are thinking about hurting yourself, please talk to someone you trust "
        "right now, or call your local emergency number. I can bring a person into this conversation."
    ),
    "violence": "I won't go into that. Let's get back to what you are working on.",
    "hate": "I won't say that about anyone. Let's carry on with something else.",
    "sexual": "That's not something I can talk about. Let's get back to what you are working on.",
    "insult": "Let's keep it friendly. What would you like to do next?",
    "drugs": "I can't help with that. If it worries you, I can bring a person into this conversation.",
    "jailbreak": "I'll stay with what I'm here for. What would you like to do next?",
    PII: "I'd rather not say private details out loud.",
    "": "I'd rather not say that. Let's carry on with something else.",
}
"What is said instead, by category; the line under the empty string serves every other category."

WINDOW_WORDS = 12
"A sentence up to this long is also checked joined to what came before: longer ones speak for themselves."

CONTEXT_WORDS = 24
"How much of what came before is looked back on, whole sentences; the latest one counts however long it is."


class Gate:
    """Passes on what may be spoken. One for each session; sentences of a reply are approved in order."""

    def __init__(
        self,
        guardrail: Guardrail,
        *,
        safe_lines: Mapping[str, str] = SAFE_LINES,
        is_silent: bool = False,
        window_words: int = WINDOW_WORDS,
    ) -> None:
        """With `is_silent`, a blocked sentence is left out and nothing is said in its place."""
        self._guardrail = guardrail
        self._safe_lines = safe_lines
        self._is_silent = is_silent
        self._window_words = window_words
        self._before: list[str] = []
        self._has_refused = False

    def begin_reply(self) -> None:
        """The next sentence is the first of its reply: what came before is no context for it."""
        self._before.clear()
        self._has_refused = False

    async def approve(self, text: str, *, is_read_back: bool = False) -> tuple[Approved | None, Verdict]:
        """What may be spoken for `text`, made speakable, and why; None when nothing may.

        Fails closed: a check that raises blocks the sentence and nothing is said for it. A blocked sentence
        is replaced by a safe line, once in a reply. `is_read_back`: the flow repeats to the caller what they
        gave themselves, so personal details in it stand.
        """
        spoken = speakable(text)
        if not spoken:
            return None, Allow(reason="nothing to say")
        before = self._look_back()
        self._before.append(spoken)
        try:
            verdict = await self._judge(before, spoken, is_read_back)
        except Exception as error:  # noqa: BLE001
            # Whatever went wrong: words that were not checked are not spoken.
            return None, Block(("unchecked",), 1.0, f"the check failed: {type(error).__name__}: {error}")
        match verdict:
            case Allow():
                return Approved(spoken), verdict
            case Rewrite():
                self._before[-1] = verdict.text
                return (Approved(verdict.text, is_rewritten=True) if verdict.text else None), verdict
            case Block():
                return self.refusal(verdict), verdict
            case _:
                assert_never(verdict)

    def refusal(self, verdict: Block) -> Approved | None:
        """What to say instead of a blocked text, of the agent or of the caller; None after the first.

        Also None when the gate is silent, except for self-harm: that is never met with silence.
        """
        if SELF_HARM in verdict.categories:
            line = self._line(SELF_HARM)
        elif self._is_silent:
            return None
        else:
            line = verdict.line or next(
                (self._safe_lines[c] for c in verdict.categories if c in self._safe_lines), ""
            )
            line = line or self._line("")
        if self._has_refused or not line:
            return None
        self._has_refused = True
        return Approved(line, is_rewritten=True)

    @staticmethod
    def vouch(line: str) -> Approved:
        """`line` as it is, unchecked. Only for lines an author wrote: greetings, fillers, prompts.

        Never for text in which a model, a tool or a caller had a part.
        """
        return Approved(line)

    def _look_back(self) -> str:
        """What was said or withheld just before, in this reply."""
        while len(self._before) > 1 and sum(len(text.split()) for text in self._before) > CONTEXT_WORDS:
            self._before.pop(0)
        return " ".join(text for text in self._before if text)

    def _line(self, category: str) -> str:
        return self._safe_lines.get(category) or SAFE_LINES[category]

    async def _judge(self, before: str, spoken: str, is_read_back: bool) -> Verdict:
        """The verdict on the sentence by itself and as the end of what the listener hears."""
        verdict = await self._guardrail.check_output(spoken)
        if is_read_back and isinstance(verdict, Rewrite) and set(verdict.categories) == {PII}:
            verdict = Allow(verdict.categories, verdict.confidence, "the caller's own details, read back")
        if isinstance(verdict, Block) or not before or len(spoken.split()) > self._window_words:
            return verdict
        spoken = _text(verdict, spoken)
        joined = await self._guardrail.check_output(f"{before} {spoken}")
        match joined:
            case Block():
                return replace(joined, reason=f"with the sentence before it: {joined.reason}")
            case Rewrite() if is_read_back and set(joined.categories) == {PII}:
                return verdict
            case Rewrite():
                # What came before may itself be such that it would be rewritten: details read back.
                head = _text(await self._guardrail.check_output(before), before) + " "
                if joined.text.startswith(head):
                    tail = joined.text.removeprefix(head)
                    return verdict if tail == spoken else _then(verdict, replace(joined, text=tail))
                # It spans both sentences, and the first has been spoken: the rest must not follow.
                return Block(joined.categories, joined.confidence, f"spans two sentences: {joined.reason}")
            case Allow():
                return verdict
        assert_never(joined)
