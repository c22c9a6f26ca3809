"""Rules of words that pupils confuse, double or misuse: its and it's, fewer and less, more better."""

from __future__ import annotations

import re

from antiphon.agents.tutor import words
from antiphon.agents.tutor.rules import rule

_NEGATIVE = (
    r"(?:do|does|did|ca|wo|ai|has|have|had|could|would|should|is|are|was|were|must)n't|cannot|never|(?:do|does|did|can|will) not"
)
_ANY = {
    "nothing": "anything", "nobody": "anybody", "no one": "anyone", "nowhere": "anywhere", "none": "any",
    "no": "any", "never": "ever",
}  # fmt: skip
_HARD_NOUNS = "homework|money|water|time|information|advice|furniture|luggage|help|work|milk|food|rain|snow|traffic|music|fun|sugar"
_FINITE_BE = r"(?:is|are|was|were|has|does|can|will|looks|got|goes|barks|likes|isn't|wasn't)"


def _no_double(m: re.Match[str]) -> str | None:
    if m["gap"] and re.search(r"\b(?:say|says|said|mean|but|because|that|if|when|who|and|or|so|than|think|sure|about|a|an|just|stop|only)\b", m["gap"], re.I):
        return None
    return f"{m['neg']}{m['gap']}{_ANY[m['no'].lower()]}"


def _degree(m: re.Match[str]) -> str:
    return m["form"]


def _odd_degree(m: re.Match[str]) -> str:
    return {
        "gooder": "better", "goodest": "best", "badder": "worse", "baddest": "worst", "worser": "worse",
        "worstest": "worst", "bestest": "best", "betterer": "better", "funner": "more fun", "funnest": "most fun",
        "beautifuller": "more beautiful", "beautifulest": "most beautiful", "beautifullest": "most beautiful",
        "lesser": "less", "mostest": "most",
    }[m[1].lower()]  # fmt: skip


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
    "play|plays|played|sing|sings|sang|swim|swims|swam|speak|speaks|spoke|write|writes|wrote|draw|draws|drew|work|works|"
    "worked|run|runs|ran|dance|dances|danced|drive|drives|drove|cook|cooks|cooked|sleep|slept|read|reads|behaved|performed"
)
_STOP = r"(?=\s*(?:[.,;!?]|$)| (?:in|on|at|today|yesterday|this|last|and|because|when|with|for|together)\b)"
_LY = {
    "quick": "quickly", "careful": "carefully", "bad": "badly", "beautiful": "beautifully", "quiet": "quietly",
    "perfect": "perfectly", "nice": "nicely", "angry": "angrily", "safe": "safely", "easy": "easily",
    "slow": "slowly", "happy": "happily", "brave": "bravely", "polite": "politely",
}  # fmt: skip
_WRITE = "When you write it, "

RULES = (
    # -- negatives --------------------------------------------------------------------------------------
    rule(
        r"\b(?:can't|cannot|couldn't|can not|could not) (hardly|barely|scarcely)\b",
        lambda m: ("could " if "ould" in m[0] else "can ") + m[1],
        "Hardly is already negative, so one negative is enough: '{1}'.",
    ),
    rule(
        rf"\b(?P<neg>{_NEGATIVE})(?P<gap> (?:[\w']+ ){{0,4}}?)(?P<no>nothing|nobody|no one|nowhere|none|never|"
        r"no(?= (?:more|money|time|help|trouble|work|breakfast|lunch|dinner|cake|sweets|homework|friends|food|water|idea|<SINGULAR>|<PLURAL>)\b))\b(?! but\b)",
        _no_double,
        "Two negatives cancel each other out, so use only one: '{1}'.",
    ),
    rule(
        r"\b(?P<no>nobody|no one|nothing|none of (?:us|them|you)) (?P<do>don't|doesn't|didn't) (?P<verb><BASE>)\b",
        lambda m: f"{m['no']} {words.past(m['verb'].lower()) if m['do'].lower() == 'didn' + chr(39) + 't' else words.third_person(m['verb'].lower())}",
        "Two negatives cancel each other out, so use only one: '{1}'.",
    ),
    rule(r"\b(I|he|she|we|they|you) could care less\b", r"\1 couldn't care less", "If you care as little as possible, you could not care less."),
    # -- comparison -------------------------------------------------------------------------------------
    rule(r"\bmore (?P<form><COMPARATIVE>)\b(?<!lower)", _degree, "'{1}' already means more, so leave out the word more."),
    rule(r"\b(?:most (?P<form><SUPERLATIVE>))\b", _degree, "'{1}' already means most, so leave out the word most."),
    rule(
        r"\b(gooder|goodest|badder|baddest|worser|worstest|bestest|betterer|funner|funnest|beautifuller|beautifulest|beautifullest|mostest)\b",
        _odd_degree,
        "The right form is '{1}'.",
    ),
    rule(
        r"\bmore (?P<adj>big|small|tall|old|young|fast|cheap|strong|long|short|hot|cold|easy|happy|funny|good|bad|nice) than\b",
        lambda m: f"{words.COMPARATIVE.get(m['adj'].lower(), 'nicer')} than",
        "Short adjectives make their comparative with e r: '{1}'.",
    ),
    rule(
        r"\b(?:the )most (?P<adj>big|small|tall|old|young|fast|cheap|strong|long|short|hot|cold|easy|happy|funny|good|bad)\b(?! \w+ed\b)",
        lambda m: f"the {words.SUPERLATIVE[m['adj'].lower()]}",
        "Short adjectives make their superlative with e s t: '{1}'.",
    ),
    rule(
        r"\b((?:more|less|rather|other|<COMPARATIVE>)(?: \w+)?) then (?=(?:me|you|him|her|us|them|I|he|she|we|they|my|your|the|a|an|this|that|his|"
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
    rule(r"(?<!before )(?<!when )(?<!if )\bless (?P<adj>)(?P<noun>[a-z]+)\b", _fewer, "Use fewer for things you can count and less for things you cannot: '{1}'."),
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
    rule(rf"\b(?P<how>how |too |so |not )?many (?P<noun>{_HARD_NOUNS})\b(?! \w+s\b)", r"\g<how>much \g<noun>", "This is something you cannot count, so use much: '{1}'."),
    rule(r"\b(homework|information|advice|furniture|luggage|equipment|knowledge)s\b(?P<verb> (?:is|are|was|were|have|has)\b)?", lambda m: m[1] + {"are": " is", "were": " was", "have": " has"}.get((m["verb"] or "").strip().lower(), m["verb"] or ""), "This noun has no plural: say '{1}'."),
    rule(r"\b(homework|information|advice|furniture|luggage|equipment|knowledge) (are|were)\b(?! (?:and|both))", lambda m: None if re.search(r"\band (?:\w+ )?$|\bof (?:\w+ )?$", m.string[: m.start()], re.I) else f"{m[1]} {'is' if m[2].lower() == 'are' else 'was'}", "This noun cannot be counted, so it takes a singular verb: '{1}'."),
    rule(r"\b(an|one|two|three) (advice|information|homework|furniture)\b", lambda m: f"{'a piece' if m[1].lower() in {'an', 'one'} else m[1] + ' pieces'} of {m[2]}", "You cannot count this noun directly, so say '{1}'."),
    rule(r"\bpeoples (?=(?:are|is|who|have|was|were|like)\b)", "people ", "People is already plural."),
    rule(r"\b(childrens|mens|womens|mices|feets|tooths|foots|mouses|gooses|sheeps|childs)\b(?= (?:are|is|have|has|were|was|play|in|and|on)\b|\s*[.,!?]|\s*$)", lambda m: {"childrens": "children", "childs": "children", "mens": "men", "womens": "women", "mices": "mice", "mouses": "mice", "feets": "feet", "foots": "feet", "tooths": "teeth", "gooses": "geese", "sheeps": "sheep"}[m[1].lower()], "The plural is '{1}'."),
    # -- adverbs ------------------------------------------------------------------------------------------
    rule(rf"\b(?P<verb>{_WELL}) (?P<how>(?:so |very |really |pretty |quite |real )?)good{_STOP}", lambda m: f"{m['verb']} {m['how'].replace('real ', 'really ')}well", "Use the adverb well to say how something is done: '{1}'."),
    rule(r"\b(?P<verb>did|does|do|doing) (?P<how>(?:so |very |really |pretty |quite |real )?)good (?=(?:on|in|at) (?:the|my|his|her|our|their|your|a|school|maths|english|science)\b)", lambda m: f"{m['verb']} {m['how'].replace('real ', 'really ')}well ", "Use the adverb well to say how something is done: '{1}'."),
    rule(rf"\b(?P<verb>{_WELL}|drive|drives) (?P<how>(?:so |very |really |too )?)(?P<adj>{'|'.join(_LY)}){_STOP}", lambda m: f"{m['verb']} {m['how']}{_LY[m['adj'].lower()]}", "To describe how something is done you need an adverb: '{1}'."),
    rule(r"\breal (?=(?:good|fast|hard|bad|cool|tired|hungry|happy|funny|nice|big|easy|angry|cold|hot)\b)(?! (?:hard )?life)", "really ", "Real is an adjective; before another adjective use really."),
    rule(r"\b(I|we|they|you) very (?=(?:like|love|want|enjoy|hate|need)\b)", r"\1 really ", "Very cannot stand before a verb: say '{1}'."),
    # -- words that sound alike: only their writing differs ---------------------------------------------------
    rule(r"(?:^|(?<=because )|(?<=but )|(?<=think )|(?<=and )|(?<=, )|(?<=that )|(?<=when ))its (?=(?:a|an|the|not|been|my|your|our|raining|snowing|getting|going|time|too|"
         r"very \w+<END>|so \w+<END>|really \w+<END>|(?:<ADJECTIVE>)(?:<END>| (?:to|that|today|outside|here|in|when)\b))(?:\b|(?<=\s)|$))", "it's ", _WRITE + "it's needs an apostrophe, because it is short for it is."),
    rule(r"\b(wagged|wags|licked|licks|lost|hurt|broke|in|on|of|with|to|eating|ate|chased|chasing|from|by|opened|closed|moved) it's (?=(?!a\b|an\b|the\b|not\b|\w+ing\b|been\b)[a-z]+)", r"\1 its ", _WRITE + "its has no apostrophe when it shows belonging."),
    rule(r"<START>it's (?=(?:tail|name|head|legs|eyes|owner|fur|wings|teeth|mouth|nose|ears|paw|paws|feathers|colour|roof|walls) (?:is|are|was|were|has)\b)", "its ", _WRITE + "its has no apostrophe when it shows belonging."),
    rule(r"\b(?:their|they're) (?=(?:is|are|was|were|has been|have been|isn't|aren't|wasn't|weren't)\b)", "there ", _WRITE + "use there, spelled like here, before is and are."),
    rule(r"\b(over|go|went|been|get|got|going|put it|live|lives|lived|sit|right|out|up|down) (?:their|they're)<END>", r"\1 there", _WRITE + "a place is there, spelled like here."),
    rule(r"(?:<START>|(?<=think )|(?<=know )|(?<=say )|(?<=said ))(?:their|there) (?=(?:going|coming|trying|waiting|playing|having|making|looking|taking|staying) (?:to|for|the|a|in|on|at|with|out|over|back|home|football|my|me|us|him|her|it)\b)", "they're ", _WRITE + "they're is short for they are."),
    rule(r"<START>(?:their|there) (?=(?:not|my|so|really|the best|always|never|very)\b)(?!there (?:always|never|really) (?:is|are|was|were|has|have|will)\b)(?!there the\b)", "they're ", _WRITE + "they're is short for they are."),
    rule(r"\b(?:there|they're) (?=(?:house|mum|dad|dog|cat|car|home|bags?|books?|parents|friends?|team|teacher|homework|shoes|coats?|room|name|names|own|son|daughter|phones?|bikes?|best|faces|hands|lunch|holiday|tickets|children|work|new \w+)\b)(?<!is there )(?<!are there )(?!\w+'?\w* (?:homework|work|home|best|friends|children)<END>)", lambda m: _their(m), _WRITE + "their shows belonging."),
    rule(r"\b(they) (house|mum|dad|dog|parents|car|homework) (?=is|are|was|were|has)", r"their \2 ", "Their shows belonging."),
    rule(r"(?:<START>|(?<=think )|(?<=know )|(?<=hope )|(?<=say )|(?<=said )|(?<=when ))your (?=(?:the|a|an|not|my|welcome|going to|so|very|too|being|doing|kidding|joking|lying|late|early|wrong|invited|coming|always|never|funny<END>|right<END>|amazing<END>|great<END>|beautiful<END>|nice<END>|tired<END>|looking)\b)", "you're ", _WRITE + "you're needs an apostrophe, because it is short for you are."),
    rule(rf"(?:\b(in|on|with|at|of|for|from|lost|love|like|brought|bring|do|did|is that|is this|is|forgot|see|take|saw|finish) )?\byou're (?P<noun>book|bag|mum|dad|brother|sister|teacher|dog|cat|house|phone|homework|car|friend|friends|shoes|coat|pen|room|name|turn|school|hair|lunch|desk)(?P<verb> {_FINITE_BE}\b)?", lambda m: f"{m[1] + ' ' if m[1] else ''}your {m['noun']}{m['verb'] or ''}" if m[1] or m["verb"] else None, _WRITE + "your, without an apostrophe, shows belonging."),
    rule(r"\b((?:am|is|are|was|were|'m|'s|'re|way|far|got|ate|drank|has|have|had|eat|talks?|spent|spends?) )to (?=(?:much|many|late|early|hot|cold|big|small|tired|fast|slow|hard|expensive|long|short|loud|young|old|easy|difficult|heavy|noisy|busy|scared|shy|dark)\b)", r"\1too ", _WRITE + "too with two o's means more than enough."),
    rule(r"\b(want|wants|wanted|going|need|needs|have|has|had|like|likes|went|used|able) too (?=(?:<BASE>|be|the|school|my|town|bed|work|see)\b)", r"\1 to ", _WRITE + "to has one o in front of a verb or a place."),
    rule(r"\b(me|you|him|her|us|them) to<END>(?<!want me to)(?<!wants me to)(?<!wanted me to)", lambda m: f"{m[1]} too" if len(m.string.split()) <= 4 and re.search(r"\b(love|like|miss|hate)", m.string, re.I) else None, _WRITE + "too with two o's means also."),
    rule(r"\b(and|until|since|first|but|back) than\b(?= (?:I|we|he|she|they|it|you|the|my)\b)", r"\1 then", _WRITE + "then is about time: '{1}'."),
    rule(r"\b(will|can|may|might|could|would|does|doesn't|did|didn't|can't|won't|not) effect (?=(?:me|you|him|her|us|them|it|the (?!change)|my|your|people|our|his|their|everyone|how|health|sleep)\b)", r"\1 affect ", _WRITE + "affect, with an a, is the verb and effect the noun."),
    rule(r"\b(effected|effects) (?=(?:me|him|us|them|you|everyone|people|everybody|my|our|his|their|her)\b)", lambda m: "a" + "ffect" + m[1].lower()[6:] + " ", _WRITE + "affect, with an a, is the verb and effect the noun."),
    rule(r"\b(an|no|any|big|bad|good|positive|negative|special|side|great|huge|strong|what|the|terrible) (affects?)(?= (?:of|on|is|was|are|were)\b|\s*[.,!?]|\s*$)", lambda m: f"{m[1]} e{m[2][1:]}", _WRITE + "effect, with an e, is the noun and affect the verb."),
    rule(r"\bwho's (?=(?:bag|book|dad|mum|brother|sister|dog|cat|car|house|phone|turn|idea|fault|name|coat|pen|job|shoes|parents|mother|father|friend|bike)\b)(?!bag is packed)", "whose ", _WRITE + "whose shows belonging, and who's means who is."),
    rule(r"\bwhose (?=(?:going|coming|been|there|at|not|the|a|that|in|playing|next|ready|talking|calling)\b)", "who's ", _WRITE + "who's means who is, and whose shows belonging."),
    rule(r"\b(to|will|can|could|might|may|would|don't|didn't|won't|not|always|never|gonna|I|we|you|they) loose(?= (?:the|my|your|his|her|our|their|a|it|weight|money|hope|interest|this|that|games?|every|again)\b|\s*[.,!?]|\s*$)(?<!come loose)", r"\1 lose", _WRITE + "lose, with one o, is the opposite of win or find."),
    rule(r"\bloosing\b", "losing", _WRITE + "losing has one o."),
    rule(r"\b(I|he|she|we|they|you|it) (?:accept)(?= (?:for) )", r"\1 except", _WRITE + "except means leaving out."),
    rule(r"\b(everyone|everybody|all|nothing|every day|anything) accept (?=(?:for|me|him|her|us|them|my|the|one|sunday|monday|friday|saturday)\b)", r"\1 except ", _WRITE + "except means leaving out, and accept means to take."),
    rule(r"\b(we|you|they) (?:where) (?=(?:\w+ing|late|happy|there|at|in|so|very|not|all|tired|going)\b)", r"\1 were ", _WRITE + "were is the past of are, and where asks about a place."),
    rule(r"\bquite (?=(?:please|down|in (?:here|class)))", "quiet ", _WRITE + "quiet means without noise, and quite means rather."),
    rule(r"\b(gave|give|some|any|good|of|your|my|his|her) advise\b(?! \w+ to\b)", r"\1 advice", _WRITE + "advice, with a c, is the noun and advise the verb."),
    rule(r"\balot\b", "a lot", _WRITE + "a lot is two words."),
    rule(r"\birregardless\b", "regardless", "The standard word is regardless."),
    # -- things said twice -------------------------------------------------------------------------------
    rule(r"\b(return|returned|repeat|repeated|reverse|reply|replied) (back|again)\b", lambda m: m[1], "The verb already says it, so the second word is not needed."),
    rule(r"\bthe reason (why |that )?((?:\w+ ){1,5})is because\b", lambda m: f"the reason {m[1] or ''}{m[2]}is that", "Reason and because say the same thing twice: use '{1}'."),
    rule(r"\b(my|his|her|our|their|the) (mum|dad|mother|father|brother|sister|teacher|friend|cat|dog) (he|she|it) (?=(?:is|was|has|likes|said|says|goes|went|works|wants|can|will)\b)(?<!think )", lambda m: f"{m[1]} {m[2]} " if _opens(m) else None, "The noun is the subject already, so leave out the pronoun."),
)


def _their(m: re.Match[str]) -> str | None:
    """there/they're + noun is their, unless the sentence says that something is there."""
    before = m.string[: m.start()].lower().rstrip()
    if m[0].lower().startswith("they're") and re.match(r"(?:friends|home|children|best)\b", m.string[m.end() :], re.I):
        return None
    if re.search(r"\b(?:is|are|was|were|be|been|out|over|from|up|down|back|gets?|got|go|went)$", before):
        return None
    return "their "


def _opens(m: re.Match[str]) -> bool:
    return not m.string[: m.start()].strip()
