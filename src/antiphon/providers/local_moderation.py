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
from antiphon.core.errors import SetupError
from antiphon.providers.heads import Example, Nearness, Rows, learn, read_examples
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache
from antiphon.providers.wording import Wording, log_odds, probability

DATA = Path(__file__).parent / "data"
SAFE, JAILBREAK, HATE, PROFANITY = "safe", "jailbreak", "hate", "profanity"
LABELS = frozenset({SAFE, SELF_HARM, JAILBREAK, HATE, "violence", "drugs", "sexual", "insult"})
NOTHING: frozenset[str] = frozenset()
HARMLESS_IF_SAID = frozenset({JAILBREAK})
"An order to a machine does nothing when the machine says it."
ASIDES = (NOTHING, HARMLESS_IF_SAID, HARMLESS_IF_SAID | {SELF_HARM})
WORDS_COUNT = 0.18
"How much the log odds of the words count beside the meaning of the whole. More, and they drown it out."
NEARNESS_COUNTS, CLASSIFIER_COUNTS, EVEN = 12.0, 0.45, -0.6
"""Beside the words, the nearest examples and the classifier count so much; the last is what is added to all.
Logistic regression on what each says of examples that it was not taught (cross-validation in six parts)."""
FEW_WORDS = 4
"A sentence up to this long leaves out the I that is meant."
PIECES = 24
"Sentences of one text that are judged by themselves; further ones are judged as part of the whole."

# Phrases whose meaning does not hang on the rest of the sentence. A false alarm costs a kind word.
_ELSEWHERE = (
    r"(?!\s(?:in(?!\s(?:this|the)\sworld)|at|near|by|on|next|so|there|abroad|early|before|until|under)\b)"
)
"To live somewhere, or to wake up at some hour, is what people want or do not want."
_SELF_HARM = re.compile(
    rf"""\b(?:
      (?:kill|harm|hang|killing|harming|hanging)\s(?:my\s?self|meself)
    | end(?:ing)?\s(?:my\s(?:own\s)?life|it\sall)
    | tak(?:e|ing)\smy\s(?:own\s)?life
    | (?:want|wanna|wish|rather)\s(?:to\s)?(?:die|be\sdead)(?!\s(?:of|from|laughing|than)\b)
    | i(?:'m|\sam)\s(?:going|ready|about)\sto\sdie(?!\s(?:of|from|laughing|if|when)\b)
    | wish\s(?:that\s)?i\s(?:was|were|had\snever\sbeen)\s(?:dead|born)
    | (?:don'?t|do\snot)\s(?:want|wanna)\s(?:to\s)?(?:live|be\salive|wake\sup)\b{_ELSEWHERE}
    | better\soff\s(?:dead|without\sme)
    | i(?:'m|\sam|\sfeel|'ve\sbeen|\shave\sbeen)\s(?:feeling\s|a\sbit\s|really\s)?suicidal
    | no\s(?:reason|point)\s(?:to|in)\s(?:live|living|go(?:ing)?\son\sliving)\b{_ELSEWHERE}
    | (?:kill|hurt|hang|cut)\syourself
    )\b""",
    re.I | re.X,
)
_INJURED = re.compile(r"\b(?:hurt|cut|hurting|cutting)\s(?:my\s?self|meself)\b", re.I)
_BY_ACCIDENT = re.compile(
    r"\b(?:accident(?:ally)?|by mistake|shaving|cooking|chopping|gardening|playing|skiing|running|lifting|"
    r"fell|falling|football|rugby|tennis|gym|sports?|glass|tin|paper|fence|nail|bread|stove|nurse|physio|"
    r"dentist|stitches|plaster|tetanus)\b",
    re.I,
)
_OF_ANOTHER = re.compile(
    r"\bmy\s(?:best\s|little\s|big\s)?(?:friend|mate|sister|brother|mum|mom|mother|dad|father|son|daughter|"
    r"cousin|girlfriend|boyfriend|wife|husband|partner|flatmate|classmate)\b[^.?!]{0,40}"
    r"\b(?:kill(?:s|ing)?|harm(?:s|ing)?|hang(?:s|ing)?|cuts|cutting|hurts|hurting)\s(?:her|him|them)sel(?:f|ves)\b",
    re.I,
)
_OF_A_WORK = re.compile(
    r"\b(?:poem|sonnet|play|act|scene|line|verse|chapter|novel|book|story|song|lyrics|character|narrator|speaker|"
    r"hamlet|ophelia|romeo|juliet|macbeth|othello|werther)\b",
    re.I,
)
# A person who speaks of help is not the one who harms.
_OFFERS_HELP = re.compile(
    r"\b(?:(?:talk|speak|reach out|turn) to|someone you trust|get help|helpline|lifeline|emergency)\b",
    re.I,
)
# What nobody means as it is said, put as it is meant; the rest of the sentence is weighed as ever.
_IDIOMS = (
    (
        r"\b(?:dying|dead keen) to (?=see|know|hear|meet|find|try|get|read|go|learn|tell|taste|eat|drink|play)",
        "eager to ",
    ),
    (
        r"\b(?:dying|died|die) (?:of|from|with) "
        r"(?=boredom|laughter|laughing|shame|curiosity|embarrassment|thirst|hunger|heat)",
        "full of ",
    ),
    (r"\b(?:nearly |almost )?(?:died|dying|die) laughing\b", "laughing a lot"),
    (r"\b(?:kill|murder|die|dying) for (?=(?:a|an|some|the|that|another|one)\b)", "love "),
    (
        r"\b(?:could|would|'d) (?:murder|kill) (?=(?:a|an|some|another)\s(?:\w+\s){0,3}?"
        r"(?:pizza|burger|coffee|tea|curry|drink|beer|pint|sandwich|cake|snack|breakfast|lunch|dinner|steak|chips|"
        r"ice cream|kebab|meal|biscuit|glass|cup)\b)",
        "could enjoy ",
    ),
    (
        r"\bmy (?:mum|mom|mother|dad|father|parents|sister|brother|wife|husband|boss|manager|teacher|coach) "
        r"(?:will|would|is going to|are going to|is gonna|'ll) (?:kill|murder|strangle) me\b",
        "they will be cross with me",
    ),
    # A word that is asked about is not used.
    (
        r"\b(?P<asked>synonyms?|antonyms?|another word|other words?|(?:better|stronger|nicer|politer) words?|opposite|"
        r"plural|past tense|meaning|definition|noun|adjective|adverb) (?P<of>for|of) (?:the word )?[\w'’]+(?=[.?!]|$)",
        r"\g<asked> \g<of> this word",
    ),
    (
        r"\bwhat does (?:the word )?[\w'’]+(?: [\w'’]+)? mean(?= in (?:english|the|this|that|latin|old)\b|[.?!]|$)",
        "what does this word mean",
    ),
    (r"\bhow (?:do|would|should) (?:you|i|we) spell [\w'’]+(?=[.?!]|$)", "how do you spell this word"),
    (
        r"\b(?:shoot|fire|drop) (?=(?:(?:me|us|him|her|them|over|off) )?(?:over |off )?(?:an?|the|that|it|your) ?"
        r"(?:quick |short )?(?:e-?mail|text|message|note|line|link|copy|report|reply|invoice)\b)",
        "send ",
    ),
    (
        r"\b(?:kill|terminate|abort|execute|kills|killed|killing|hang|nuke)"
        r"(?= (?:a|an|the|this|that|my|all|your|every) (?:\w+ ){0,3}?(?:process(?:es)?|tasks?|jobs?|apps?|programs?|"
        r"scripts?|servers?|threads?|tabs?|connections?|sessions?|commands?|query|queries|engine|subscription|"
        r"contract|import|export|instance|container)\b)",
        "stop",
    ),
)
_IDIOM = tuple((re.compile(pattern, re.I), meant) for pattern, meant in _IDIOMS)
_FIRST_PERSON = re.compile(r"\b(?:i|i'?m|i'?ve|i'?d|i'?ll|me|my|mine|myself|meself)\b", re.I)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*\s*")


class LocalGuardrail:
    """A `Guardrail` that needs one encode a sentence. Loads at first use, or in `warm_up`; may be shared."""

    def __init__(
        self,
        encoder: BulkEncoder,
        cache: VectorCache,
        *,
        examples: Path | None = None,
        block_at: float = 0.75,
        self_harm_at: float = 0.6,
    ) -> None:
        """`examples`: a further file of `{"text", "label"}` lines that teaches it; no file is no error.

        `block_at`: P(unsafe) from which text is blocked. `self_harm_at`: P(self-harm) from which a caller's
        words about themselves are answered with care and a person is told; lower, for a false alarm is cheap.
        Chosen so that none of the innocent lines of the tuning half is stopped, and of what the agents know and
        are asked about not one in five hundred: 0.6 would stop one in a hundred of that.
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
        if cries_for_help(text):
            return Block((SELF_HARM,), 1.0, "says so in words")
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
        elif cries_for_help(text):
            return Block((SELF_HARM,), 1.0, "says so in words")
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
        pieces = list(dict.fromkeys([text, *(piece.strip() for piece in _SENTENCE.findall(text)[:PIECES])]))
        pieces = [piece for piece in pieces if piece is text or len(piece.split()) > 1]
        worst = 0.0
        for piece, vector in zip(pieces, await self._encoder.encode(pieces), strict=True):
            shares = head.probabilities(vector)
            harms = {label: share for label, share in shares.items() if label != SAFE and label not in aside}
            by_meaning = sum(harms.values()) / (sum(harms.values()) + shares[SAFE])
            unsafe = second.weighed(by_meaning, piece, vector)
            harms = {label: share * unsafe / by_meaning for label, share in harms.items()}
            worst = max(worst, unsafe)
            at = self_harm_at if _FIRST_PERSON.search(piece) else self._block_at
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
                    lessons = await asyncio.to_thread(self._lessons)
                    rows = await self._cache.encode_all(self._encoder, [t for t, _ in lessons], progress)
                    self._opinions = {aside: _Opinion(lessons, rows, aside) for aside in ASIDES}
                    self._head = await learn(self._encoder, self._cache, lessons)
        return self._head

    def _lessons(self) -> list[Example]:
        lessons = read_examples(DATA / "moderation.jsonl")
        if self._examples is not None and self._examples.is_file():
            further = read_examples(self._examples)
            for _, label in further:
                if label not in LABELS:
                    raise SetupError(
                        f"{self._examples}: no label {label!r}; use one of {', '.join(sorted(LABELS))}"
                    )
            lessons += further
        return [(as_meant(text), label) for text, label in lessons]

    def _soften(self, found: re.Match[str]) -> str:
        """A milder word in the case of the one it replaces."""
        word = self._softer[found[0].lower()]
        return word.capitalize() if found[0][0].isupper() else word


class _Opinion:
    """What words and the nearest examples say beside the classifier, but for examples with labels `aside`."""

    def __init__(self, lessons: Sequence[Example], rows: Rows, aside: frozenset[str]) -> None:
        kept = [index for index, (_, label) in enumerate(lessons) if label not in aside]
        harmful = [lessons[index][1] != SAFE for index in kept]
        self._wording = Wording((lessons[i][0], is_so) for i, is_so in zip(kept, harmful, strict=True))
        self._nearness = Nearness([rows[index] for index in kept], harmful)

    def weighed(self, by_meaning: float, text: str, vector: Sequence[float]) -> float:
        """P(harm) of `text` where the classifier says `by_meaning`."""
        beside = WORDS_COUNT * self._wording.odds(text) + NEARNESS_COUNTS * self._nearness.lean(vector)
        return probability(CLASSIFIER_COUNTS * log_odds(by_meaning) + beside + EVEN)


def cries_for_help(text: str) -> bool:
    """Whether `text` speaks of self-harm in words that leave no doubt: the speaker's, or of somebody near.

    What is said of people in a play, and of an accident, is left to be weighed.
    """
    for piece in _SENTENCE.findall(text):
        if _OF_A_WORK.search(piece):
            continue
        if (found := _SELF_HARM.search(piece)) and (
            _FIRST_PERSON.search(piece) or "yourself" in found[0].lower() or len(piece.split()) <= FEW_WORDS
        ):
            return True
        if _OF_ANOTHER.search(piece) or (_INJURED.search(piece) and not _BY_ACCIDENT.search(piece)):
            return True
    return False


def as_meant(text: str) -> str:
    """`text` with common figures of speech about killing and dying put plainly."""
    for pattern, meant in _IDIOM:
        text = pattern.sub(meant, text)
    return text


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
