"""What callers say, hum and cough over an agent's voice, in two halves.

What is tuned is tuned on the half `TUNED`; the suite measures the half `HELD`, which was written afterwards and
has no line, and no seed of a noise, in common with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from antiphon.bench.timeline import Act

TUNED, HELD = "tuned", "held"


@dataclass(frozen=True, slots=True)
class Interjection:
    """One of them. `noise` names what is made instead of words; `seed` makes it unlike others of its kind."""

    half: str
    act: Act
    text: str
    noise: str = ""
    seed: int = 0


_WORDS = {
    TUNED: {
        Act.TURN: (
            "Wait, I meant the other one.|Stop.|No, that is not what I asked.|Hold on a second.|"
            "Actually, can we talk about something else?|Excuse me, I have a question.|Can you say that again?|"
            "What about the second one?|Sorry, one thing.|Let me stop you there.|That is wrong, I said Monday.|"
            "Hang on, I did not get that.|Okay, but what does it cost?|Please be quiet for a moment.|"
            "I would rather do it tomorrow.|Could you speak more slowly?|Never mind that.|How long will it take?"
        ),
        Act.BACKCHANNEL: (
            "Mhm.|Uh-huh.|Yeah.|Okay.|Right.|I see.|Mm.|Oh, okay.|Yep.|Sure.|Aha.|All right.|Oh, I see.|Got it.|"
            "Yes, yes.|Really?"
        ),
        Act.TIC: "Um.|Uh.|Er.|Hm.",
        Act.ASIDE: (
            "Not now, I am on the phone.|Put it on the table, please.|Close the door, it is cold.|"
            "I will be there in five minutes.|No, the blue one is yours.|Did you feed the cat?|"
            "Coffee, please, with milk.|Mum, I am talking to somebody.|It is in the kitchen, on the left.|"
            "Thanks, just leave it there.|Turn the radio down, will you?|We are having dinner at seven.|"
            "She is in the garden, I think.|Give me the keys, please."
        ),
    },
    HELD: {
        Act.TURN: (
            "I have to interrupt you.|Not Tuesday, Thursday.|Can we start over?|Which one was cheaper?|"
            "Wait a minute, please.|You got my name wrong.|Skip that part.|Enough, thank you.|"
            "Is it open on Sunday?|Actually, forget it."
        ),
        Act.BACKCHANNEL: (
            "Mm-hm.|Ah, okay.|Yes.|Of course.|Good.|I know.|That's right.|Oh, great.|Fine.|Wow."
        ),
        Act.TIC: "Erm.|Ahem.",
        Act.ASIDE: (
            "Leave the window open, love.|Not on the sofa, please.|Your father is at work.|Two sugars for me.|"
            "Take the dog out, would you?|It starts at eight, I believe.|Ask your sister.|"
            "There is some bread left."
        ),
    },
}
_NOISES = (("cough", Act.TIC), ("throat", Act.TIC), ("knock", Act.NOISE))
_SEEDS = {TUNED: (0, 1, 2, 3, 10, 11, 12, 13), HELD: (40, 41, 42, 43)}


def interjections(half: str) -> Iterator[Interjection]:
    """All of that half."""
    for act, texts in _WORDS[half].items():
        for text in texts.split("|"):
            yield Interjection(half, act, text)
    for name, act in _NOISES:
        for seed in _SEEDS[half]:
            yield Interjection(half, act, f"({name})", name, seed)
