"""Rules of words that sound alike: its and it's, there and their. Only a reader can tell them apart."""

from __future__ import annotations

import re

from antiphon.agents.tutor.rules import rule

_FINITE_BE = r"(?:is|are|was|were|has|does|can|will|looks|got|goes|barks|likes|isn't|wasn't)"
_WRITE = "When you write it, "


def _their(m: re.Match[str]) -> str | None:
    """there/they're + noun is their, unless the sentence says that something is there."""
    before = m.string[: m.start()].lower().rstrip()
    if m[0].lower().startswith("they're") and re.match(
        r"(?:friends|home|children|best)\b", m.string[m.end() :], re.I
    ):
        return None
    if re.search(r"\b(?:is|are|was|were|be|been|out|over|from|up|down|back|gets?|got|go|went)$", before):
        return None
    return "their "


RULES = (
    rule(
        r"(?:^|(?<=because )|(?<=but )|(?<=think )|(?<=and )|(?<=, )|(?<=that )|(?<=when ))its (?=(?:a|"
        r"an|the|not|been|my|your|our|raining|snowing|getting|going|time|too|"
        r"very \w+<END>|so \w+<END>|really \w+<END>|(?:<ADJECTIVE>)(?:<END>| (?:to|that|today|outside|"
        r"here|in|when)\b))(?:\b|(?<=\s)|$))",
        "it's ",
        _WRITE + "it's needs an apostrophe, because it is short for it is.",
    ),
    rule(
        r"\b(wagged|wags|licked|licks|lost|hurt|broke|in|on|of|with|to|eating|ate|chased|chasing|from|"
        r"by|opened|closed|moved) it's (?=(?!a\b|an\b|the\b|not\b|\w+ing\b|been\b)[a-z]+)",
        r"\1 its ",
        _WRITE + "its has no apostrophe when it shows belonging.",
    ),
    rule(
        r"<START>it's (?=(?:tail|name|head|legs|eyes|owner|fur|wings|teeth|mouth|nose|ears|paw|paws|"
        r"feathers|colour|roof|walls) (?:is|are|was|were|has)\b)",
        "its ",
        _WRITE + "its has no apostrophe when it shows belonging.",
    ),
    rule(
        r"\b(?:their|they're) (?=(?:is|are|was|were|has been|have been|isn't|aren't|wasn't|weren't)\b)",
        "there ",
        _WRITE + "use there, spelled like here, before is and are.",
    ),
    rule(r"^theirs (?=(?:a|an|no|some|lots|the)\b)", "there's ", _WRITE + "there's is short for there is."),
    rule(
        r"\b(my|your|his|her|their) hairs (are|is|were|was)\b",
        lambda m: f"{m[1]} hair {'is' if m[2].lower() in {'are', 'is'} else 'was'}",
        "The hair on a head is not counted: say '{1}'.",
    ),
    rule(
        r"\b(over|go|went|been|get|got|going|put it|live|lives|lived|sit|right|out|up|down) (?:their|"
        r"they're)<END>",
        r"\1 there",
        _WRITE + "a place is there, spelled like here.",
    ),
    rule(
        r"(?:<START>|(?<=think )|(?<=know )|(?<=say )|(?<=said ))(?:their|there) (?=(?:going|coming|"
        r"trying|waiting|playing|having|making|looking|taking|staying) (?:to|for|the|a|in|on|at|with|"
        r"out|over|back|home|football|my|me|us|him|her|it)\b)",
        "they're ",
        _WRITE + "they're is short for they are.",
    ),
    rule(
        r"<START>(?:their|there) (?=(?:not|my|so|really|the best|always|never|very)\b)(?!there "
        r"(?:always|never|really) (?:is|are|was|were|has|have|will)\b)(?!there the\b)",
        "they're ",
        _WRITE + "they're is short for they are.",
    ),
    rule(
        r"\b(?:there|they're) (?=(?:house|mum|dad|dog|cat|car|home|bags?|books?|parents|friends?|team|"
        r"teacher|homework|shoes|coats?|room|name|names|own|son|daughter|phones?|bikes?|match|game|"
        r"lessons?|idea|best|faces|hands|lunch|holiday|tickets|children|work|new \w+)\b)(?<!is there "
        r")(?<!are there )(?!\w+'?\w* (?:homework|work|home|best|friends|children)<END>)",
        lambda m: _their(m),
        _WRITE + "their shows belonging.",
    ),
    rule(
        r"\b(they) (house|mum|dad|dog|parents|car|homework) (?=is|are|was|were|has)",
        r"their \2 ",
        "Their shows belonging.",
    ),
    rule(
        r"(?:<START>|(?<=think )|(?<=know )|(?<=hope )|(?<=say )|(?<=said )|(?<=when ))your (?=(?:the|"
        r"a|an|not|my|welcome|going to|so|very|too|being|doing|kidding|joking|lying|late|early|wrong|"
        r"invited|coming|always|never|funny<END>|right<END>|amazing<END>|great<END>|beautiful<END>|"
        r"nice<END>|tired<END>|looking)\b)",
        "you're ",
        _WRITE + "you're needs an apostrophe, because it is short for you are.",
    ),
    rule(
        r"(?:\b(in|on|with|at|of|for|from|lost|love|like|brought|bring|do|did|is that|is this|is|"
        r"forgot|see|take|saw|finish) )?\byou're (?P<noun>book|bag|mum|dad|brother|sister|teacher|dog|"
        r"cat|house|phone|homework|car|friend|friends|shoes|coat|pen|room|name|turn|school|hair|lunch|"
        rf"desk)(?P<verb> {_FINITE_BE}\b)?",
        lambda m: (
            f"{m[1] + ' ' if m[1] else ''}your {m['noun']}{m['verb'] or ''}" if m[1] or m["verb"] else None
        ),
        _WRITE + "your, without an apostrophe, shows belonging.",
    ),
    rule(
        r"\b((?:am|is|are|was|were|'m|'s|'re|way|far|got|ate|drank|has|have|had|eat|talks?|spent|"
        r"spends?) )to (?=(?:much|many|late|early|hot|cold|big|small|tired|fast|slow|hard|expensive|"
        r"long|short|loud|young|old|easy|difficult|heavy|noisy|busy|scared|shy|dark)\b)",
        r"\1too ",
        _WRITE + "too with two o's means more than enough.",
    ),
    rule(
        r"\b(want|wants|wanted|going|need|needs|have|has|had|like|likes|went|used|able) too "
        r"(?=(?:<BASE>|be|the|school|my|town|bed|work|see)\b)",
        r"\1 to ",
        _WRITE + "to has one o in front of a verb or a place.",
    ),
    rule(
        r"\b(me|you|him|her|us|them) to<END>(?<!want me to)(?<!wants me to)(?<!wanted me to)",
        lambda m: (
            f"{m[1]} too"
            if len(m.string.split()) <= 4 and re.search(r"\b(love|like|miss|hate)", m.string, re.I)
            else None
        ),
        _WRITE + "too with two o's means also.",
    ),
    rule(
        r"\b(and|until|since|first|but|back) than\b(?= (?:I|we|he|she|they|it|you|the|my)\b)",
        r"\1 then",
        _WRITE + "then is about time: '{1}'.",
    ),
    rule(
        r"\b(will|can|may|might|could|would|does|doesn't|did|didn't|can't|won't|not) effect (?=(?:me|"
        r"you|him|her|us|them|it|the (?!change)|my|your|people|our|his|their|everyone|how|health|sleep)\b)",
        r"\1 affect ",
        _WRITE + "affect, with an a, is the verb and effect the noun.",
    ),
    rule(
        r"\b(effected|effects) (?=(?:me|him|us|them|you|everyone|people|everybody|my|our|his|their|her)\b)",
        lambda m: "a" + "ffect" + m[1].lower()[6:] + " ",
        _WRITE + "affect, with an a, is the verb and effect the noun.",
    ),
    rule(
        r"\b(an|no|any|big|bad|good|positive|negative|special|side|great|huge|strong|what|the|"
        r"terrible) (affects?)(?= (?:of|on|is|was|are|were)\b|\s*[.,!?]|\s*$)",
        lambda m: f"{m[1]} e{m[2][1:]}",
        _WRITE + "effect, with an e, is the noun and affect the verb.",
    ),
    rule(
        r"\bwho's (?=(?:bag|book|dad|mum|brother|sister|dog|cat|car|house|phone|turn|idea|fault|name|"
        r"coat|pen|job|shoes|parents|mother|father|friend|bike)\b)(?!bag is packed)",
        "whose ",
        _WRITE + "whose shows belonging, and who's means who is.",
    ),
    rule(
        r"\bwhose (?=(?:going|coming|been|there|at|not|the|a|that|in|playing|next|ready|talking|calling)\b)",
        "who's ",
        _WRITE + "who's means who is, and whose shows belonging.",
    ),
    rule(
        r"\b(to|will|can|could|might|may|would|don't|didn't|won't|not|always|never|gonna|I|we|you|"
        r"they) loose(?= (?:the|my|your|his|her|our|their|a|it|weight|money|hope|interest|this|that|"
        r"games?|every|again)\b|\s*[.,!?]|\s*$)(?<!come loose)",
        r"\1 lose",
        _WRITE + "lose, with one o, is the opposite of win or find.",
    ),
    rule(r"\bloosing\b", "losing", _WRITE + "losing has one o."),
    rule(
        r"\b(I|he|she|we|they|you|it) (?:accept)(?= (?:for) )",
        r"\1 except",
        _WRITE + "except means leaving out.",
    ),
    rule(
        r"\b(everyone|everybody|all|nothing|every day|anything) accept (?=(?:for|me|him|her|us|them|my|"
        r"the|one|sunday|monday|friday|saturday)\b)",
        r"\1 except ",
        _WRITE + "except means leaving out, and accept means to take.",
    ),
    rule(
        r"\b(we|you|they) (?:where) (?=(?:\w+ing|late|happy|there|at|in|so|very|not|all|tired|going)\b)",
        r"\1 were ",
        _WRITE + "were is the past of are, and where asks about a place.",
    ),
    rule(
        r"\bquite (?=(?:please|down|in (?:here|class)))",
        "quiet ",
        _WRITE + "quiet means without noise, and quite means rather.",
    ),
    rule(
        r"\b(gave|give|some|any|good|of|your|my|his|her) advise\b(?! \w+ to\b)",
        r"\1 advice",
        _WRITE + "advice, with a c, is the noun and advise the verb.",
    ),
    rule(r"\balot\b", "a lot", _WRITE + "a lot is two words."),
    rule(r"\birregardless\b", "regardless", "The standard word is regardless."),
)
