"""Finds, in what a pupil says, the sentence they want looked at."""

from __future__ import annotations

import re

_PLEASE = r"(?:(?:please|hi|hello|hey|okay|ok|well|so|um|uh|er|miss|sir|yes|yeah),? )*"
_ASK = r"(?:(?:can|could|would|will) you (?:please |maybe |just |quickly )?|i(?:'d| would) like you to |i want you to |i need you to |help me (?:to )?|could you help me (?:to )?|can you help me (?:to )?|please )?"
_DO = (
    r"(?:check|correct|fix|improve|mend|repair|rewrite|edit|proofread|proof read|rephrase|reword|look at|look over|have a look at|"
    r"take a look at|go over|polish)"
)
_THING = (
    r"(?:(?:this|the|my|a|following|next|these|one|another) )*(?:english |little |short |following |own )?"
    r"(?:sentences?|phrase|grammar|line|writing|text|statement)(?: (?:for me|please|out|out for me|i wrote|i've written|from my (?:essay|story|homework)|"
    r"i have written|of mine|in my (?:essay|story|homework)))*"
)
_LINK = r"(?:\s*[:,;.\-–—]+\s*|\s+(?:that says|which says|it says|it goes|it is|it's|is|says|like this|which is|namely|of)\b[:,]?\s+|\s+)"
_GRAMMAR = r"(?:grammatically |grammatical |really |actually |still )?(?:right|correct|okay|ok|good english|proper english|proper|wrong|good grammar|good|grammatical|fine|allowed|incorrect)"

_WITH_SENTENCE = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # help me improve this sentence: …
        rf"^{_PLEASE}{_ASK}{_DO} {_THING}{_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:how (?:do|can|could|should|would) (?:i|you|we) |i (?:need|want) (?:some )?help (?:to |with )?){_DO}(?:ing)? {_THING}{_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:can you |could you |please )?help me with {_THING}{_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}i need (?:some )?help with {_THING}{_LINK}(?P<s>.+)$",
        # can you check: …, correct this: …, fix me and him goes …
        rf"^{_PLEASE}{_ASK}{_DO}(?: (?:this|it|that|the following|something|what i wrote))?(?: for me| please)?(?:\s*[:,;–—]\s*)(?P<s>.+)$",
        rf"^{_PLEASE}{_ASK}{_DO} (?:this|the following)(?: one)?(?: for me| please)? (?!sentence|essay|paragraph|story|problem|equation|sum|answer|homework|question|bike|computer|code)(?P<s>(?:\S+ ){{2,}}\S+)$",
        # is it right to say …, is it correct if I say …
        rf"^{_PLEASE}(?:is|was|would) it (?:be )?{_GRAMMAR} (?:english )?(?:to (?:say|write|use)|if i (?:say|write)|when i (?:say|write)){_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:can|could|should|do|may) (?:i|you|we) (?:just |really |also )?(?:say|write)[:,]? (?P<s>(?:\S+ ){{3,}}\S+)$",
        rf"^{_PLEASE}(?:is|are) (?:this|the|my|these|that) (?:following |next )?(?:sentences?|phrase|grammar) {_GRAMMAR}{_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:is|are) (?:this|the|that) (?:following |next )?(?:sentences?|phrase){_LINK}(?P<s>.+?),? {_GRAMMAR}[?.]*$",
        rf"^{_PLEASE}is (?:this|that|it) {_GRAMMAR}\s*[:,;?–—-]+\s*(?P<s>.+)$",
        rf"^{_PLEASE}(?:is|are) [\"“'](?P<s>[^\"”]+)[\"”'],? {_GRAMMAR}[?.]*$",
        rf"^{_PLEASE}is (?P<s>(?:i|he|she|it|we|they|me|him|us|them|my|the|their|there|its|it's|your|you)\b(?: \S+){{2,}}),? {_GRAMMAR}(?: english| grammar)?[?.]*$",
        rf"^{_PLEASE}(?:what is|what's|what was|is there anything|is there something|is anything|is something) (?:wrong|the mistake|the error|incorrect) (?:with|in) (?:(?:this|the|my) (?:following )?(?:sentence|phrase)|this){_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:what is|what's) wrong with (?:saying )?[:,]?\s*(?P<s>(?:i|he|she|we|they|me and|him and|my|the|there|its)\b(?: \S+){{2,}})$",
        rf"^{_PLEASE}(?:how|what) (?:can|could|do|would|should) (?:i|you) (?:make|say) {_THING} (?:better|correct|right|sound better|more interesting|stronger){_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}{_ASK}make {_THING} (?:better|correct|right|sound better|more interesting|stronger){_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:my|the|this|here(?:'s| is) (?:my|the|a)) sentence(?: is| goes| says)?{_LINK}(?P<s>.+)$",
        rf"^{_PLEASE}(?:i wrote|i've written|i have written)[:,]?\s+(?P<s>.+?)[,.?]+ (?:is (?:that|it|this) {_GRAMMAR}|(?:can|could) you (?:check|correct|fix|improve) (?:it|that|this))\W*$",
        rf"^(?P<s>(?:\S+ ){{2,}}\S+?)[.?!,;] (?:is|was) (?:that|it|this)(?: sentence)? {_GRAMMAR}(?: english| grammar)?[?.]*$",
        rf"^(?P<s>(?:\S+ ){{2,}}\S+?)[.?!,;] {_PLEASE}{_ASK}{_DO} (?:it|this|that|this sentence|that sentence|my sentence|the sentence)(?: for me| please)?[?.]*$",
    )
)
_ALONE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_PLEASE}{_ASK}{_DO}(?:ing)? {_THING}\W*$",
        rf"^{_PLEASE}(?:how (?:do|can|could|should|would) (?:i|you|we) |i (?:need|want) (?:some )?help (?:to |with )?){_DO}(?:ing)? {_THING}\W*$",
        rf"^{_PLEASE}(?:can you |could you |please |i need (?:some )?|i want (?:some )?)?help (?:me )?(?:with|on) (?:(?:this|the|my|a|one) )?(?:sentence|phrase|grammar)\W*$",
        rf"^{_PLEASE}(?:is|are) (?:this|my|the following) (?:sentences?|phrase|grammar) {_GRAMMAR}\W*$",
        rf"^{_PLEASE}{_ASK}(?:check|correct|fix|proofread) (?:my (?:grammar|english)|something i wrote|what i wrote)(?: for me| please)?\W*$",
        rf"^{_PLEASE}(?:how (?:can|could|do) i )?{_ASK}make (?:this|my|a|the) sentence (?:better|correct|sound better|more interesting|stronger)\W*$",
        rf"^{_PLEASE}i (?:have|'ve got|wrote|want to check|would like to check) (?:a|another|one) (?:more )?sentence(?: for you| to check| to correct| here| i wrote)*\W*$",
        rf"^{_PLEASE}(?:what is|what's) wrong with (?:this|my) (?:sentence|phrase)\W*$",
    )
)
_ABOUT = re.compile(
    r"^(?:in (?:my|an|the) (?:essay|story|letter|poem)|with|structure|types?|fragments?|more|better|about|punctuation)\b", re.IGNORECASE
)
_TAIL = re.compile(
    rf"[,.?!;]?\s+(?:please|thank you|thanks|is (?:that|it|this) {_GRAMMAR}(?: or (?:not|wrong))?|what do you think|can you (?:fix|correct|check) (?:it|that))\W*$",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:for me|please|is|it is|it says|it goes|like this|says|saying|out|here it is)\b\s*[:,.;]\s*|^(?:for me|please)\s+", re.IGNORECASE)


def find_sentence(utterance: str) -> str | None:
    """The sentence inside a request for help with it; "" when help is asked but no sentence given; None otherwise."""
    spoken = " ".join(utterance.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).split())
    if any(alone.match(spoken) for alone in _ALONE):
        return ""
    for pattern in _WITH_SENTENCE:
        if (match := pattern.match(spoken)) is not None:
            sentence = _strip(match["s"])
            if _ABOUT.match(sentence):
                continue
            return sentence if len(sentence.split()) > 1 else ""
    return None


def _strip(sentence: str) -> str:
    sentence = _TAIL.sub("", _LEAD.sub("", sentence.strip(" \"'“”:,;–—-")))
    return sentence.strip(" \"'“”:,;–—-")
