"""Rules of subjects and objects: which pronoun stands where, and which verb a subject takes."""

from __future__ import annotations

import re

from antiphon.agents.tutor import words
from antiphon.agents.tutor.rules import plural_verb, rule, singular_verb

_SUBJECT = {"me": "I", "him": "he", "her": "she", "us": "we", "them": "they"}
_SELVES = {
    "hisself": "himself",
    "theirselves": "themselves",
    "theirself": "themselves",
    "themselfs": "themselves",
    "ourself": "ourselves",
    "ourselfs": "ourselves",
    "yourselfs": "yourselves",
    "meself": "myself",
}
_OBJECT = {subject.lower(): obj for obj, subject in _SUBJECT.items()}
_FOOD = re.compile(
    r"\b(?:fish|macaroni|mac|bread|salt|bacon|cheese|chips|gin|rice|peace|trial|law|drum|rock)\b", re.I
)


_UNREAL = re.compile(r"\b(?:if|wish|wishes|though|suppose)\b", re.I)
_SUBJUNCTIVE = re.compile(
    r"\b(?:suggest|insist|demand|recommend|request|propos|requir|important|essential|vital|necessary|lest)",
    re.I,
)


def _plural_pair(first: str, second: str, verb: str) -> str:
    pair = sorted((first, second), key=lambda who: who == "I")
    return f"{pair[0]} and {pair[1]} {plural_verb(verb) or verb}"


def _subject(who: str) -> str:
    return _SUBJECT.get(who.lower(), who)


def _pair_first(m: re.Match[str]) -> str | None:
    second = m["who"]
    if m["pronoun"].lower() == "her" and second.split()[0].lower() not in {*_SUBJECT, *_OBJECT}:
        return (
            None  # "her and Tom" is right to correct, "her and her brother's dog" is too often something else
        )
    return _plural_pair(_subject(m["pronoun"]), _subject(second), m["verb"])


def _pair_second(m: re.Match[str]) -> str:
    return _plural_pair(m["who"], _subject(m["pronoun"]), m["verb"])


def _pair_object(m: re.Match[str]) -> str:
    return f"{m['before']} {m['who']} and {_OBJECT[m['pronoun'].lower()]}"


def _noun_plural(m: re.Match[str]) -> str | None:
    noun, better = m["noun"], plural_verb(m["verb"])
    if not words.is_plural(noun) or words.is_measure(noun) or noun[0].isupper() or better is None:
        return None
    return m[0][: m.start("verb") - m.start()] + better


def _noun_singular(m: re.Match[str]) -> str | None:
    better, before = singular_verb(m["verb"]), m.string[: m.start()]
    if m["verb"].lower() in {"were", "weren't"} and _UNREAL.search(before):
        return None  # "if the dog were bigger"
    if _SUBJUNCTIVE.search(before):
        return None  # "the coach insists that he play"
    return None if better is None else m[0][: m.start("verb") - m.start()] + better


def _names(m: re.Match[str]) -> str | None:
    if m.string[m.end() :].startswith((" a ", " an ", " about ", " set ", " by ")):
        return None  # "Romeo and Juliet is a tragedy": a title is one thing
    if _FOOD.search(m[0]) or not (m["one"][0].isupper() and m["two"][0].isupper()):
        return None
    better = plural_verb(m["verb"])
    return None if better is None else f"{m['one']} and {m['two']} {better}"


def _there_many(m: re.Match[str]) -> str | None:
    if not words.is_plural(m["noun"]) or words.is_measure(m["noun"]):
        return None
    verb = {"is": "are", "'s": " are", "was": "were", "isn't": "aren't", "wasn't": "weren't"}[
        m["verb"].lower()
    ]
    return m[0][: m.start("verb") - m.start()] + verb + m[0][m.end("verb") - m.start() :]


_WHO = r"(?P<who>(?:(?:my|his|her|our|their|your|the) (?:\w+ ){0,2}?)?(?!and\b|my\b|the\b)[a-z]+)"
_S_VERB = r"(?P<verb>is|was|has|does|isn't|wasn't|hasn't|doesn't)\b"
_P_VERB = r"(?P<verb>are|have|do|aren't|haven't|don't)\b"
_AGREE = "The subject is plural, so the verb must be plural too: use '{1}'."
_BEFORE_VERB = "Use '{1}' before the verb, because they are the subject of the sentence."
_HEADS = (
    "box|bag|list|basket|jar|tin|packet|bowl|colour|color|price|size|sound|taste|cost|quality|leader|"
    "name|cause|owner|captain|author|king|queen|title|smell|height|length|aim|result|purpose|bouquet"
)
_PEOPLE_ONE = (
    r"(?:everyone|everybody|someone|somebody|nobody|no one|anyone|anybody|everything|nothing|something)"
)

RULES = (
    # -- pronouns ----------------------------------------------------------------------------------
    rule(
        rf"<START>(?P<pronoun>me|him|her|us|them) and {_WHO} (?P<verb><FINITE>)\b",
        _pair_first,
        _BEFORE_VERB,
    ),
    rule(
        r"<START>(?P<who>(?:(?:my|his|her|our|their|your|the) (?:\w+ )?\w+)|[a-z]+) and (?P<pronoun>me|"
        r"him|them|us) "
        r"(?P<verb><FINITE>)\b",
        _pair_second,
        _BEFORE_VERB,
    ),
    rule(
        r"<START>(me|him|them|us) (?=(?:is|are|was|were|has|have|am|goes|go|went|don't|doesn't|likes|"
        r"like|wants|want)\b)",
        lambda m: _SUBJECT[m[1].lower()] + " ",
        "Use the subject pronoun '{1}' before the verb.",
    ),
    rule(
        r"<START>her (?=(?:is|was|has|goes|went|doesn't)\b)",
        "she ",
        "Use '{1}' before the verb, because she is the subject.",
    ),
    rule(
        r"\bbetween (?P<who>you|\w+) and (?P<pronoun>I|he|she|we|they)\b(?! <FINITE>\b)",
        lambda m: f"between {m['who']} and {_OBJECT[m['pronoun'].lower()]}",
        "Between is a preposition, so say '{1}', with an object pronoun.",
    ),
    rule(
        r"\b(?P<before>for|to|with|from|by|about|gave|told|invited|asked|helped|saw|met|took|showed|"
        r"taught|let) "
        r"(?P<who>you|(?:my|his|her|our|their|the) \w+|[A-Z][a-z]+|him|her|them) and (?P<pronoun>I)"
        r"(?=\s*(?:[.,;!?]|$)| (?:to|at|in|on|a|an|the|for|some|with|about|yesterday|today|home)\b)",
        _pair_object,
        "Leave the other person out to hear it: the pronoun is an object here, so say '{1}'.",
    ),
    rule(
        r"\b(with|for|to|from|at|near|about|without|behind|beside) (he|she|they|we)<END>",
        lambda m: f"{m[1]} {_OBJECT[m[2].lower()]}",
        "After a preposition, use an object pronoun: '{1}'.",
    ),
    rule(
        r"\b(hisself|theirselves|theirself|themselfs|ourself|ourselfs|yourselfs|meself)\b",
        lambda m: _SELVES[m[1].lower()],
        "The standard word is '{1}'.",
    ),
    rule(
        r"(?:<START>|\b(like|love|hate|want|see|at|all|of|with|buy|bought|saw|on|in) )them "
        r"(?P<noun>boys|girls|kids|children|books|shoes|trainers|dogs|cats|cars|people|games|"
        r"trousers|apples|biscuits|flowers|birds|things|houses|teachers|lads|shops|trees|songs)\b",
        lambda m: f"{m[1]} those {m['noun']}" if m[1] else f"those {m['noun']}",
        "Use those, not them, in front of a noun: '{1}'.",
    ),
    rule(
        r"(?:\b(like|love|hate|of|with|in|for|at|see|read|buy|bought|take|wrote|made|need|want|about) "
        r")?\bthis "
        r"(?P<noun><PLURAL>|homeworks|trousers|scissors|trainers|jeans)\b(?P<verb> (?:is|are|was|were|"
        r"has|have)\b)?",
        lambda m: (
            f"{m[1] + ' ' if m[1] else ''}these {m['noun']}{m['verb'] or ''}" if m[1] or m["verb"] else None
        ),
        "This goes with one thing and these with several: '{1}'.",
    ),
    rule(
        r"\b(these|those) (?P<noun>(?!fish\b)<SINGULAR>)\b(?! \w+s\b)(?= (?:is|are|was|were|has|"
        r"have)\b|\s*[.,!?]|\s*$)",
        lambda m: f"{m[1]} {words.plural(m['noun'].lower())}",
        "These and those go with a plural noun: '{1}'.",
    ),
    # -- there is, there are -----------------------------------------------------------------------
    rule(
        r"\bthere ?(?P<verb>is|'s|was|isn't|wasn't) (?:(?:so |too |very )?(?:many|several|few|various|"
        r"two|three|four|five|six|"
        r"seven|eight|nine|ten|twenty|thirty|hundreds of|thousands of|\d{1,3})|(?:quite )?a few|a lot "
        r"of|lots of|some|no) "
        r"(?:\w+[^s\W] )?(?P<noun>\w+)\b(?!')(?=\s*(?:[.,;:!?]|$)| (?:in|on|at|to|for|that|who|which|"
        r"why|left|here|there|and|"
        r"but|with|from|of|outside|inside|today|yesterday|under|over|near|because|when|\w+ing)\b)",
        _there_many,
        "There are several of them, so use '{1}' with a plural verb.",
    ),
    rule(
        r"\bthere (are|were) (an?) ((?:\w+ )?<SINGULAR>)\b(?! and)",
        lambda m: f"there {'is' if m[1].lower() == 'are' else 'was'} {m[2]} {m[3]}",
        "There is only one, so use '{1}'.",
    ),
    # -- agreement with nouns ----------------------------------------------------------------------
    rule(
        rf"<START><DET> <ADJ>(?P<noun>\w+) (?:(?:in|on|at|from|near|under|behind|with) "
        rf"(?:(?:the|my|our|their|his|her|your) (?:\w+ )?\w+|town|school|class|bed|here|London) )?{_S_VERB}",
        _noun_plural,
        _AGREE,
    ),
    rule(rf"<START>(?P<noun><PLURAL>) {_S_VERB}", _noun_plural, _AGREE),
    rule(
        r"<START><DET> <ADJ>(?P<noun><PLURAL>) (?P<verb>(?!plays\b|matches\b|tests\b|shows\b|looks\b|"
        r"cries\b)<THIRD>)\b"
        r"(?= (?!is\b|are\b|was\b|were\b|have\b|has\b)|\s*[.,!?]|\s*$)",
        _noun_plural,
        _AGREE,
    ),
    rule(
        r"<START><DET> (?P<noun>boys|girls|children|kids|friends|players|cousins|brothers|sisters|"
        r"people|students) "
        r"(?P<verb>plays|looks|shows|cries)\b(?= (?:the|football|with|in|at|on|like|a|together|chess|"
        r"games|tennis|video)\b"
        r"|\s*[.,!?]|\s*$)",
        _noun_plural,
        _AGREE,
    ),
    rule(rf"<START>(?:the )?(?P<noun>police) {_S_VERB}", _noun_plural, _AGREE),
    rule(
        r"<START>(?:the|my|your|his|her|our|their|this|that|a|an|every|each) (?:\w+[^s\W] "
        r")?(?P<noun><SINGULAR>) "
        rf"(?:(?:in|on|at|near|with|under) (?:the|my) \w+ )?{_P_VERB}",
        _noun_singular,
        "There is only one, so the verb must be singular: use '{1}'.",
    ),
    rule(
        r"(?:(?<=^because )|(?<=^and )|(?<= because )|(?<= but )|(?<=, )|^)(?:the|my|your|his|her|our|"
        r"their|this|every) "
        r"(?:\w+[^s\W] )?(?P<noun><PERSON>) (?:(?:always|often|usually|never|sometimes|really) )?"
        r"(?P<verb>(?!own\b|love\b|walk\b|play\b|visit\b|share\b|hunt\b|talk\b|cry\b|need\b|dance\b|"
        r"bite\b|hate\b|let\b|put\b|read\b|cut\b|hit\b|hurt\b|cost\b|become\b|come\b|run\b|burst\b|"
        r"set\b|shut\b)"
        r"<BASE>)(?= (?:the|a|an|my|me|him|her|us|them|you|to|in|on|at|with|very|too|every|for|like|dinner|"
        r"\w+ing|breakfast|lunch|football|bones|fish|milk|english|homework|about|that|it|his|their|our|"
        r"up|home|so|books|chocolate)\b"
        r"|\s*[.,!?]|\s*$)",
        _noun_singular,
        "After one person or thing, the verb in the present needs an s: '{1}'.",
    ),
    rule(
        rf"<START>(?:the|a|this|that) (?P<noun>{_HEADS}) of (?:the |my |these |those )?\w+s "
        r"(?P<verb>are|were|have|aren't)\b",
        _noun_singular,
        "The verb goes with the first noun, which is singular: '{1}'.",
    ),
    rule(
        r"<START>(?P<noun>each|one|every one) of (?:the|my|our|his|her|their|these|those|them|us|you) "
        r"?(?:\w+ )??(?:\w+ )?"
        r"(?P<verb>are|have|were|aren't|haven't|don't|do)\b",
        _noun_singular,
        "Each and one are singular, so the verb is singular too: '{1}'.",
    ),
    rule(
        rf"<START>(?P<noun>{_PEOPLE_ONE}|every (?!day\b|time\b|week\b|year\b|morning\b|night\b|"
        r"evening\b|month\b|single\b)\w+[^s\W]) "
        r"(?P<verb>are|were|have|don't|aren't|weren't|haven't)\b",
        _noun_singular,
        "Words such as everyone and nobody take a singular verb: '{1}'.",
    ),
    rule(
        r"<START>(?P<noun>(?:the |my |this )?(?:news|maths|mathematics|physics|gymnastics|economics|"
        r"politics|athletics|measles)) "
        r"(?P<verb>are|were|have|aren't|weren't)\b",
        _noun_singular,
        "This noun ends in s but is singular: '{1}'.",
    ),
    rule(
        r"<START>(?P<first>us|we) (?P<noun>kids|boys|girls|lads|pupils|students|children|players) "
        r"(?P<verb>is|was|has|are|were|have)\b",
        lambda m: f"we {m['noun']} {plural_verb(m['verb']) or m['verb']}",
        "Use '{1}', because we is the subject and is plural.",
    ),
    rule(
        r"<START>(?P<pronoun>I|he|she|it) (?P<verb>were|weren't)\b",
        lambda m: (
            None
            if _UNREAL.search(m.string[: m.start()])
            else f"{m['pronoun']} {m['verb'].lower().replace('were', 'was')}"
        ),
        "After I, he, she or it, the past of be is was: '{1}'.",
    ),
    rule(
        r"\b(?P<ask>what|where|why|how) (?P<verb>is|was|does|has) (?P<who>(?:the|my|your|our|his|her|"
        r"their|those|these) (?P<noun><PLURAL>|kids)|they|you|we) "
        r"(?=\w+ing\b|going\b|like\b|want\b|live\b|go\b|eat\b|do\b)",
        lambda m: f"{m['ask']} {plural_verb(m['verb'])} {m['who']} ",
        "The subject is plural, so the verb must be plural too: '{1}'.",
    ),
    rule(
        r"<START>(?P<one>(?!(?:fish|rock|drum|bread|salt|peace|there|here|it|he|she|I)\b)[a-z]+) and "
        r"(?P<two>[a-z]+) "
        r"(?P<verb>plays|likes|lives|wants|goes|loves|works|knows|eats)\b"
        r"(?=\s*[.,!?]|\s*$| (?:the|a|in|at|to|football|chess|tennis|games|with|on|every|for|my|their|"
        r"together|music|pizza|\w+ing)\b)",
        lambda m: (
            f"{m['one']} and {m['two']} {plural_verb(m['verb'])}" if m.string[: m.start()] == "" else None
        ),
        "Two people are plural, so the verb must be plural: '{1}'.",
    ),
    rule(
        rf"<START>(?P<one>[A-Z][a-z]+) and (?P<two>[A-Z][a-z]+) {_S_VERB}",
        _names,
        "Two people are plural, so the verb must be plural: '{1}'.",
    ),
    rule(
        r"<START>(?P<first>(?:both )?(?:my|his|her|our|their|the|your) (?:\w+ )?<PERSON>) and "
        r"(?P<second>(?:(?:my|his|her|our|their|the|your) )?"
        r"(?:\w+ )?<PERSON>|I) (?P<verb>is|was|has|isn't|wasn't|hasn't|doesn't|am|goes|likes|plays|"
        r"wants|lives|loves)\b",
        lambda m: f"{m['first']} and {m['second']} {plural_verb(m['verb'])}",
        "Two people are plural, so the verb must be plural: '{1}'.",
    ),
    rule(
        r"^(he|she|it) and (I|he|she|they|we|\w+) (?P<verb>is|was|has|goes|likes|plays|wants|lives|am)\b",
        lambda m: f"{m[1]} and {m[2]} {plural_verb(m['verb'])}",
        "Two people are plural, so the verb must be plural: '{1}'.",
    ),
    rule(
        r"\bwhere is ((?:my|the|your|our|his|her|their) (?:\w+ )?(?P<noun><PLURAL>))<END>",
        r"where are \1",
        "There is more than one, so ask '{1}'.",
    ),
    rule(
        r"<START>(?P<of>(?:some|most|all|many|both|two|three|several|none|lots|a lot) of (?:the|my|our|"
        r"their|his|her|these|those) "
        r"(?:\w+ )?)(?P<noun><PLURAL>|kids) (?P<verb>was|is|has|wasn't|isn't|hasn't)\b(?<!none of)",
        _noun_plural,
        _AGREE,
    ),
    rule(
        r"<START>(?:the|my|your|our|his|her|their|this|that) <ADJ>(?P<noun>music|weather|food|water|"
        r"homework|money|milk|hair|furniture|"
        r"bread|snow|rain|traffic|soup|cheese|equipment|advice|information|class work) (?P<verb>are|"
        r"were|have|aren't|weren't)\b",
        _noun_singular,
        "This noun is singular, so the verb must be singular: '{1}'.",
    ),
    rule(
        rf"<START>(?P<noun>{_PEOPLE_ONE}) (?P<verb>know|like|want|need|think|love|hate|go|come|live|"
        r"look|understand|believe|care|"
        r"play|say|get|make|eat|see|seem)\b(?! or\b)",
        lambda m: None if re.match(r"let|make|help", m.string, re.I) else _noun_singular(m),
        "Words such as everyone and nobody take a singular verb: '{1}'.",
    ),
    rule(
        r"<START>(?P<noun>(?:the|a|my|that|this) <PERSON>) (?P<link>who|that) (?P<verb>live|sit|play|"
        r"like|go|have|work|want|know|teach|say|make|"
        r"look|love|eat|come|are|were|do|don't|stand|speak)\b(?= (?!the <PERSON>\b))",
        _noun_singular,
        "Who stands for one person, so the verb must be singular: '{1}'.",
    ),
    rule(
        r"<START>me (?P<noun>mum|dad|brother|sister|mate|mates|friend|friends|nan|gran|grandad|cousin|"
        r"uncle|aunt|teacher|dog|cat|"
        r"homework|phone|house)\b",
        r"my \g<noun>",
        "To show belonging, use my in standard English: '{1}'.",
    ),
    # -- agreement with pronouns -------------------------------------------------------------------
    rule(
        r"\b(I|we|they) (?P<adverb>(?:always |often |never |usually |really |also |just )?)"
        r"(?P<verb>(?!means\b)<THIRD>|was|doesn't|wasn't|isn't|hasn't)\b",
        lambda m: _with_pronoun(m),
        "With the pronoun here the verb takes no s: say '{1}'.",
    ),
    rule(
        r"<START>(you) (?P<adverb>)(?P<verb>is|was|has|does|isn't|wasn't|hasn't|doesn't|goes|likes|"
        r"wants|knows|needs)\b",
        lambda m: _with_pronoun(m),
        "You takes the same verb form as they do: say '{1}'.",
    ),
    rule(
        r"<START>(he|she|it) (?P<adverb>(?:always |often |never |usually |really |also |just )?)"
        r"(?P<verb>(?!put\b|let\b|read\b|cut\b|hit\b|hurt\b|cost\b|set\b|shut\b|burst\b)<BASE>|don't|"
        r"aren't|haven't|are)\b"
        r"(?! or\b)",
        _noun_singular,
        "After he, she or it, the verb in the present needs an s: '{1}'.",
    ),
)


def _with_pronoun(m: re.Match[str]) -> str | None:
    pronoun, verb = m[1], m["verb"].lower()
    if pronoun.lower() == "i" and verb in {"is", "isn't"}:
        return f"I {m['adverb']}am" + (" not" if verb == "isn't" else "")
    if pronoun.lower() == "i" and verb in {"was", "wasn't"}:
        return None
    better = plural_verb(verb)
    return None if better is None else f"{pronoun} {m['adverb']}{better}"
