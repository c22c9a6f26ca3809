"""Rules of the verb: its tenses, its helpers, and what may follow it."""

from __future__ import annotations

import re

from antiphon.agents.tutor import words
from antiphon.agents.tutor.rules import rule, singular_verb

_UNMISTAKABLE = (
    "goes|does|has|is|eats|sings|writes|says|gives|sees|buys|becomes|knows|brings|thinks|tells|speaks|wears|"
    "understands|forgets|reads|makes|takes|gets|comes"
)

_SUBJECT = {"me": "I", "him": "he", "her": "she", "us": "we", "them": "they"}


def _base_of(form: str) -> str | None:
    form = form.lower()
    if form in {"is", "was", "were", "am", "are"}:
        return "be"
    return words.BASE_OF_THIRD.get(form) or words.PAST_ONLY.get(form) or words.PAST_OF.get(form)


def _to_past(m: re.Match[str]) -> str | None:
    base = words.PARTICIPLE_ONLY.get(m["verb"].lower())
    return None if base is None else m[0][: -len(m["verb"])] + words.past(base)


def _to_participle(m: re.Match[str]) -> str | None:
    base = words.PAST_ONLY.get(m["verb"].lower())
    return None if base in {None, "be"} else m[0][: -len(m["verb"])] + words.IRREGULAR[str(base)][1]


def _to_base(m: re.Match[str]) -> str | None:
    base = _base_of(m["verb"])
    return None if base is None else m[0][: -len(m["verb"])] + base


def _to_ing(m: re.Match[str]) -> str:
    return m[1] + " " + words.ing(m["verb"].lower())


def _present_to_past(m: re.Match[str]) -> str | None:
    verb = m["verb"].lower()
    base = {"is": "be", "are": "be", "am": "be"}.get(verb) or words.BASE_OF_THIRD.get(verb) or verb
    if base == "be":
        past = "were" if m["who"].lower() in {"we", "you", "they"} else "was"
    else:
        past = words.past(base)
    if past == verb:
        return None
    start, end = m.start("verb") - m.start(), m.end("verb") - m.start()
    return m[0][:start] + past + m[0][end:]


def _overregular(m: re.Match[str]) -> str:
    base = words.OVERREGULAR[m["verb"].lower()]
    past, participle = words.IRREGULAR[base]
    if m["have"]:
        return f"{m['have']}{participle}"
    return (m["do"] or "") + (base if m["do"] else past)


def _be_base(m: re.Match[str]) -> str:
    verb = m["verb"].lower()
    if verb in {"agree", "disagree", "want", "need", "know", "live", "like"}:
        form = singular_verb(verb) if m["who"].lower() in {"he", "she", "it"} else verb
        return f"{m['who']} {form}"
    return f"{m['who']}{m['be']} {words.ing(verb)}"


def _stative(m: re.Match[str]) -> str | None:
    base = next((b for b in words.BASES if words.ing(b) == m["verb"].lower()), None)
    single = m["who"].lower() in {"he", "she"}
    if base is None:
        return None
    if (m["adverb"] or "").strip() == "not":
        return f"{m['who']} {'does' if single else 'do'}n't {base}"
    return f"{m['who']}{m['adverb'] or ''} {words.third_person(base) if single else base}"


def _article(m: re.Match[str]) -> str:
    return f"{m[1]} {'an' if m[2][0].lower() in 'aeiou' and m[2].lower() != 'university' else 'a'} {m[2]}"


def _aint(m: re.Match[str]) -> str:
    who, rest = m["who"], (m["rest"] or "").strip()
    single = who.lower() in {"he", "she", "it", "that", "this", "there"}
    if rest:
        return f"{who} {'hasn' if single else 'haven'}'t {rest}"
    return "I'm not" if who.lower() == "i" else f"{who} {'is' if single else 'are'}n't"


_MODAL = r"(?:can|can't|cannot|could|couldn't|will|won't|would|wouldn't|should|shouldn't|must|mustn't|might)"
_DO = r"(?:do|does|did|don't|doesn't|didn't)"
_HAVE = r"(?:have|has|had|haven't|hasn't|hadn't|having|i've|we've|you've|they've|should've|could've|would've)"
_ADVERB = r"(?:(?:already|never|always|just|only|also|ever|really|not|even|nearly|almost) )?"

RULES = (
    rule(
        r"(?P<do>\b(?:did|didn't|does|doesn't|don't) )?(?P<have>\b(?:have|has|had|I've|we've|they've|"
        r"you've|was|were) )?"
        r"\b(?P<verb><OVERREGULAR>)\b",
        _overregular,
        "This verb is irregular: the form you need is '{1}'.",
    ),
    rule(
        r"\b(?P<have>have|has|had|I've|we've|they've|you've|\w+n't have|would|could|should) (?:have "
        r")?(?:brang|brung|brought)en\b|\bbr[au]ng\b",
        "brought",
        "The past of bring is brought.",
    ),
    # -- participles without their helper -----------------------------------------------------------
    rule(
        r"(?<!have )(?<!has )(?<!had )(?<!haven't )(?<!hasn't )(?<!hadn't )(?<!n't )(?<!am )(?<!was "
        r")(?<!were )\b(?:I|he|she|we|they) "
        r"(?:(?:never|already|just|only|also|always|even|really) )?(?P<verb>(?!drunk\b|sunk\b|woken\b|"
        r"hidden\b)<PARTICIPLE>)\b",
        _to_past,
        "This form needs have or has in front of it; for the simple past say '{1}'.",
    ),
    rule(
        r"(?:^|(?<=^and )|(?<=^but )|(?<=because )|(?<=when )|(?<= and ))(?:you|it|(?:my|our|his|her|"
        r"their|the) <PERSON>) "
        r"(?P<verb>seen|done|gone|sung|swum|rung|begun|drunk)\b(?! with\b)",
        _to_past,
        "This form needs have or has in front of it; for the simple past say '{1}'.",
    ),
    rule(
        r"<START>(?:I|he|she|we|they) (?P<verb>drunk)\b(?= (?:all|the|my|his|her|some|it|too|a|two|"
        r"water|milk)\b)",
        _to_past,
        "This form needs have or has in front of it; for the simple past say '{1}'.",
    ),
    rule(
        r"<START>(I|we|they|you) been (?=to|there|in|at|on|\w+ing|here|a|so|very)\b",
        lambda m: f"{m[1]} have been ",
        "Been needs have in front of it: '{1}'.",
    ),
    rule(r"<START>(he|she|it) been ", r"\1 has been ", "Been needs has in front of it: '{1}'."),
    rule(
        rf"\b{_HAVE} {_ADVERB}(?P<verb><PASTONLY>)\b",
        _to_participle,
        "After have, has or had, use the past participle: '{1}'.",
    ),
    rule(
        rf"\b(?:has|have|had) (?:he|she|you|they|we|I|it) {_ADVERB}(?P<verb>(?!lay\b|fell\b|rose\b|"
        r"saw\b)<PASTONLY>)\b",
        _to_participle,
        "After have, has or had, use the past participle: '{1}'.",
    ),
    rule(
        r"\b(?:was|were|been|being) (?P<verb>wrote|stole|took|gave|ate|drove|chose|spoke|threw|knew|"
        r"tore|bit|began|forgot|shook|sang|drew|flew)\b",
        _to_participle,
        "After was or were, use the past participle: '{1}'.",
    ),
    # -- the plain form after helpers ----------------------------------------------------------------
    rule(
        rf"\b(?:I|he|she|it|we|you|they|<PERSON>) {_DO} {_ADVERB}(?P<verb>(?!lay\b|left\b|bit\b|"
        r"fell\b)(?:<PASTONLY>|<THIRD>|was|were))\b",
        _to_base,
        "After do, does or did, use the plain form of the verb: '{1}'.",
    ),
    rule(
        r"\b(?:did|does|do) (?:I|he|she|it|we|you|they) (?:(?:ever|really|always) )?"
        r"(?P<verb>(?!lay\b|saw\b)<PASTONLY>|saw|heard|got|made|said|thought|found|told|bought|lost|"
        r"felt|kept|brought|<THIRD>)\b",
        _to_base,
        "After do, does or did, use the plain form of the verb: '{1}'.",
    ),
    rule(
        r"\b(?:didn't|doesn't|don't|did not|does not|do not) (?P<verb>was|were|had|heard|got|made|said|"
        r"thought|found|told|bought|lost|felt|kept|brought|"
        r"wanted|liked|knew|went|saw|came|did|took|ate|has|goes|does|likes|wants|knows|played|worked|"
        r"needs|needed|has|is)\b",
        _to_base,
        "After do, does or did, use the plain form of the verb: '{1}'.",
    ),
    rule(
        rf"\b(?:I|he|she|it|we|you|they|who|<PERSON>) {_MODAL} {_ADVERB}(?P<verb>(?!lay\b|saw\b|"
        r"bit\b)(?:<PASTONLY>|<THIRD>|played|wanted|worked))\b",
        _to_base,
        "After a modal verb such as can or will, use the plain form: '{1}'.",
    ),
    rule(
        rf"\b({_MODAL}) to (?=(?:<BASE>|be)\b)",
        lambda m: f"{m[1]} ",
        "A modal verb is followed directly by the plain verb, without to: '{1}'.",
    ),
    rule(
        r"\b(?:want|wants|wanted|like|likes|liked|need|needs|needed|have|has|had|going|love|loves|try|"
        r"tried|tries|trying|used|hope|decided|able|forgot|began|started) to "
        rf"(?P<verb>(?!lay\b|saw\b|bit\b|fell\b)<PASTONLY>|{_UNMISTAKABLE}|bought|made|told|thought|"
        r"wanted|played|watched|won)\b",
        _to_base,
        "After to, use the plain form of the verb: '{1}'.",
    ),
    rule(
        r"<START>(?P<who>I|he|she|we|you|they|it)(?P<be> am| is| are|'m|'s|'re) "
        r"(?P<verb>agree|disagree|want|need|know|live|go|eat|play|watch|study|work|learn|live|"
        r"wait)\b(?! out\b)",
        _be_base,
        "Do not put am, is or are before a plain verb: say '{1}'.",
    ),
    rule(
        r"<START>(?P<who>I|he|she|we|you|they)(?P<be> am| is| are|'m|'s|'re)(?P<adverb> not| really)? "
        r"(?P<verb>liking|knowing|wanting|needing|believing|understanding|owning|preferring)\b",
        _stative,
        "This verb names a state, so it is not used with i n g: say '{1}'.",
    ),
    rule(
        r"\bhave (?P<who>you|they|we) saw (?=(?:it|him|her|them|me|us|my|your|the|that|this|a)\b)",
        r"have \g<who> seen ",
        "After have, has or had, use the past participle: '{1}'.",
    ),
    # -- time ----------------------------------------------------------------------------------------
    rule(
        r"^(?:yesterday|last (?:night|week|month|year|summer|winter|weekend|christmas|monday|tuesday|"
        r"wednesday|thursday|friday|saturday|sunday)|"
        r"(?:two|three|four|five|a few) (?:days|weeks|years|months) ago),? (?P<who><PRONOUN>) "
        r"(?P<verb>(?:am|is|are|have|has|<BASE>|<THIRD>))\b",
        _present_to_past,
        "The time is in the past, so the verb must be past: '{1}'.",
    ),
    rule(
        r"^(?P<who><PRONOUN>) (?P<verb>go|goes|eat|eats|buy|buys|play|plays|watch|watches|see|sees|"
        r"meet|meets|visit|visits|come|comes|"
        r"walk|walks|am|is|are|take|takes|drink|drinks|get|gets|give|gives|do|does|make|makes|win|wins|"
        r"lose|loses|swim|swims)\b"
        r"(?=(?: (?!who\b|what\b|that\b|did\b|was\b|were\b|had\b|tired\b|wearing\b|\w+ed\b)[\w']+){0,7} "
        r"(?:yesterday|last (?:night|week|month|year|summer|winter|weekend)|(?:days?|weeks?|years?|"
        r"months?|hours?) ago)<END>)",
        _present_to_past,
        "The time is in the past, so the verb must be past: '{1}'.",
    ),
    rule(
        r"\b((?:have|has|'ve|'s) (?:\w+ ){1,5})since ((?:two|three|four|five|six|seven|ten|many|"
        r"several|\d+) (?:years|months|weeks|days|hours|minutes))\b(?! ago)",
        r"\1for \2",
        "Use for with a length of time and since with a starting point: '{1}'.",
    ),
    rule(
        r"\bI have ((?:\w+teen|ten|eleven|twelve|\d\d)) years(?: old)?<END>",
        r"I am \1 years old",
        "In English we say how old somebody is with be: '{1}'.",
    ),
    # -- word order ----------------------------------------------------------------------------------
    rule(
        r"^why (?P<who>you|he|she|they|we|I|it) (?P<verb>didn't|don't|doesn't|aren't|isn't|wasn't|"
        r"weren't|are|is|were|was|can't|won't|haven't|hasn't)\b",
        lambda m: f"why {m['verb']} {m['who']}",
        "In a question the helping verb comes before the subject: '{1}'.",
    ),
    rule(
        r"\b(?P<know>(?:don't|doesn't|didn't|do you|did you|can't) (?:know|remember|understand|see)|"
        r"tell me|wonder|asked me|asked him|asked her) "
        r"(?P<ask>where|what|who|when|why|how) (?P<verb>is|are|was|were) (?P<who>(?:the|my|your|our|"
        r"his|her|their) \w+|he|she|it|they|you|we)<END>",
        lambda m: f"{m['know']} {m['ask']} {m['who']} {m['verb']}",
        "A question inside a sentence keeps the order of a statement: '{1}'.",
    ),
    # -- what follows the verb -----------------------------------------------------------------------
    rule(
        r"\b(look(?:ing|s|ed)? forward to) (?P<verb>see|meet|hear|go|have|eat|get|visit|be|start|learn|"
        r"read|play|come|speak|travel|work with)\b",
        lambda m: f"{m[1]} {words.ing(m['verb'].split()[0].lower())}{' with' if ' ' in m['verb'] else ''}",
        "After look forward to, use the i n g form: '{1}'.",
    ),
    rule(
        r"\b(enjoy|enjoys|enjoyed|avoid|avoids|avoided|finish|finishes|finished|keep|keeps|kept|don't "
        r"mind|doesn't mind|dislikes?|gave up) to "
        r"(?P<verb><BASE>)\b",
        _to_ing,
        "This verb is followed by the i n g form, not by to: '{1}'.",
    ),
    rule(
        r"\b(enjoy|enjoys|enjoyed) (?P<verb>play|watch|read|go|eat|swim|sing|listen|write|learn|"
        r"cook)\b(?! and\b)",
        _to_ing,
        "Enjoy is followed by the i n g form: '{1}'.",
    ),
    rule(
        r"\b(suggest|suggests|suggested|recommended) (me|him|her|us|them) to\b",
        lambda m: f"{m[1]} that {_SUBJECT[m[2].lower()]}",
        "Suggest is followed by that and a clause: '{1}'.",
    ),
    rule(
        r"\b(explain|explained|describe|described) (me|him|us|them)\b",
        r"\1 to \2",
        "You explain something to somebody, so say '{1}'.",
    ),
    rule(
        r"\b(said) (me|him|us|them) (?=that\b|to\b|about\b|I\b|he\b|she\b|it\b)",
        r"told \2 ",
        "You say something, but you tell somebody: '{1}'.",
    ),
    rule(
        r"\b(discuss|discusses|discussed|discussing) about\b", r"\1", "Discuss needs no preposition: '{1}'."
    ),
    rule(
        r"\bmarried with (?=(?:a|an|the|my|his|her|him|me|someone|[A-Z]))",
        "married to ",
        "We say married to somebody.",
    ),
    rule(
        r"\b(listen|listens|listened|listening) (?=(?:music|songs|me|my|him|her|them|us|a|the (?:radio|"
        r"music|teacher|news))\b)",
        r"\1 to ",
        "You listen to something, so say '{1}'.",
    ),
    rule(r"\b(depends?|depended|depending) of\b", r"\1 on", "Depend is followed by on: '{1}'."),
    rule(
        r"\b(go|goes|went|going|gone) (?=(?:school|church|university|college|work|bed)<END>|(?:school|"
        r"church|work) (?:every|on|by|at|in|with|today|yesterday)\b)",
        r"\1 to ",
        "You go to a place, so say '{1}'.",
    ),
    rule(
        r"\b(have|has|bought|want|wants|had) (?P<noun>dog|cat|car|bike|phone|brother|sister|pet|"
        r"hamster|rabbit|horse|laptop|idea|question|umbrella|problem|new \w+|big \w+)"
        r"(?=\s*(?:[.,!?]|$)| (?:and|but|in|at|who|called|named|because)\b)",
        lambda m: _article(m) if m["noun"].split()[-1].lower() in words.SINGULAR else None,
        "A thing you can count needs a word like a or my in front of it: '{1}'.",
    ),
    # -- dialect and informal speech --------------------------------------------------------------------
    rule(
        r"\b(?P<who>I|he|she|it|we|you|they|that|this|there) ain't(?P<rest> (?:got|been|seen|done|had|"
        r"finished|eaten|gone|heard|ever|never)\b)?",
        _aint,
        "Ain't belongs to informal speech; in standard English say '{1}'.",
    ),
    rule(
        r"\b(should|could|would|must|might|may|shouldn't|couldn't|wouldn't|mustn't|should not|could "
        r"not|would not) of (?=(?!course\b)\w+)",
        r"\1 have ",
        "It sounds like of, but the word is have: '{1}'.",
    ),
    rule(
        r"<START>(I|he|she|we|they|you|it|there) use to (?=(?:be|have|go|like|live|play|love|hate|"
        r"think|believe|eat|read|visit|work|see|"
        r"walk|do|sing|swim|watch|come|want|say|ride|know|own|collect)\b)",
        r"\1 used to ",
        "For a habit in the past, write used to, with a d.",
    ),
    rule(r"\b(am|is|are|was|were|'m|'re|'s) suppose to\b", r"\1 supposed to", "Write supposed to, with a d."),
    rule(
        r"\b(borrow) (me|us|him|them) (?=(?:a|an|the|your|some|his|my)\b)",
        r"lend \2 ",
        "You lend something to somebody, and they borrow it.",
    ),
    rule(
        r"\b(learn|learned|learnt) (me|us|him|them|you) (?=(?:to|how|that|a|the|about|english|maths)\b)",
        lambda m: f"{'teach' if m[1].lower() == 'learn' else 'taught'} {m[2]} ",
        "A teacher teaches and a pupil learns, so say '{1}'.",
    ),
    rule(
        r"\b(I|he|she|we|they|you) laid (?=(?:down|in bed|on the (?:bed|sofa|beach|floor|"
        r"grass))\b)(?!down (?:the|a|his|her|my)\b)",
        r"\1 lay ",
        "The past of lie is lay: '{1}'.",
    ),
    rule(
        r"\b(am|is|are|was|were|'m|'re|been) laying (?=(?:down<END>|in bed|on (?:the|my|his|her) "
        r"(?:bed|sofa|beach|floor|grass|back))\b)",
        r"\1 lying ",
        "To lie is to rest flat, and to lay is to put something down: '{1}'.",
    ),
    rule(
        r"\b(where (?:is|are|was|were) (?:he|she|it|you|they|we|(?:my|the|your) \w+)) at<END>",
        r"\1",
        "Where already means at what place, so at is not needed.",
    ),
)
