"""Rules of words that pupils confuse, double or misuse: fewer and less, more better."""

from __future__ import annotations

import re

from antiphon.agents.tutor import words
from antiphon.agents.tutor.rules import rule

_NEGATIVE = (
    r"(?:do|does|did|ca|wo|ai|has|have|had|could|would|should|is|are|was|were|must)n't|cannot|"
    r"never|(?:do|does|did|can|will) not"
)
_ANY = {
    "nothing": "anything",
    "nobody": "anybody",
    "no one": "anyone",
    "nowhere": "anywhere",
    "none": "any",
    "no": "any",
    "never": "ever",
}
_HARD_NOUNS = (
    "homework|money|water|time|information|advice|furniture|luggage|help|work|milk|food|rain|"
    "snow|traffic|music|fun|sugar"
)


def _no_double(m: re.Match[str]) -> str | None:
    if m["gap"] and re.search(
        r"\b(?:say|says|said|mean|but|because|that|if|when|who|and|or|so|than|think|sure|about|a|an|"
        r"just|stop|only)\b",
        m["gap"],
        re.I,
    ):
        return None
    return f"{m['neg']}{m['gap']}{_ANY[m['no'].lower()]}"


def _positive(m: re.Match[str]) -> str:
    form = words.past if m["do"].lower() == "didn't" else words.third_person
    return f"{m['no']} {form(m['verb'].lower())}"


def _degree(m: re.Match[str]) -> str:
    return m["form"]


def _odd_degree(m: re.Match[str]) -> str:
    return {
        "gooder": "better",
        "goodest": "best",
        "badder": "worse",
        "baddest": "worst",
        "worser": "worse",
        "worstest": "worst",
        "bestest": "best",
        "betterer": "better",
        "funner": "more fun",
        "funnest": "most fun",
        "beautifuller": "more beautiful",
        "beautifulest": "most beautiful",
        "beautifullest": "most beautiful",
        "lesser": "less",
        "mostest": "most",
    }[m[1].lower()]


def _fewer(m: re.Match[str]) -> str | None:
    noun = m["noun"]
    if not words.is_plural(noun) or words.is_measure(noun):
        return None
    return ("Fewer " if m[0][0] == "L" else "fewer ") + (m["adj"] or "") + noun


def _counted(m: re.Match[str]) -> str | None:
    if not words.is_plural(m["noun"]) or words.is_measure(m["noun"]):
        return None
    return f"{m['before']}{m['better'] if 'better' in m.groupdict() else ''}{m['noun']}"


_WELL = (
    "play|plays|played|sing|sings|sang|swim|swims|swam|speak|speaks|spoke|write|writes|wrote|draw|"
    "draws|drew|work|works|"
    "worked|run|runs|ran|dance|dances|danced|drive|drives|drove|cook|cooks|cooked|sleep|slept|read|"
    "reads|behaved|performed"
)
_STOP = r"(?=\s*(?:[.,;!?]|$)| (?:in|on|at|today|yesterday|this|last|and|because|when|with|for|together)\b)"
_LY = {
    "quick": "quickly",
    "careful": "carefully",
    "bad": "badly",
    "beautiful": "beautifully",
    "quiet": "quietly",
    "perfect": "perfectly",
    "nice": "nicely",
    "angry": "angrily",
    "safe": "safely",
    "easy": "easily",
    "slow": "slowly",
    "happy": "happily",
    "brave": "bravely",
    "polite": "politely",
}
_WRITE = "When you write it, "


RULES = (
    # -- negatives --------------------------------------------------------------------------------------
    rule(
        r"\b(?:can't|cannot|couldn't|can not|could not) (hardly|barely|scarcely)\b",
        lambda m: ("could " if "ould" in m[0] else "can ") + m[1],
        "Hardly is already negative, so one negative is enough: '{1}'.",
    ),
    rule(
        rf"\b(?P<neg>{_NEGATIVE})(?P<gap> (?:[\w']+ ){{0,4}}?)(?P<no>nothing|nobody|no one|nowhere|"
        r"none|never|"
        r"no(?= (?:more|money|time|help|trouble|work|breakfast|lunch|dinner|cake|sweets|homework|"
        r"friends|food|water|idea|<SINGULAR>|<PLURAL>)\b))\b(?! but\b)",
        _no_double,
        "Two negatives cancel each other out, so use only one: '{1}'.",
    ),
    rule(
        r"\b(there (?:isn't|aren't|wasn't|weren't)|(?:don't|doesn't|didn't) (?:have|want|need|know|"
        r"like|get|see|eat)|"
        r"haven't got|hasn't got) no (?!one\b|means\b|longer\b)(?=[a-z])",
        r"\1 any ",
        "Two negatives cancel each other out, so use only one: '{1}'.",
    ),
    rule(
        r"\b(?P<no>nobody|no one|nothing|none of (?:us|them|you)) (?P<do>don't|doesn't|didn't) "
        r"(?P<verb><BASE>)\b",
        _positive,
        "Two negatives cancel each other out, so use only one: '{1}'.",
    ),
    rule(
        r"\b(I|he|she|we|they|you) could care less\b",
        r"\1 couldn't care less",
        "If you care as little as possible, you could not care less.",
    ),
    # -- comparison -------------------------------------------------------------------------------------
    rule(
        r"\bmore (?P<form><COMPARATIVE>)\b(?<!lower)",
        _degree,
        "'{1}' already means more, so leave out the word more.",
    ),
    rule(
        r"\b(?:most (?P<form><SUPERLATIVE>))\b",
        _degree,
        "'{1}' already means most, so leave out the word most.",
    ),
    rule(
        r"\b(gooder|goodest|badder|baddest|worser|worstest|bestest|betterer|funner|funnest|"
        r"beautifuller|beautifulest|beautifullest|mostest)\b",
        _odd_degree,
        "The right form is '{1}'.",
    ),
    rule(
        r"\bmore (?P<adj>big|small|tall|old|young|fast|cheap|strong|long|short|hot|cold|easy|happy|"
        r"funny|good|bad|nice) than\b",
        lambda m: f"{words.COMPARATIVE.get(m['adj'].lower(), 'nicer')} than",
        "Short adjectives make their comparative with e r: '{1}'.",
    ),
    rule(
        r"\b(?:the )most (?P<adj>big|small|tall|old|young|fast|cheap|strong|long|short|hot|cold|easy|"
        r"happy|funny|good|bad)\b(?! \w+ed\b)",
        lambda m: f"the {words.SUPERLATIVE[m['adj'].lower()]}",
        "Short adjectives make their superlative with e s t: '{1}'.",
    ),
    rule(
        r"\b((?:more|less|rather|other|<COMPARATIVE>)(?: \w+)?) then (?=(?:me|you|him|her|us|them|I|he|"
        r"she|we|they|my|your|the|a|an|this|that|his|"
        r"their|our|it|any|ever|before|mine|last|[A-Z]\w+)\b)",
        r"\1 than ",
        _WRITE + "use than to compare things: '{1}'.",
    ),
    rule(
        r"\b(<COMPARATIVE>) as (me|him|her|us|them|you)\b(?! <FINITE>)",
        r"\1 than \2",
        "After a comparative, use than: '{1}'.",
    ),
    # -- much, many, fewer, less --------------------------------------------------------------------------
    rule(
        r"(?<!before )(?<!when )(?<!if )\bless (?P<adj>)(?P<noun>[a-z]+)\b",
        _fewer,
        "Use fewer for things you can count and less for things you cannot: '{1}'.",
    ),
    rule(
        r"\b(?P<before>(?:a (?:large|small|huge|great) |the )?)amount of (?P<noun><PLURAL>)\b(?<!lives)",
        lambda m: f"{m['before']}number of {m['noun']}" if words.is_plural(m["noun"]) else None,
        "Use number for things you can count and amount for things you cannot: '{1}'.",
    ),
    rule(
        r"\bmuch (?P<noun><PLURAL>|people|friends|toys|sweets)\b",
        r"many \g<noun>",
        "Use many for things you can count: '{1}'.",
    ),
    rule(
        rf"\b(?P<how>how |too |so |not )?many (?P<noun>{_HARD_NOUNS})\b(?! \w+s\b)",
        r"\g<how>much \g<noun>",
        "This is something you cannot count, so use much: '{1}'.",
    ),
    rule(
        r"\b(homework|information|advice|furniture|luggage|equipment|knowledge)s\b(?P<verb> (?:is|are|"
        r"was|were|have|has)\b)?",
        lambda m: (
            m[1]
            + {"are": " is", "were": " was", "have": " has"}.get(
                (m["verb"] or "").strip().lower(), m["verb"] or ""
            )
        ),
        "This noun has no plural: say '{1}'.",
    ),
    rule(
        r"\b(homework|information|advice|furniture|luggage|equipment|knowledge) (are|were)\b(?! (?:and|"
        r"both))",
        lambda m: (
            None
            if re.search(r"\band (?:\w+ )?$|\bof (?:\w+ )?$", m.string[: m.start()], re.I)
            else f"{m[1]} {'is' if m[2].lower() == 'are' else 'was'}"
        ),
        "This noun cannot be counted, so it takes a singular verb: '{1}'.",
    ),
    rule(
        r"\b(an|one|two|three) (advice|information|homework|furniture)\b",
        lambda m: f"{'a piece' if m[1].lower() in {'an', 'one'} else m[1] + ' pieces'} of {m[2]}",
        "You cannot count this noun directly, so say '{1}'.",
    ),
    rule(r"\bpeoples (?=(?:are|is|who|have|was|were|like)\b)", "people ", "People is already plural."),
    rule(
        r"\b(childrens|mens|womens|mices|feets|tooths|foots|mouses|gooses|sheeps|childs)\b(?= (?:are|"
        r"is|have|has|were|was|play|in|and|on)\b|\s*[.,!?]|\s*$)",
        lambda m: {
            "childrens": "children",
            "childs": "children",
            "mens": "men",
            "womens": "women",
            "mices": "mice",
            "mouses": "mice",
            "feets": "feet",
            "foots": "feet",
            "tooths": "teeth",
            "gooses": "geese",
            "sheeps": "sheep",
        }[m[1].lower()],
        "The plural is '{1}'.",
    ),
    # -- adverbs ------------------------------------------------------------------------------------------
    rule(
        rf"\b(?P<verb>{_WELL}) (?P<how>(?:so |very |really |pretty |quite |real )?)good{_STOP}",
        lambda m: f"{m['verb']} {m['how'].replace('real ', 'really ')}well",
        "Use the adverb well to say how something is done: '{1}'.",
    ),
    rule(
        r"\b(?P<verb>did|does|do|doing) (?P<how>(?:so |very |really |pretty |quite |real )?)good "
        r"(?=(?:on|in|at) (?:the|my|his|her|our|their|your|a|school|maths|english|science)\b)",
        lambda m: f"{m['verb']} {m['how'].replace('real ', 'really ')}well ",
        "Use the adverb well to say how something is done: '{1}'.",
    ),
    rule(
        rf"\b(?P<verb>{_WELL}|drive|drives) (?P<how>(?:so |very |really |too "
        rf")?)(?P<adj>{'|'.join(_LY)}){_STOP}",
        lambda m: f"{m['verb']} {m['how']}{_LY[m['adj'].lower()]}",
        "To describe how something is done you need an adverb: '{1}'.",
    ),
    rule(
        r"\breal (?=(?:good|fast|hard|bad|cool|tired|hungry|happy|funny|nice|big|easy|angry|cold|"
        r"hot)\b)(?! (?:hard )?life)",
        "really ",
        "Real is an adjective; before another adjective use really.",
    ),
    rule(
        r"\b(I|we|they|you) very (?=(?:like|love|want|enjoy|hate|need)\b)",
        r"\1 really ",
        "Very cannot stand before a verb: say '{1}'.",
    ),
    # -- things said twice -------------------------------------------------------------------------------
    rule(
        r"\b(return|returned|repeat|repeated|reverse|reply|replied) (back|again)\b",
        lambda m: m[1],
        "The verb already says it, so the second word is not needed.",
    ),
    rule(
        r"\bthe reason (why |that )?((?:\w+ ){1,5})is because\b",
        lambda m: f"the reason {m[1] or ''}{m[2]}is that",
        "Reason and because say the same thing twice: use '{1}'.",
    ),
    rule(
        r"^(my|his|her|our|their|the) (<PERSON>) (he|she|it) (?=(?:is|was|has|had|can|will|went|said|"
        r"<THIRD>)\b)",
        r"\1 \2 ",
        "The noun is the subject already, so leave out the pronoun.",
    ),
)
