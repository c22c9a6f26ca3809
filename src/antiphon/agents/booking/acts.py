"""What a caller does with a line, besides naming days and hours."""

# ruff: noqa: E501 - patterns and word lists read better whole

from __future__ import annotations

import re
from enum import StrEnum


class Act(StrEnum):
    RESTART = "restart"
    CANCEL = "cancel"
    MOVE = "move"
    LIST = "list"
    ANOTHER = "another"
    ABANDON = "abandon"
    CLAIM = "claim"
    RECALL = "recall"
    REFERENCE = "reference"
    REPEAT = "repeat"
    REVERT = "revert"
    HOURS = "hours"
    FREE = "free"
    HELP = "help"
    CHANGE_DAY = "change day"
    CHANGE_TIME = "change time"
    BYE = "bye"
    THANKS = "thanks"
    NO = "no"
    YES = "yes"
    HELLO = "hello"
    WAIT = "wait"
    NONE = ""


_MINE = r"(?:my|the|this|that|an|our)(?: \w+){0,4}? (?:appointment|booking|slot|meeting|reservation)"
_PATTERNS = tuple(
    (act, re.compile(pattern))
    for act, pattern in (
        (Act.RESTART, r"\bstart (over|again|afresh|from scratch)|\b(let'?s|can we) begin again|from the (beginning|start)\b"
                      r"|\bforget all (of )?that\b"),
        (Act.ANOTHER, r"\b(another|a second|a new|one more|an additional|a further|a different) (appointment|booking|slot|one)\b"
                      r"|\bbook (another|one more|a second)\b"),
        (Act.CANCEL, rf"\b(cancel|call off|delete|drop) {_MINE}|\bi (want|need|would like|'d like|have) to cancel\b"
                     r"|\b(can'?t make|cannot make|won'?t make) (it|my appointment)( after all)?\b|^(please )?cancel (it|everything)?\W*$"),
        (Act.MOVE, rf"\b(move|reschedule|change|shift|postpone|put off|bring forward|rebook) {_MINE}"
                   r"|\b(reschedule|postpone)\b"),
        (Act.ABANDON, r"\bforget (it|about it|that|the whole thing)\b|\bnever ?mind\b|\bleave it\b|\bcancel (that|this)\b"
                      r"|\bdon'?t (want|need) (an|the|any|this) (appointment|booking|more)\b|\bdon'?t book\b"
                      r"|\bi('?ve| have)? changed my mind\b\W*$|\bdrop it\b|\bdon'?t bother\b"),
        (Act.LIST, r"\b(when|what time|which day) (is|was|are) my (next )?(appointment|booking)s?\b|\bmy next appointment\b"
                   r"|\b(what|which|any|have) appointments? (do|have) i\b|\bdo i have (an|any) appointments?\b"
                   r"|\bwhat (have i|did i|do i have) (got )?book(ed)?\b|\bwhat (appointments|bookings) (do|have) i\b"),
        (Act.RECALL, r"\bwhat (did|have) i (say|said|tell)\b|\bwhat (have we|do you have|have you) (got|so far|down|for me)\b"
                     r"|\bwhat (was|is) (it|that|my date|the date|the time|the day) again\b|\bremind me\b|\bread (that|it) back\b"
                     r"|\bwhich (day|date|time) (was|is|did) (it|that|i|we)\b|\bwhat (day|date|time) (was|is|did) (it|that|i|we)\b"
                     r"|\bwhere (were|are) we\b|\bwhat do you have( so far| down)?\W*$|\bwhat (have|did) (i|we) (settle|agree)"),
        (Act.CLAIM, r"\b(you|we) (just )?(said|told|agreed|promised|had agreed|settled on|confirmed|booked me)\b"
                    r"|\bdid(n'?t| not)? (i|we|you) (not )?(say|agree|ask for)\b|\bi thought (you|we|i|it|that)\b"
                    r"|\bwasn'?t it\b|\bas (we|you) (said|agreed)\b"),
        (Act.REFERENCE, r"\breference\b|\bbooking (number|code)\b|\bconfirmation (number|code)\b"),
        (Act.REPEAT, r"\brepeat\b|\bsay (that|it) (again|once more)\b|^\W*((oh|i)\W+)?(pardon|sorry|what|excuse me|come again|huh)(\W+(what|pardon|me|sorry))*\W*$"
                     r"|\bwhat did you (just )?say\b|\bonce more\b\W*$|\bdidn'?t (hear|catch) (that|you)\b"),
        (Act.REVERT, r"\b(go|going|went|switch|change|put|swap|turn) (it |that )?back\b|\bback to (the )?(first|original|previous|old|one|how|what|other|before|where)"
                     r"|\b(as|like|what) (it was|we had|i had|it had)( it)?( before| first| at first)?\b|\bundo\b"
                     r"|\bthe (original|previous|old|earlier|first) (one|time|day|date|slot|choice)( was| after all| was fine)\b|\bafter all,? the (first|original)\b"
                     r"|\bkeep (the|it) (first|original|old|as it was)\b"),
        (Act.HOURS, r"\b(opening|business|office|working) (hours|times)\b|\bwhen (are|do) you (open|close)\b|\bare you open\b"
                    r"|\bwhat (are your|time do you) (hours|open|close)\b|\bhow late\b"),
        (Act.FREE, r"\bwhat('?s| is| times?| slots?| days?| else| have you| do you have)\b.*\b(free|available|open|have|left|possible)\b"
                   r"|\bwhen (are you|is (somebody|someone|anyone|there)) (free|available)\b|\bdo you have (any|some)(thing|time| times| slots?)?\b"
                   r"|\b(have you|you got|is there) (got )?any(thing)?\b|\bwhat can you offer\b|\bwhen could i come\b|\bwhen can i come\b"),
        (Act.HELP, r"\bwhat can (you|i) (do|say)\b|\bhow does (this|it) work\b|\bwho (are you|is this)\b|\bhelp( me)?\W*$"
                   r"|\bwhat (are you|is this)\W*$|\bare you (a |an )?(robot|human|machine|computer|person|real)\b"),
        (Act.CHANGE_DAY, r"^\W*(no,? )?(please )?(change )?(just )?(the |a different |another |the other |wrong )?(day|date)( please| is wrong)?\W*$"
                         r"|\b(different|another|change the|wrong) (day|date)\b|\b(day|date) is wrong\b"),
        (Act.CHANGE_TIME, r"^\W*(no,? )?(please )?(change )?(just )?(the |a different |another |wrong )?(time|hour)( please| is wrong)?\W*$"
                          r"|\b(different|another|change the|wrong) (time|hour)\b|\b(time|hour) is wrong\b"),
        (Act.NO, r"^\W*(no|nope|nah|not really|not quite|rather not|don'?t|neither|none|wrong|negative|that'?s (not right|wrong)|no way)\b"
                 r"|\b(not correct|isn'?t right|neither of|none of|no thanks|no thank you)\b"),
        (Act.YES, r"^\W*(oh |well |um |uh |and |so |okay |right )?\W*(yes|yeah|yep|yup|sure|ok|okay|correct|right|fine|perfect|great|exactly|absolutely|definitely|"
                  r"please do|do it|go ahead|book it|sounds (good|great|fine)|that'?s (right|it|fine|good|correct|great|perfect)|"
                  r"that works|that would be|of course|confirmed?|good|lovely|alright|all right|perfect|please|i do|indeed|go on|wonderful|brilliant|excellent|move it)\b"),
        (Act.BYE, r"\b(bye|goodbye|see you|good night|talk to you later|have a (nice|good) day|that'?s all|that is all)\b"),
        (Act.THANKS, r"\b(thank|thanks|cheers)\b"),
        (Act.WAIT, r"^\W*((ok|okay|yes|no|um|uh|well|sorry|oh)\W+)?(wait|hold on|hang on|one (moment|second|sec|minute)|just a (moment|second|minute|sec)|a moment|let me (think|see|check)|stop)\b"),
        (Act.HELLO, r"\b(hello|hi|hey|good (morning|afternoon|evening))\b"),
    )
)  # fmt: skip

_PLACES = (
    (
        r"\b(the )?(first|former|earlier|earliest|first one|earlier one)( one| time| slot| option| of (those|them|these))?\b",
        0,
    ),
    (r"\b(the )?second( one| time| slot| option| of (those|them|these))?\b", 1),
    (r"\b(the )?third( one| time| slot| option)?\b", 2),
    (r"\b(the )?(last|latter|later|latest)( one| time| slot| option| of (those|them|these))?\b", -1),
)


_DOUBT = re.compile(
    r"\b(wait|hold on|hang on|but|not|don'?t|can'?t|won'?t|actually|hmm|unless|if|cancel|stop|maybe|perhaps|night|bye"
    r"|good (morning|afternoon|evening)|what|how|when|where|who|which|can|could|will|would you|do you|is there|are there)\b|\?"
)
"Nothing is done on a yes that has one of these in it."


def act_of(line: str) -> Act:
    """What the line does, the weightiest thing first. A yes is one only without any doubt."""
    text = line.lower().replace("’", "'").replace("why not", "yes")
    for act, pattern in _PATTERNS:
        if pattern.search(text) and not (act is Act.YES and _DOUBT.search(text)):
            return act
    return Act.NONE


def place_of(line: str) -> int | None:
    """Which of those that were offered: 0 is the first, -1 the last; None when the line does not say."""
    text = line.lower()
    return next((place for pattern, place in _PLACES if re.search(pattern, text)), None)


def takes_any(line: str) -> bool:
    """Whichever of those that were offered."""
    return bool(re.search(r"\b(either|any of|both|whichever|don'?t mind|you (choose|pick))\b", line.lower()))
