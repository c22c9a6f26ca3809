"""Finds, in what a pupil says, the sentence they want looked at."""

from __future__ import annotations

import re

from antiphon.agents.tutor import words
from antiphon.agents.tutor.patterns import Pattern

_PLEASE = r"(?:(?:please|hi|hello|hey|okay|ok|well|so|and|um|uh|er|miss|sir|yes|yeah|now)\b[,.!]? )*"
_ASK = (
    r"(?:(?:can|could|would|will) you (?:please |maybe |just |quickly |possibly )?|i(?:'d| would) like "
    r"you to |"
    r"i (?:want|need) you to |(?:(?:can|could|would) you )?(?:please )?help me (?:to )?|please |"
    r"how (?:do|can|could|should|would) (?:i|you|we) |i (?:need|want) (?:some )?help (?:to |with ))?"
)
_DO = (
    r"(?:check|correct|fix|improve|mend|repair|rewrite|edit|proofread|proof read|rephrase|reword|"
    r"polish|look at|look over|"
    r"have a look at|take a look at|go over|checking|correcting|fixing|improving|rewriting)"
)
_SENTENCE = (
    r"(?:(?:this|the|my|a|following|next|these|one|another|own|english|little|short) ){0,3}"
    r"(?:sentences?|phrase|grammar|line|statement)"
    r"(?: (?:for me|please|out for me|out|for you|i wrote|i've written|i have written|of mine|from my "
    r"\w+|in my \w+|here|to check|to correct))*"
)
_RIGHT = (
    r"(?:(?:grammatically|really|actually|still) )?(?:right|correct|okay|ok|good english|proper "
    r"english|proper|wrong|good grammar|"
    r"good|grammatical|fine|allowed|incorrect)"
)
_SAYS = r"(?:that says|which says|it says|it goes|it is|it's|is|says|goes|like this|which is|namely)"
_LINK = rf"(?:\s*[:,;.?!–—-]+\s*(?:{_SAYS}[:,]?\s+)?|\s+{_SAYS}\b[:,]?\s+|\s+)"
_MARK = r"\s*[:,;.?–—-]+\s*"

_WITH_SENTENCE = tuple(
    Pattern(_PLEASE + pattern, re.IGNORECASE)
    for pattern in (
        rf"{_ASK}{_DO} {_SENTENCE}{_LINK}(?P<s>.+)$",
        rf"(?:(?:can|could) you )?(?:please )?help (?:me )?(?:with|on) {_SENTENCE}{_LINK}(?P<s>.+)$",
        rf"i (?:need|want) (?:some )?help (?:with|on) {_SENTENCE}{_LINK}(?P<s>.+)$",
        rf"{_ASK}make {_SENTENCE} (?:sound )?(?:better|correct|right|more interesting|"
        rf"stronger){_LINK}(?P<s>.+)$",
        rf"(?:(?:can|could|would) you )?(?:please )?(?:tell me )?(?:if|whether) {_SENTENCE} (?:is|"
        rf"sounds) {_RIGHT}{_LINK}(?P<s>.+)$",
        rf"(?:is|are|does) {_SENTENCE} (?:sound )?{_RIGHT}{_LINK}(?P<s>.+)$",
        rf"(?:is|are) {_SENTENCE}{_LINK}(?P<s>.+?),? {_RIGHT}[?.]*$",
        r"(?:what is|what's|what was|is there anything|is there something|is anything|is something) "
        r"(?:wrong|the mistake|the error) "
        rf"(?:with|in) (?:{_SENTENCE}|this){_LINK}(?P<s>.+)$",
        r"(?:what do you think (?:of|about)|let me (?:read|tell|give) you|listen to|here(?:'s| is)) "
        rf"{_SENTENCE}{_LINK}(?P<s>.+)$",
        rf"i(?:'ve got| have) {_SENTENCE}{_MARK}(?P<s>.+)$",
        rf"(?:my|the|this) sentence{_LINK}(?P<s>.+)$",
        rf"{_ASK}correct me if i (?:say|write)[:,]? (?P<s>.+)$",
        # without the word "sentence", a mark or a telling verb must show where it begins
        rf"{_ASK}{_DO}(?: (?:this|it|that|the following|something|what i wrote))?(?: for me| "
        rf"please)?{_MARK}(?P<s>.+)$",
        rf"{_ASK}{_DO} (?:this|the following)(?: one)?(?: for me| please)? (?P<s>(?:\S+ ){{2,}}\S+)$",
        r"(?:please |can you |could you )+(?:correct|fix|check) (?P<s>(?:I|he|she|we|they|me|him|my|"
        r"the|there|its)\b(?: \S+){2,})$",
        rf"(?:is|was|would) it (?:be )?{_RIGHT} (?:to (?:say|write|use)|if (?:i|you|we) (?:say|said|"
        rf"write)|when i (?:say|write)){_LINK}(?P<s>.+)$",
        r"(?:can|could|should|may) (?:i|you|we) (?:just |really |also )?(?:say|write)[:,]? (?!.* or "
        r")(?P<s>(?:\S+ ){3,}\S+)$",
        rf"is (?:this|that|it) {_RIGHT}{_MARK}(?P<s>.+)$",
        rf"(?:is|are) \"(?P<s>[^\"]+)\",? {_RIGHT}[?.]*$",
        r"is (?P<s>(?:i|he|she|we|they|me|him|us|them|there|its|you|your)\b(?: \S+){2,}?),? "
        r"(?:grammatically )?"
        r"(?:correct|right|good english|proper english|good grammar)(?: english| grammar)?[?.]*$",
        r"(?:what is|what's) wrong with (?:saying )?[:,]?\s*(?P<s>(?:i|he|she|we|they|me and|him and|"
        r"my|the|there|its)\b(?: \S+){2,})$",
        r"(?:i wrote|i've written|i have written|i said)[:,]?\s+(?P<s>.+?)[,.?]* (?:is (?:that|it|"
        rf"this) {_RIGHT}|(?:can|could) you "
        rf"{_DO} (?:it|that|this))\W*$",
        rf"(?P<s>(?:i|he|she|we|they|me|him|them|my|there|its|your)\b(?: \S+){{2,}}?)[.?!,;] (?:is|"
        rf"was) (?:that|it|this)(?: sentence)? {_RIGHT}"
        r"(?: english| grammar)?[?.]*$",
        r"(?P<s>(?:\S+ ){2,}\S+?)[.?!,;] (?:is|was) (?:that|it|this) (?:(?:a )?(?:grammatically "
        r")?correct (?:sentence|english)|good english|proper english|good grammar|"
        r"grammatically correct|grammatical)[?.]*$",
        rf"(?P<s>(?:\S+ ){{2,}}\S+?)[.?!,;] {_PLEASE}{_ASK}{_DO} (?:it|this|that|(?:this|that|my|the) "
        r"sentence)(?: for me| please)?[?.]*$",
    )
)
_ALONE = tuple(
    Pattern(rf"{_PLEASE}{pattern}\W*$", re.IGNORECASE)
    for pattern in (
        rf"{_ASK}{_DO} {_SENTENCE}",
        rf"(?:(?:can|could) you )?(?:please )?help (?:me )?(?:with|on) {_SENTENCE}",
        rf"i (?:need|want) (?:some )?help (?:with|on) {_SENTENCE}",
        rf"(?:can you tell me (?:if|whether) )?(?:is|are|does)? ?{_SENTENCE} (?:is |sound )?{_RIGHT}",
        rf"{_ASK}{_DO} (?:my (?:grammar|english)|something i wrote|what i wrote|something)(?: for me| "
        r"please)?",
        rf"{_ASK}make {_SENTENCE} (?:sound )?(?:better|correct|right|more interesting|stronger)",
        r"i (?:have|'ve got|wrote|want to check|would like to check) (?:a|another|one) (?:more "
        r")?sentence(?: for you| to check| to correct| here| i wrote)*",
        r"(?:what is|what's) wrong with (?:this|my) (?:sentence|phrase)",
    )
)
_IN_GENERAL = Pattern(
    r"how (?:do|can|could|should|would) (?:i|you|we) .*\b(?:a sentence|sentences)\W*$", re.IGNORECASE
)
_SUBJECTS = (
    r"(?:english|maths?|grammar|writing|spelling|essay|essays|paragraph|story|poem|letter|problem|"
    r"equation|sum|answer|"
    r"homework|question|bike|computer|code|phone|app|spellings|that again|it again)"
)
_NO_SENTENCE = Pattern(
    rf"^(?:(?:my|the|an?|your|some|in|for|with|at|x|y|it|if|about|that|this) )*(?:{_SUBJECTS}|"
    r"something|structure|types?|fragments?|"
    r"more|again|anything)\b|^(?:structure|types?|fragments?|about|equation|sum)\b|^that\b|^me if\b|"
    r"^it (?:more|again|slowly)\b",
    re.IGNORECASE,
)
_TAIL = Pattern(
    rf"[,.?!;]*\s+(?:please|thank you|thanks|is (?:that|it|this) {_RIGHT}(?: or (?:not|wrong))?|what "
    r"do you think|"
    r"can you (?:fix|correct|check) (?:it|that))\W*$",
    re.IGNORECASE,
)
_LEAD = Pattern(
    r"^(?:for me|please|is|it is|it says|it goes|like this|says|saying|here it is)\b\s*[:,.;?]\s*|"
    r"^(?:for me|please)\W+",
    re.I,
)
_DIGITS = Pattern(r"\d\s*[-+*/=x]|\b(?:equals|plus|minus|divided by)\b|^x\b", re.IGNORECASE)


def find_sentence(utterance: str) -> str | None:
    """The sentence a pupil wants help with; "" when they give none; None when they do not ask for help."""
    spoken = " ".join(utterance.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).split())
    if any(alone.match(spoken) for alone in _ALONE):
        return None if _IN_GENERAL.match(spoken) else ""
    for pattern in _WITH_SENTENCE:
        if (match := pattern.match(spoken)) is None:
            continue
        sentence = _strip(match["s"])
        if _NO_SENTENCE.match(sentence) or _DIGITS.search(sentence):
            continue
        if len(sentence.split()) < 2:
            return ""
        if "sentence" in spoken.lower() or _has_verb(sentence):
            return sentence
    return None


def _has_verb(sentence: str) -> bool:
    forms = (
        words.BASES,
        words.BASE_OF_THIRD,
        words.PAST_OF,
        words.PARTICIPLE_ONLY,
        words.OVERREGULAR,
        _HELPERS,
    )
    tokens = re.findall(r"[\w']+", sentence.lower())
    return (
        any(t in known for t in tokens for known in forms)
        or any(t.endswith(("ed", "ing")) for t in tokens)
        or ("between" in tokens)
    )


_HELPERS_WORDS = """
am is are was were be been has have had do does did can could will would should must might may ain't
it's its i'm i've he's she's they're we're you're there's don't doesn't didn't isn't aren't wasn't
weren't can't won't hasn't haven't
"""
_HELPERS = frozenset(_HELPERS_WORDS.split())


def _strip(sentence: str) -> str:
    sentence = _LEAD.sub("", sentence.strip(" \"':,;–—-"))
    return _TAIL.sub("", sentence).strip(" \"':,;–—-")
