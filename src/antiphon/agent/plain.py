"""A guardrail of words and forms alone: it needs no model, and knows what it is told."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from antiphon.agent import pii
from antiphon.agent.guardrail import PII, SELF_HARM, Allow, Block, Rewrite, Verdict

_SELF_HARM = re.compile(
    r"\b(?:(?:kill|hurt|hang|cut)(?:ing)?\s(?:my\s?self|yourself)|end(?:ing)?\s(?:my\s(?:own\s)?life|it\sall)"
    r"|want\sto\s(?:die|be\sdead)|better\soff\sdead|suicidal)\b",
    re.IGNORECASE,
)


class PlainGuardrail:
    """A `Guardrail` that blocks the phrases it is given, and never reads private details out.

    A caller who speaks of harming themselves is met with care and a person is told, always. What is meant but not
    said in these words passes: put it behind one that judges by meaning where that matters, with `chain`.
    """

    def __init__(
        self, blocked: Mapping[str, Collection[str]] | None = None, *, leaves_out_details: bool = True
    ) -> None:
        """`blocked`: by category, words and phrases that neither side's line may hold, in any case.

        `leaves_out_details`: phone numbers, addresses, cards and the like are taken out of what the agent says.
        """
        self._blocked = {
            category: re.compile(
                r"(?<!\w)(?:"
                + "|".join(
                    r"\s+".join(map(re.escape, phrase.split())) for phrase in phrases if phrase.split()
                )
                + r")(?!\w)",
                re.IGNORECASE,
            )
            for category, phrases in (blocked or {}).items()
            if any(phrase.split() for phrase in phrases)
        }
        self._leaves_out_details = leaves_out_details

    async def check_input(self, text: str) -> Verdict:
        """The verdict on what a caller said. Private details pass, and are named."""
        return self._judge(text) or Allow((PII,) if pii.find(text) else ())

    async def check_output(self, text: str) -> Verdict:
        """The verdict on what the agent is about to say."""
        if (verdict := self._judge(text)) is not None:
            return verdict
        left, kinds = pii.redact(text) if self._leaves_out_details else (text, ())
        return Rewrite(left, (PII,), reason=f"left out: {', '.join(kinds)}") if left != text else Allow()

    def _judge(self, text: str) -> Block | None:
        if _SELF_HARM.search(text):
            return Block((SELF_HARM,), reason="says so in words")
        for category, phrases in self._blocked.items():
            if (found := phrases.search(text)) is not None:
                return Block((category,), reason=f"says “{found[0]}”")
        return None
