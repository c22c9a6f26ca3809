"""A guardrail on this machine: meaning by a classifier over sentence vectors, words and details by pattern.

It knows what `data/moderation.jsonl` taught it, in English. It is the floor under a hosted moderation, not
its equal: `antiphon.agent.guardrail.chain` puts one behind the other.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from antiphon.agent import pii
from antiphon.agent.guardrail import PII, SELF_HARM, Allow, Block, Rewrite, Verdict
from antiphon.agent.routing import LinearHead
from antiphon.providers.heads import Nearness, learn
from antiphon.providers.lessons import Lessons, lessons
from antiphon.providers.plain_words import FIRST_PERSON, SENTENCE, as_meant, plainly
from antiphon.providers.vectors import BulkEncoder, Matrix, Progress, VectorCache
from antiphon.providers.wording import Wording, log_odds, probability

DATA = Path(__file__).parent / "data"
SAFE, JAILBREAK, HATE, PROFANITY = "safe", "jailbreak", "hate", "profanity"
LABELS = frozenset({SAFE, SELF_HARM, JAILBREAK, HATE, "violence", "drugs", "sexual", "insult"})
NOTHING: frozenset[str] = frozenset()
HARMLESS_IF_SAID = frozenset({JAILBREAK})
"An order to a machine does nothing when the machine says it."
ASIDES = (NOTHING, HARMLESS_IF_SAID, HARMLESS_IF_SAID | {SELF_HARM})
WORDS_COUNT = 0.15
"How much the log odds of the words count beside the meaning of the whole. More, and they drown it out."
NEARNESS_COUNTS, CLASSIFIER_COUNTS, EVEN = 12.5, 0.46, -0.75
"""Beside the words, the nearest examples and the classifier count so much; the last is what is added to all.
Logistic regression on what each says of examples that it was not taught (cross-validation in six parts)."""
PIECES = 24
"Sentences of one text that are judged by themselves; further ones are judged as part of the whole."

_MENTIONED = re.compile(
    r",?\s(?:(?:once|often|originally|can|could|may|is|was)\s)?(?:means?|meant|comes?\sfrom|rhymes|(?:an?\s)?(?:noun|verb|adjective|word))\b",
    re.I,
)
# A person who speaks of help is not the one who harms.
_OFFERS_HELP = re.compile(
    r"\b(?:(?:talk|speak|reach out|turn) to|someone you trust|get help|helpline|lifeline|emergency)\b",
    re.I,
)


class LocalGuardrail:
    """A `Guardrail` that needs one encode a sentence. Loads at first use, or in `warm_up`; may be shared."""

    def __init__(
        self,
        encoder: BulkEncoder,
        cache: VectorCache,
        *,
        examples: Path | None = None,
        block_at: float = 0.85,
        self_harm_at: float = 0.75,
    ) -> None:
        """`examples`: a further file of `{"text", "label"}` lines that teaches it; no file is no error.

        `block_at`: P(unsafe) from which text is blocked. `self_harm_at`: P(self-harm) from which a caller's
        words about themselves are answered with care and a person is told; lower, for a false alarm is cheap.
        `block_at` is where cross-validation stops 2 % of the innocent examples, which are the hard ones.
        """
        self._encoder = encoder
        self._cache = cache
        self._examples = examples
        self._block_at = block_at
        self._self_harm_at = self_harm_at
        self._head: LinearHead | None = None
        self._opinions: dict[frozenset[str], _Opinion] = {}
        self._loading = asyncio.Lock()
        self._softer, slurs = _words(DATA / "words.rot13")
        self._swearing = _any_of(self._softer)
        self._slur = _any_of(slurs)

    async def warm_up(self, progress: Progress | None = None) -> None:
        """The guardrail can judge at once. Raises SetupError."""
        await self._loaded(progress)

    async def check_input(self, text: str) -> Verdict:
        """The verdict on what a caller said. Swearing and personal details pass, and are named."""
        if label := plainly(text):
            return Block((label,), 1.0, "says so in words")
        verdict = await self._by_meaning(text, NOTHING, self._self_harm_at)
        if isinstance(verdict, Block):
            return verdict
        swearing = (PROFANITY,) if self._swearing.search(text) else ()
        return Allow(swearing + ((PII,) if pii.find(text) else ()), verdict.confidence)

    async def check_output(self, text: str) -> Verdict:
        """The verdict on what the agent is about to say. Swearing is softened, personal details left out."""
        aside = HARMLESS_IF_SAID
        if _OFFERS_HELP.search(text):
            aside |= {SELF_HARM}
        if (label := plainly(text)) and label not in aside:
            return Block((label,), 1.0, "says so in words")
        verdict = await self._by_meaning(text, aside, self._block_at)
        if isinstance(verdict, Block):
            return verdict
        softened = self._swearing.sub(self._soften, text)
        redacted, kinds = pii.redact(softened)
        if redacted == text:
            return verdict
        categories = ((PROFANITY,) if softened != text else ()) + ((PII,) if kinds else ())
        return Rewrite(
            redacted, categories, 1.0, "softened" if not kinds else f"left out: {', '.join(kinds)}"
        )

    async def _by_meaning(self, text: str, aside: frozenset[str], self_harm_at: float) -> Allow | Block:
        """The verdict on `text` and each of its sentences by slurs and classifier, but for labels `aside`."""
        if self._slur.search(text):
            return Block((HATE,), 1.0, "a slur")
        if not any(map(str.isalpha, text)):
            return Allow()
        head = await self._loaded()
        second = self._opinions[aside]
        text = as_meant(text)
        pieces = list(dict.fromkeys([text, *(piece.strip() for piece in SENTENCE.findall(text)[:PIECES])]))
        pieces = [piece for piece in pieces if piece is text or len(piece.split()) > 1]
        worst = 0.0
        for piece, vector in zip(pieces, await self._encoder.encode(pieces), strict=True):
            shares = head.probabilities(vector)
            harms = {label: share for label, share in shares.items() if label != SAFE and label not in aside}
            by_meaning = sum(harms.values()) / (sum(harms.values()) + shares[SAFE])
            unsafe = second.weighed(by_meaning, piece, vector)
            harms = {label: share * unsafe / by_meaning for label, share in harms.items()}
            worst = max(worst, unsafe)
            at = self_harm_at if FIRST_PERSON.search(piece) else self._block_at
            if SELF_HARM in harms and harms[SELF_HARM] >= at:
                return Block((SELF_HARM,), min(1.0, harms[SELF_HARM]), "sounds like self-harm")
            if unsafe >= self._block_at:
                label = max(harms, key=harms.__getitem__)
                return Block((label,), unsafe, f"sounds like {label.replace('_', '-')}")
        return Allow(confidence=1.0 - worst)

    async def _loaded(self, progress: Progress | None = None) -> LinearHead:
        if self._head is None:
            async with self._loading:
                if self._head is None:
                    files = [DATA / "moderation.jsonl", *([self._examples] if self._examples else [])]
                    taught = await asyncio.to_thread(lessons, files, LABELS, self._cache.folder)
                    texts = [text for text, _ in taught.examples]
                    rows = await self._cache.encode_all(self._encoder, texts, progress)
                    self._opinions = {aside: _Opinion(taught, rows, aside) for aside in ASIDES}
                    self._head = await learn(self._encoder, self._cache, taught.examples)
        return self._head

    def _soften(self, found: re.Match[str]) -> str:
        """A milder word in the case of the one it replaces; a word that is only talked about stays."""
        if _MENTIONED.match(found.string, found.end()):
            return found[0]
        word = self._softer[found[0].lower()]
        return word.capitalize() if found[0][0].isupper() else word


class _Opinion:
    """What words and the nearest examples say beside the classifier, but for examples with labels `aside`."""

    def __init__(self, taught: Lessons, rows: Matrix, aside: frozenset[str]) -> None:
        counts = [label not in aside for _, label in taught.examples]
        harmful = [label != SAFE for _, label in taught.examples if label not in aside]
        words = {label: found for label, found in taught.words.items() if label not in aside}
        safe = [words.pop(SAFE)] if SAFE in words else []
        self._wording = Wording([*words.values()], safe)
        self._nearness = Nearness(rows[counts], harmful)

    def weighed(self, by_meaning: float, text: str, vector: Sequence[float]) -> float:
        """P(harm) of `text` where the classifier says `by_meaning`."""
        beside = WORDS_COUNT * self._wording.odds(text) + NEARNESS_COUNTS * self._nearness.lean(vector)
        return probability(CLASSIFIER_COUNTS * log_odds(by_meaning) + beside + EVEN)


def _words(path: Path) -> tuple[dict[str, str], list[str]]:
    """Swear words with milder ones, and slurs."""
    softer: dict[str, str] = {}
    slurs: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match codecs.encode(line, "rot13").split():
            case ["soften", word, instead]:
                softer[word] = instead
            case ["slur", word]:
                slurs.append(word)
    return softer, slurs


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of `words`, whole, in any case, also with the letters drawn out ("daaamn")."""
    drawn = ("".join(f"{re.escape(letter)}+" for letter in word) for word in words)
    return re.compile(rf"\b(?:{'|'.join(sorted(drawn, key=len, reverse=True))})\b", re.I)
