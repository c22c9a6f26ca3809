"""One concrete thing that would make a correct sentence better."""

from __future__ import annotations

import re
from collections import Counter

_WEAK = {
    "very good": "Instead of very good, try one strong word such as excellent.",
    "very big": "Instead of very big, try one strong word such as enormous.",
    "very small": "Instead of very small, try one strong word such as tiny.",
    "very happy": "Instead of very happy, try one strong word such as delighted.",
    "very sad": "Instead of very sad, try one strong word such as miserable.",
    "very tired": "Instead of very tired, try one strong word such as exhausted.",
    "very cold": "Instead of very cold, try one strong word such as freezing.",
    "very hot": "Instead of very hot, try one strong word such as scorching.",
    "very scared": "Instead of very scared, try one strong word such as terrified.",
    "very angry": "Instead of very angry, try one strong word such as furious.",
    "very": "You could make it stronger by replacing very and the word after it with one exact word.",
    "nice": "You could swap nice for an exact word, such as kind, pleasant or delicious.",
    "good": "You could swap good for an exact word, such as exciting, skilful or generous.",
    "bad": "You could swap bad for an exact word, such as harmful, gloomy or dreadful.",
    "big": "You could swap big for a more exact word, such as enormous or towering.",
    "a lot of": "Instead of a lot of, you could give a number or say plenty of or dozens of.",
    "lots of": "Instead of lots of, you could say many or plenty of, which suits an essay better.",
    "things": "Things is vague, so you could name what you really mean.",
    "thing": "Thing is vague, so you could name what you really mean.",
    "stuff": "Stuff is vague, so you could name what you really mean.",
    "got": "In an essay, you could replace got with an exact verb, such as received, became or caught.",
    "said": "You could vary said with a verb that shows how, such as whispered, replied or insisted.",
    "went": "You could replace went with a verb that shows how, such as hurried, wandered or raced.",
    "walked": "You could replace walked with a verb that paints a picture, such as strolled, marched "
    "or crept.",
    "ran": "You could replace ran with a verb that paints a picture, such as sprinted, dashed or bolted.",
    "looked": "You could replace looked with a verb that shows how, such as glanced, stared or peered.",
    "really": "You could leave out really, because the sentence is stronger without it.",
    "i think": "In an essay you can leave out I think, because the reader knows it is your view.",
}
_SMALL_WORDS = """
the a an and or but to of in on at for with from by as is are was were be been it he she they we i
you his her their my your our its that this these those not so if when because had has have do did
does will would can could there
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_LONG_WORDS = 28


def style_tip(sentence: str) -> str:
    """A spoken sentence with one idea for making `sentence` livelier or clearer."""
    low = re.sub(r"[^\w' ]", " ", sentence.lower())
    words = low.split()
    if len(words) > _LONG_WORDS:
        return "It is rather long, so you could split it into two sentences where you would take a breath."
    for word, count in Counter(w for w in words if w not in _SMALL and len(w) > 2).most_common(1):
        if count > 1:
            times = "twice" if count == 2 else "several times"
            return f"The word {word} comes {times}, so you could swap one for another word."
    if words.count("and") >= 3:
        return "There are many ands in it, so you could start a new sentence or use because, when or while."
    padded = f" {' '.join(words)} "
    for weak, tip in _WEAK.items():
        if f" {weak} " in padded:
            return tip
    if len(words) <= 5:
        return "To make it livelier, add a detail that says where, when or how it happens."
    if words[0] in {"i", "he", "she", "we", "they", "it"}:
        return "For variety, you could begin with the time or the place instead of the pronoun."
    if "because" not in words and "when" not in words:
        return "To make it richer, you could add a reason with because or a moment with when."
    return "To make it livelier, add one detail the reader can see, hear or smell."
