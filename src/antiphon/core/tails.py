"""How the end of a sentence tells whether its speaker has finished.

A model listens to the sound, another (`endings`) to the grammar of the words. Neither is safe alone: of pauses
inside a sentence the first took two thirds for its end, and "I'd like to book an appointment" is whole with or
without "for Tuesday". Some words are plain enough to need neither.
"""

from __future__ import annotations

import re
from math import exp, log

from antiphon.core.endings import wholeness

UNFINISHED = 0.05
"No more than this for words that ask for more."
FINISHED = 0.95
"At least this for an answer that is whole in itself."
OPEN = 0.4
"No more than this while what is dictated may go on."

SOUND_WEIGHT = 0.3
WORDS_WEIGHT = 0.75
COMMA = -1.0
"After a pause inside a sentence recognizers write a comma four times as often as after its end."
BIAS = -1.2
"""How sound, words and comma add up, in log odds. Fitted to `benchmarks/data/pause_rows.jsonl`, rounded.

The sound counts for less than it would on the clearest voice alone: on others, and on people, it errs more.
"""
SOUND_LIMIT = 0.98
"The sound is believed no further than this: it is as sure of its errors."
SURE = 0.9
"Above this the grammar knows a particle from a preposition: is my booking still on."
UNHEARD = 2.0
"Log odds of the sound without a model for it: the median over pauses and ends alike."


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HESITATIONS = _words("um uh er erm ah hmm hm mm uhm eh")
ALWAYS_DANGLING = _words(
    "a an the my your our their his and or but because although though unless until whether than i'm i'll "
    "i'd i've we're we'll they're he's she's it's let's there's that's i very plus minus times equals if "
    "every each some any between into onto whose gonna wanna"
)
"A sentence does not end in these."
DANGLING_IN_STATEMENTS = _words(
    "of to for from with at about by in is are was were am be do does did has have had can could will would "
    "should when where what which who how like as on called"
)
"A question may end in these (where are you from), a statement hardly."
MAY_END_AFTER = {
    "in": _words("log sign come check that's book move fill me you him her them it"),
    "on": _words("go hold come move that's it them turn carry later"),
    "to": _words("used supposed going up"),
    "about": _words("it that this"),
    "so": _words("think hope guess say"),
    "can": _words("i you we they"),
    "do": _words("i you we they"),
    "does": _words("it he she"),
    "did": _words("i you we they"),
    "will": _words("i you we they"),
    "is": _words("it that this"),
    "am": _words("i"),
    "are": _words("you we they"),
    "what": _words("so know guess say"),
    "how": _words("know"),
    "who": _words("know"),
    "where": _words("know"),
    "like": _words("you i would it"),
    "be": _words("would could might will should"),
}
"Short ways of saying more: log in, go on, I do, so what."
QUESTION = _words("who whom whose what which where when why how")
SHORT_ANSWERS = frozenset(
    {
        *("yes", "yeah", "yep", "yup", "no", "nope", "nah", "okay", "ok", "sure", "stop", "right", "correct"),
        *("exactly", "wrong", "maybe", "please", "thanks", "hello", "hi", "hey", "bye", "goodbye", "really"),
        *("great", "perfect", "good", "fine", "cool", "nothing", "never", "always", "today", "tomorrow"),
        *("yes please", "no thanks", "no thank you", "thank you", "thank you very much", "of course"),
        *("that's right", "that's it", "that's all", "not really", "i don't know", "i do", "i think so"),
        *("go on", "go ahead", "hold on", "never mind", "okay thanks", "not yet", "wait", "cancel", "help"),
        *(
            "i don't understand",
            "i understand",
            "can you repeat that",
            "say that again",
            "please repeat that",
            "tell me more",
        ),
        *("why", "how", "what", "who", "where", "when", "why not", "so what", "what is it", "how so"),
    }
)

DIGITS = _words(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred double triple"
)
MONTHS_AND_DAYS = _words(
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday today tomorrow tonight week weekend month christmas"
)
WHOLE_NUMBER = 10
"Digits of a telephone number; fewer may be only its beginning."


_SIGNS = {
    "=": "equals",
    "+": "plus",
    "-": "minus",
    "−": "minus",
    "×": "times",
    "*": "times",
    "÷": "over",
    "/": "over",
}
_SIGN = re.compile(r"(?<=[\w)]) ([=+−×*÷/-]) ?(?=[\w(]|\W*$)")
"A recognizer may write a sum in signs: 3x - 5 = 10."


def completeness(model_p: float | None, text: str, expect: str = "") -> float:
    """P(the speaker has finished), from the sound (`model_p`, None without a model) and the words.

    `expect` names what was asked for: "digits", "email", "spelling", "date" or "" for anything. What is
    dictated comes in groups with pauses that sound final, so there the words must be whole.
    """
    text = _SIGN.sub(lambda sign: f" {_SIGNS[sign[1]]} ", text)
    words = re.findall(r"[\w'@.+-]*[\w]", text.lower().replace("’", "'"))
    if not words:
        return 0.5 if model_p is None else min(model_p, 0.5)
    p = _combined(model_p, text)
    last = words[-1]
    if last in HESITATIONS:
        return min(p, UNFINISHED)
    if " ".join(words) in SHORT_ANSWERS and not text.rstrip().endswith(","):
        return max(p, FINISHED)
    match expect:
        case "digits" | "spelling":
            return _dictated(p if model_p is None else model_p, p, words, expect)
        case "email":
            return max(p, 0.8) if _is_address(words) else min(p, UNFINISHED)
        case "date" if last in MONTHS_AND_DAYS - {"next", "march", "may"}:
            return max(p, 0.7)
        case _:
            pass
    is_sure = last in DANGLING_IN_STATEMENTS and wholeness(text) > SURE
    if (is_dangling(words) and not is_sure) or text.rstrip().endswith(("...", "…", "-", "—")):
        return min(p, UNFINISHED)
    return p


def _combined(model_p: float | None, text: str) -> float:
    """P(finished) by the sound and the grammar together."""
    sound = UNHEARD if model_p is None else _log_odds(min(max(model_p, 1 - SOUND_LIMIT), SOUND_LIMIT))
    grammar = _log_odds(min(max(wholeness(text), 0.007), 0.993))
    odds = BIAS + SOUND_WEIGHT * sound + WORDS_WEIGHT * grammar + COMMA * text.rstrip().endswith(",")
    return 1 / (1 + exp(-odds))


def _log_odds(p: float) -> float:
    return log(p / (1 - p))


def is_dangling(words: list[str]) -> bool:
    """The last of `words` (lower case, bare) asks for another word after it."""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if before and before in MAY_END_AFTER.get(last, frozenset()):
        return False
    if last in ALWAYS_DANGLING:
        return len(words) > 1 or last not in {"i", "any", "some"}
    is_question = any(word.removesuffix("'s") in QUESTION for word in words[:-1])
    return last in DANGLING_IN_STATEMENTS and not is_question


def _dictated(sound: float, p: float, words: list[str], expect: str) -> float:
    """For what comes in groups: the grammar of a row of digits says nothing, their number and sound do."""
    if expect == "spelling":
        letters = sum(len(word) == 1 for word in words)
        # Someone who spells goes on letter by letter; a whole word instead of letters is an answer.
        return min(sound, OPEN) if letters else p
    digits = sum(len(re.sub(r"\D", "", word)) or (word in DIGITS) for word in words)
    if digits == 0:
        return min(p, UNFINISHED) if is_dangling(words) else p
    return sound if digits >= WHOLE_NUMBER else min(sound, 0.3)


def _is_address(words: list[str]) -> bool:
    spoken = " ".join(words)
    if re.search(r"\S+@\S+\.\w{2,}$", spoken):
        return True
    return bool(re.search(r"\bat\b.*(\bdot|\.)\s?(com|org|net|edu|io|uk|de|gov|co|us|ca)$", spoken))
