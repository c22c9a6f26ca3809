"""What leaves no doubt, by its words alone, and figures of speech put as they are meant. English.

A classifier weighs meaning and knows no grammar: who does what to whom is told by a pattern where it is said plainly.
"""

from __future__ import annotations

import re

from antiphon.agent.guardrail import SELF_HARM

VIOLENCE, INSULT = "violence", "insult"
FEW_WORDS = 4
"A sentence up to this long leaves out the I that is meant."

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
_TABLETS = r"(?:pills|tablets|paracetamols?|painkillers|capsules|packet|packets|bottle|box)"
_MANY = (
    r"(?:too\smany|(?:a|the)\swhole|a\shandful\sof|a\slot\sof|loads\sof|(?:ten|eleven|twelve|\w+teen|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|(?:a|one|two)\shundred|\d{2,})(?![\s-](?:milli)?grams?\b|\smg\b))"
)
_OVERDOSE = re.compile(
    rf"\bi(?:'ve|\shave)?\s(?:just\s)?(?:taken|took|swallowed)\s(?:about\s|over\s|nearly\s)?{_MANY}\s(?:\w+\s){{0,2}}?"
    rf"{_TABLETS}\b",
    re.I,
)
_PERSON = (
    r"(?:him|her|them|you|everyone|everybody|someone|somebody|people|teachers?|(?:class|team|flat)?mates?|friends?|"
    r"brother|sister|mum|mom|dad|mother|father|step\w+|parents|wife|husband|girlfriend|boyfriend|ex|boss|colleagues?|"
    r"neighbou?rs?|family|kids?|boys?|girls?|man|woman|uncle|aunt)"
)
_THREAT = re.compile(
    r"\b(?:i(?:'m|\sam)\s(?:going\sto|gonna)|i(?:'ll|\swill)|i\s(?:want\sto|wanna|plan\sto|intend\sto)|i'd\s(?:love|like)\sto)"
    r"\s(?:just\s|really\s)?(?:kill|murder|shoot|stab|strangle|poison|behead)\s(?:(?:my|your|his|the|that|this|our)\s)?"
    rf"(?:\w+\s){{0,2}}?{_PERSON}\b(?!\s(?:at\s(?!night|home|school|work)|in\s(?:chess|the\s(?:game|film|next)|a\s(?:game|film))|"
    r"with\s(?:kindness|laughter|love|my\scamera)|a\s(?:text|mail|message)|an\s))",
    re.I,
)
_CALLED_NAMES = re.compile(
    r"(?<!call\s)(?<!calls\s)(?<!called\s)(?<!calling\s)\byou(?:'re|\sare)?\s"
    r"(?:(?:an?|the|such|absolute|complete|total|utter|stupid|dumb|bloody|useless|ugly|fat|damn|little|worthless|pathetic)"
    r"\s){0,4}(?:idiot|moron|imbecile|cretin|dimwit|halfwit|nitwit|twit|dumbo|airhead|scumbag)s?\b",
    re.I,
)
# What nobody means as it is said, put as it is meant; the rest of the sentence is weighed as ever.
IDIOMS = (
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
        r"\b(?:shoot|fire|drop) (?=(?:(?:me|us|you|him|her|them|over|off) )?(?:over |off )?(?:an?|the|that|it|your) ?"
        r"(?:quick |short )?(?:e-?mail|text|message|note|line|link|copy|report|reply|invoice)\b)",
        "send ",
    ),
    (
        r"\b(?:kill|terminate|abort|execute|kills|killed|killing|hang|nuke)"
        r"(?= (?:a|an|the|this|that|these|those|my|all|your|our|every) (?:\w+ ){0,3}?"
        r"(?:process(?:es)?|tasks?|jobs?|apps?|programs?|scripts?|servers?|threads?|tabs?|connections?|sessions?|commands?|query|queries|engine|subscription|"
        r"contract|imports?|exports?|uploads?|reminders?|notifications?|integrations?|instances?|containers?)\b)",
        "stop",
    ),
)
_IDIOM = tuple((re.compile(pattern, re.I), meant) for pattern, meant in IDIOMS)
FIRST_PERSON = re.compile(r"\b(?:i|i'?m|i'?ve|i'?d|i'?ll|me|my|mine|myself|meself)\b", re.I)
SENTENCE = re.compile(r"[^.!?]+[.!?]*\s*")


def plainly(text: str) -> str:
    """The category of harm that `text` speaks in words that leave no doubt; empty when there is none."""
    if cries_for_help(text):
        return SELF_HARM
    for piece in SENTENCE.findall(as_meant(text)):
        if not _OF_A_WORK.search(piece):
            if _THREAT.search(piece):
                return VIOLENCE
            if _CALLED_NAMES.search(piece):
                return INSULT
    return ""


def cries_for_help(text: str) -> bool:
    """Whether `text` speaks of self-harm in words that leave no doubt: the speaker's, or of somebody near.

    What is said of people in a play, and of an accident, is left to be weighed.
    """
    for piece in SENTENCE.findall(text):
        if _OF_A_WORK.search(piece):
            continue
        if (found := _SELF_HARM.search(piece)) and (
            FIRST_PERSON.search(piece) or "yourself" in found[0].lower() or len(piece.split()) <= FEW_WORDS
        ):
            return True
        if _OVERDOSE.search(piece) or _OF_ANOTHER.search(piece):
            return True
        if _INJURED.search(piece) and not _BY_ACCIDENT.search(piece):
            return True
    return False


def as_meant(text: str) -> str:
    """`text` with common figures of speech about killing and dying put plainly."""
    for pattern, meant in _IDIOM:
        text = pattern.sub(meant, text)
    return text
