"""OpenAI's moderation of what is said, on either side.

Facts: https://platform.openai.com/docs/guides/moderation. It knows harm, and neither jailbreaks nor personal
details: put `providers.chains.backed` around it and a guardrail on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from antiphon.agent.guardrail import SELF_HARM, Allow, Block, Verdict
from antiphon.providers.hosted import Patience, within
from antiphon.providers.openai_wire import OpenAIWire

OURS = {
    "self-harm": SELF_HARM,
    "hate": "hate",
    "harassment": "insult",
    "sexual": "sexual",
    "violence": "violence",
    "illicit": "illicit",
}
"Our names for the vendor's categories, by the part before the slash."
WAR_AND_HISTORY = {"violence": 0.9, "violence/graphic": 0.9}
"Lessons are full of battles: what is only described is let pass up to this score."
SPOKEN_OF = {**WAR_AND_HISTORY, "self-harm": 0.9}
"Of an agent, who may well speak of it: a sentence that offers help is about self-harm too."


class OpenAIModeration:
    """A `Guardrail` behind moderations. It blocks or allows. Raises ProviderError where it cannot tell."""

    def __init__(
        self,
        model: str,
        api_key: str = "",
        base_url: str | None = None,
        *,
        name: str = "",
        answer_s: float = 3.0,
        lenient_input: Mapping[str, float] = MappingProxyType(WAR_AND_HISTORY),
        lenient_output: Mapping[str, float] = MappingProxyType(SPOKEN_OF),
    ) -> None:
        """A flagged category of `lenient_…` blocks only from that score on; every other as soon as it is flagged.

        Raises SetupError without the openai package, or without a key where OpenAI itself is asked.
        """
        self.name = name or f"openai/{model}"
        self._model = model
        self._answer_s = answer_s
        self._lenient_input = lenient_input
        self._lenient_output = lenient_output
        patience = Patience(answer_s, answer_s)
        self._wire = OpenAIWire(base_url, api_key=api_key, provider=self.name, patience=patience)

    async def close(self) -> None:
        """Every connection is closed; checks under way fail."""
        await self._wire.close()

    async def check_input(self, text: str) -> Verdict:
        """The verdict on what a caller said. Raises ProviderError. Cancelling ends the request."""
        return await self._check(text, self._lenient_input)

    async def check_output(self, text: str) -> Verdict:
        """The verdict on what the agent is about to say. Raises ProviderError. Cancelling ends the request."""
        return await self._check(text, self._lenient_output)

    async def _check(self, text: str, lenient: Mapping[str, float]) -> Verdict:
        if not any(map(str.isalnum, text)):
            return Allow()
        flagged, scores = await self._scores(text)
        guilty = sorted((c for c in flagged if scores[c] >= lenient.get(c, 0.0)), key=lambda c: -scores[c])
        named = dict.fromkeys(OURS.get(c.partition("/")[0], c) for c in guilty)
        if not named:
            noticed = dict.fromkeys(OURS.get(c.partition("/")[0], c) for c in flagged)
            return Allow(tuple(noticed), 1.0 - max(scores.values(), default=0.0))
        # Self-harm goes first: it is answered with care and calls for a person, whatever else was noticed.
        categories = tuple(sorted(named, key=lambda c: c != SELF_HARM))
        return Block(categories, scores[guilty[0]], f"{self.name} flagged {', '.join(guilty)}")

    async def _scores(self, text: str) -> tuple[list[str], Mapping[str, float]]:
        """What is flagged, and the score of every category by the vendor's own name."""
        with self._wire.telling():
            asked = self._wire.client.moderations.create(model=self._model, input=text)
            told = await within(self._answer_s, asked, self.name)
        results = getattr(told, "results", None)
        if not results:
            raise self._wire.garbled("without a verdict")
        flags = results[0].categories.model_dump(by_alias=True)
        scores = results[0].category_scores.model_dump(by_alias=True)
        return [c for c, is_so in flags.items() if is_so], {c: float(s or 0.0) for c, s in scores.items()}
