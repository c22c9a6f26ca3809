"""The steps of a booking, as data."""

from __future__ import annotations

from antiphon.agent.flow import EXHAUSTED, Flow, Slot, Step, Transition

ABANDON, RESTART, CONFIRMED, GONE = "abandon", "restart", "confirmed", "gone"

BOOKING = Flow(
    name="booking",
    slots=(Slot("date", "the day of the appointment"), Slot("time", "when it begins")),
    start="greeting",
    fallback="fallback",
    steps=(
        Step("greeting", transitions=(Transition("date"),)),
        Step(
            "date",
            prompts=(
                "Which day would you like?",
                "Sorry, which day was that?",
                "Could you tell me the day once more, for example Tuesday, or the tenth of December?",
            ),
            collects=("date",),
            transitions=(Transition("time", needs=("date",)),),
        ),
        Step(
            "time",
            prompts=(
                "At what time?",
                "Sorry, what time was that?",
                "Could you say the time again, for example half past nine, or three in the afternoon?",
            ),
            collects=("time",),
            transitions=(Transition("confirmation", needs=("time",)),),
        ),
        Step(
            "confirmation",
            prompts=(
                "Shall I book it?",
                "I'd like to be sure. Shall I book it, yes or no?",
                "Please say yes and I'll book it, or tell me what to change.",
            ),
            transitions=(
                Transition("booked", on=CONFIRMED, needs=("date", "time")),
                Transition("time", on=GONE, clears=("time",)),
            ),
        ),
        Step(
            "fallback",
            prompts=(
                "I'm sorry, I don't follow. A day and a time are all I need, such as Tuesday at half past nine.",
                "I still don't follow. Say a day, say a time, or say forget it.",
            ),
            transitions=(Transition("handed over", on=EXHAUSTED),),
            retries=1,
        ),
        Step("booked", prompts=("You're booked.",)),
        Step("abandoned", prompts=("All right, I've booked nothing.",)),
        Step("handed over", prompts=("I can't make out what you need, so I'll ask a person to help.",)),
    ),
    anywhere=(
        Transition("abandoned", on=ABANDON, clears=("date", "time")),
        Transition("date", on=RESTART, clears=("date", "time")),
    ),
)
