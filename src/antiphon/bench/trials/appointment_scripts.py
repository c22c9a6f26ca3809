"""What callers say to book appointments, on Wednesday, 18 November 2026, and what they should end with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls, and their lines. One that begins with ! happens: take a slot, away, back, cut; one that
    begins with ~ is said only by who has not been booked yet."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A call, or several at once."""

    name: str
    callers: tuple[Caller, ...]
    expects: tuple[tuple[str, str], ...]
    "Who has which time in the end: name, and month-day hour."
    is_race: bool = False
    "Who gets which is chance."
    taken: tuple[str, ...] = ()
    "Times that others have from the beginning."


def _script(name: str, lines: str, *expects: str, taken: tuple[str, ...] = ()) -> Script:
    said = tuple(line.strip() for line in lines.strip().splitlines())
    return Script(name, (Caller("ann", said),), tuple(("ann", slot) for slot in expects), taken=taken)


SCRIPTS: tuple[Script, ...] = (
    _script(
        "step by step",
        """hello
        I'd like to make an appointment
        next Tuesday
        half nine
        yes please
        thank you""",
        "11-24 09:30",
    ),
    _script(
        "everything in one breath",
        """could I come on Thursday week at ten past two, no, a quarter past two
        yes""",
        "11-26 14:15",
    ),
    _script(
        "swap and revert",
        """Tuesday at ten
        actually make it Thursday
        hmm, and the time, could that be three in the afternoon
        no, go back to Tuesday
        at ten, as it was before
        no wait, Friday at eleven
        go back to the first one
        what do you have?
        yes, book it""",
        "11-24 10:00",
    ),
    _script(
        "false memory",
        """Monday at four
        you said Tuesday
        no
        didn't I say three?
        no
        we agreed on Friday at ten
        yes
        I thought we said Friday
        what did I say?
        yes""",
        "11-20 10:00",
    ),
    _script(
        "taken from the beginning",
        """Tuesday at ten
        the second one
        yes""",
        "11-24 10:30",
        taken=("11-24 10:00",),
    ),
    _script(
        "taken meanwhile",
        """Tuesday at ten
        !take 11-24 10:00
        yes
        half past ten
        yes""",
        "11-24 10:30",
    ),
    _script(
        "taken twice over",
        """Friday at two
        !take 11-20 14:00
        yes
        !take 11-20 14:30
        half two
        three then
        yes""",
        "11-20 15:00",
    ),
    _script(
        "fifteen and fifty",
        """Tuesday
        three fifty
        I said fifteen, not fifty
        yes""",
        "11-24 15:15",
    ),
    _script(
        "closed days and hours",
        """Saturday at noon
        no
        Christmas day
        the day before
        no, Monday
        at seven in the evening
        what are your opening hours?
        quarter past four
        yes""",
        "11-23 16:15",
    ),
    _script(
        "past days",
        """yesterday at ten
        today at nine
        tomorrow
        nine
        yes""",
        "11-19 09:00",
    ),
    _script(
        "nothing and nonsense",
        """hm
        the cat sat on the mat
        what?
        Tuesday
        purple
        eleven
        what do you mean
        maybe
        ok""",
        "11-24 11:00",
    ),
    _script(
        "given up",
        """Tuesday at nine
        forget it""",
    ),
    _script(
        "given up, then taken up",
        """Tuesday at nine
        never mind
        actually, Wednesday next week at nine
        yes""",
        "11-25 09:00",
    ),
    _script(
        "from the beginning",
        """Monday at ten
        no
        the time
        start over
        the first of December
        nine in the morning
        yes""",
        "12-01 09:00",
    ),
    _script(
        "booked, then moved",
        """as soon as possible
        yes
        when is my appointment?
        move it from today to Friday
        yes
        actually make it an hour later
        yes
        bye""",
        "11-20 12:00",
    ),
    _script(
        "booked, then cancelled",
        """Friday at ten
        yes
        cancel my appointment
        no
        cancel my appointment
        yes
        do I have any appointments?""",
    ),
    _script(
        "two of them, one goes",
        """Friday at ten
        yes
        another appointment please
        Monday at eleven
        yes
        what appointments do I have
        cancel my appointment
        the one on Friday
        yes""",
        "11-23 11:00",
    ),
    _script(
        "other people's clocks",
        """Monday at nine New York time
        yes""",
        "11-23 14:00",
    ),
    _script(
        "only so far",
        """next week some time
        in the afternoon
        no
        Tuesday
        after three
        the last one
        no, earlier
        no, half past three
        yes""",
        "11-24 15:30",
    ),
    _script(
        "ruling out",
        """any day but Friday
        next week
        not Monday, Tuesday
        around eleven
        can't make Tuesday
        Thursday
        ok""",
        "11-26 11:00",
    ),
    _script(
        "the calendar is away",
        """Tuesday at ten
        !away
        yes
        yes
        !back
        yes""",
        "11-24 10:00",
    ),
    _script(
        "the answer was lost",
        """Tuesday at ten
        !cut
        yes
        yes
        when is my appointment""",
        "11-24 10:00",
    ),
    _script(
        "the answer was lost, and minds change",
        """Tuesday at ten
        !cut
        yes
        no, Thursday
        yes""",
        "11-19 10:00",
    ),
    _script(
        "one who cannot decide",
        """hi there
        what can you do?
        what is free tomorrow?
        the first one
        no, the day after
        no, Monday
        what did I say?
        at three
        no, at four
        half past
        quarter to five
        actually a bit earlier
        four
        say that again
        an hour earlier
        same time on Tuesday
        the week after
        no, a week earlier
        Wednesday
        the twenty-fifth
        you said Friday
        no
        two thirty
        go back
        yes, book it""",
        "11-25 15:00",
    ),
    Script(
        "two want the same time",
        (
            Caller("ann", ("Tuesday at ten", "yes", "~ the first one", "~ yes")),
            Caller("bob", ("Tuesday at ten", "yes", "~ the first one", "~ yes")),
        ),
        (("ann", "11-24 10:00"), ("bob", "11-24 09:30")),
        is_race=True,
    ),
    Script(
        "five want the same time and give in",
        tuple(
            Caller(name, ("Friday at nine", "yes", "~ never mind"))
            for name in ("ann", "bob", "cleo", "dan", "eve")
        ),
        (("ann", "11-20 09:00"),),
        is_race=True,
    ),
)
