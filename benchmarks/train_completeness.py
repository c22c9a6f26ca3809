"""Learn `core/endings_weights.py`: which words are a whole utterance and which only the beginning of one.

    python benchmarks/train_completeness.py [--check]

Whole utterances: the tutor's questions, the phrasings of the mathematics tests, `data/caller_sentences.txt`,
`data/general_sentences.txt` with its slots filled, and what the grammar of `made_sentences` makes. Beginnings:
those of their first words that are no whole utterance themselves. None of the sentences of
`data/pause_sentences.txt` is used. `--check` reports on a fifth of the utterances, held out.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from base64 import b85encode
from collections import defaultdict
from pathlib import Path

import numpy as np
from made_sentences import made
from numpy.typing import NDArray

from antiphon.core.endings import clause_of, features, word_class

HERE = Path(__file__).parent
ROOT = HERE.parent
TARGET = ROOT / "src" / "antiphon" / "core" / "endings_weights.py"
SEED = 5
SEEN_AT_LEAST = 4.0
"Weight of examples that must show a feature."
MADE = 1500
"Utterances of the grammar of `made_sentences`."
DECAY = 1.0
"L2 penalty on each weight."
KNOWN_FRAME = 6.0
"Weight of whole utterances that make a frame one of whole questions."
EASED = 0.3
MOST = 7500
"Weights: with a third of them a fifth more of the beginnings pass for whole."

ASKS = frozenset("who what where when why how which is are was were do does did".split())
FRAME = ASKS | frozenset(
    "a an the my your to of in on at for from with can could would i you we they he she it and or but if that me not "
    "have has had be been about so just".split()
)
"Words that are kept where an utterance is compared by its frame."

HEAD = '''"""What `benchmarks/train_completeness.py` has learned for `endings`. Written by it; never edited.

`zlib.decompress(b85decode(_TABLE))` reads: each weight, then the names of the features that have it.
"""

from __future__ import annotations

import zlib
from base64 import b85decode

'''
TAIL = """

def _weights() -> dict[str, float]:
    weights, weight = {}, 0.0
    for item in zlib.decompress(b85decode("".join(_TABLE.split()))).decode().split():
        if item[0] in "+-":
            weight = float(item)
        else:
            weights[item] = weight
    return weights


WEIGHTS = _weights()
"""


SLOTS = {
    "name": "Sam|Maria|Anna|John|David|Emma|Priya|Omar|Lucy|Peter|Mr Brown|Doctor Lee",
    "surname": "Green|Jones|Patel|Smith|Garcia|Brown|Miller|Novak|O'Brien|Lee",
    "company": "Acme|Northwind|the bank|the library|Globex|the school",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|tomorrow|next week|next Monday|the weekend",
    "time": "three|four o'clock|half past nine|10 a.m.|two thirty|6:15|seven|noon|3 pm|eleven|a quarter past five",
    "hour": "one|two|three|six|nine|ten|eleven",
    "ordinal": "first|second|third|fourth|fifth|tenth|twelfth|twenty-first|last",
    "month": "January|March|May|June|August|October|November|December",
    "year": "1914|1066|nineteen forty-five|the 1960s|2019|1492|seventeen eighty-nine",
    "place": "London|Paris|Berlin|the station|the city centre|France|America|Madrid|the airport|New York|Egypt",
    "num": "2|three|four|12|twenty-five|80|seven|six|144|nine|5|two hundred|15|10|twenty|3.5|ninety|one",
    "digits": "555 012 3456|five five five one two three four|4 7 2 9 1 5|07700 900 123|eight zero three three",
    "var": "x|y|x|n",
    "adj": "wrong|ready|too late|free|expensive|broken|red|important|difficult|new|open|closed|cheaper|late|small|good"
    "|available|empty|slow|different|famous|cold|long|earlier|happy|correct|dangerous|powerful|heavy|strange|loud|blue|quiet|clear|bigger|smaller|better|worse|perfect|sick"
    "|confusing|boring|interesting|delicious|dirty|complete|ancient|modern|local|cheap|full|busy|lost|missing|damaged"
    "|cancelled|delayed|finished|married|hungry|tired|afraid|poor|rich|noisy|broken|frozen|incomplete|useful",
    "adv": "later|tomorrow|earlier|slowly|again|now|today|instead|more slowly|on Friday",
    "noun": "appointment|account|password|invoice|order|booking|card|number|teacher|homework|sentence|book|phone"
    "|email|bill|app|room|ticket|plan|king|war|verb|essay|answer|computer|car|dog|doctor|table|letter|subscription"
    "|address|reservation|screen|question|chapter|flight|language|river|school|treaty|poem|fraction|train|printer"
    "|delivery|guitar|planet|museum|parcel|meeting|manager|update|website|garden|kitchen|battery|passport|exam"
    "|neighbour|mother|brother|boss|cat|window|camera|contract|bicycle|hospital|empire|island|mountain|engine"
    "|button|cell|heart|novel|paragraph|triangle|equation|temperature|experiment|revolution|president|queen|bridge"
    "|insurance|membership|shop|garage|shirt|cable|charger|headset|keyboard|recipe|menu|breakfast|dinner|concert",
    "nouns": "tickets|rooms|people|questions|books|apples|soldiers|students|nouns|verbs|dogs|nuts|eggs|seats|kings"
    "|fractions|invoices|tables|children|men|whales|numbers|castles|fractions|magnets|plants|volcanoes|birds|cells|planets|restaurants|parcels|songs"
    "|stairs|shoes|trousers|glasses|photos|messages|files|contracts|flowers|batteries|triangles|farmers|workers"
    "|slaves|ships|rules|words|letters|paragraphs|accents|stars|trees|children|parents|colleagues|keys",
    "thing": "an appointment|a room|a table|a noun|a haircut|the invoice|a new card|photosynthesis|the Cold War"
    "|the Roman Empire|a metaphor|a coffee|two tickets|a meeting|my password|the first question|a taxi|gravity"
    "|a larger size|the blue one|a refund|a receipt|a simile|a window seat|democracy|this problem",
    "verb": "use|change|cancel|open|find|move|fix|read|write|pay|send|start|check|learn|visit|book|call|sell|build"
    "|return|understand|explain|download|buy|finish|repeat|clean|divide|remember|update|produce|deliver|press|pronounce"
    "|prepare|arrange|carry|clean|replace|print|create|destroy|defeat|support|paint|test|improve|install|measure"
    "|charge|protect|hold|bring|keep|lose|sign|count|describe|compare|spell|draw|cook|eat|catch|invent|discover",
    "vi": "work|stop|happen|end|start|fail|break|fall|leave|arrive|change|move|grow|collapse|die|survive|freeze|sink"
    "|disappear|explode|win|begin|matter|help|melt|swim|fly",
    "ving": "checking|changing|sending|opening|explaining|moving|repeating",
}
OPENINGS = (
    "okay, ",
    "um, ",
    "well, ",
    "so ",
    "hi, ",
    "yes, ",
    "and ",
    "please ",
    "I have a question. ",
    "no, ",
)
MISHEARD = {
    "a": "uh",
    "an": "and",
    "to": "too",
    "for": "four",
    "of": "off",
    "in": "and",
    "two": "to",
    "is": "as",
}
"What a small recognizer makes of a short word at the end."


def normal(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def is_number(text: str) -> bool:
    words = normal(text).split()
    return bool(words) and all(word_class(word) == "NUM" for word in words)


def filled(template: str, rng: random.Random) -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: rng.choice(SLOTS[slot[1]].split("|")), template)


def utterances(rng: random.Random) -> list[list[str]]:
    """Each a list of parts: the first alone, the first two, … are whole utterances."""
    found: list[list[str]] = []
    for file in sorted((ROOT / "src/antiphon/agents/tutor/knowledge").glob("*.jsonl")):
        for line in file.read_text().splitlines():
            entry = json.loads(line)
            found += [[text] for text in entry.get("questions", [entry["text"]] if "label" in entry else [])]
        if file.stem in ("history", "english"):
            stated = [
                re.split(r"(?<=[.?!]) ", json.loads(line)["text"]) for line in file.read_text().splitlines()
            ]
            found += [[text] for texts in stated for text in texts[:2] if len(text.split()) <= 14]
    phrasings = (ROOT / "tests/agents/mathematics_phrasings.py").read_text()
    found += [[text] for text in re.findall(r'^    \("([^"]+)", "', phrasings, re.MULTILINE)]
    for line in (HERE / "data/general_sentences.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            slots = line.count("{")
            for _ in range((1, 5, 8, 10)[min(slots, 3)]):
                found.append([part.strip() for part in filled(line, rng).split(" / ")])
    found += made(MADE, rng)
    spoken = [
        line for line in (HERE / "data/caller_sentences.txt").read_text().splitlines() if line[0] != "#"
    ]
    found += [[part.strip() for part in line.split(" / ")] for line in spoken]
    tested = {
        normal(re.sub(r"[|+]", " ", line))
        for line in (HERE / "data/pause_sentences.txt").read_text().splitlines()
    }
    unique = {normal(" ".join(parts)): parts for parts in found}
    return [parts for text, parts in unique.items() if text and text not in tested]


Example = tuple[str, int, float]


def prefix_weight(words: list[str], size: int) -> float:
    """How sure it is that the first `size` of `words` ask for more."""
    following = word_class(normal(words[size]).split(" ")[0] or "x") if normal(words[size]) else "N"
    clause, *_ = clause_of(" ".join(words[:size]))
    last = word_class(clause[-1]) if clause else "N"
    nominal = last in ("N", "NS", "ADV", "ONE", "OBJ", "YOU", "DAY", "LY", "NUM", "VING", "VED", "ADJ", "VI")
    if nominal and following in ("PREP", "PART", "CONJ", "ADV", "WH", "LY", "TO") and size > 2:
        return 0.3
    if last in ("N", "ADJ", "NS", "NUM") and following in ("N", "NS", "NUM"):
        # Names and compounds: nobody pauses in them, and their first word may be all there is.
        return 0.3
    return 1.0


def examples(parts_of: list[list[str]], whole: set[str], rng: random.Random) -> list[Example]:
    out: list[Example] = []
    for parts in parts_of:
        text = " ".join(parts)
        words = text.split()
        opening = rng.choice(OPENINGS) if rng.random() < 0.2 else ""
        for count in range(1, len(parts) + 1):
            out.append((opening + " ".join(parts[:count]), 1, 2.0 if count == len(parts) else 1.0))
        if rng.random() < 0.1 and len(words[-1]) > 5:
            out.append((" ".join([*words[:-1], words[-1][: rng.randint(3, len(words[-1]) - 1)]]), 1, 0.7))
        beginnings: list[Example] = []
        for size in range(1, len(words)):
            prefix = " ".join(words[:size])
            inside_number = is_number(words[size - 1]) and is_number(words[size])
            if normal(prefix) in whole or is_number(prefix) or inside_number:
                # A number alone may begin a sum or be the whole answer; "two" of "two hundred" looks whole.
                continue
            weight = prefix_weight(words, size)
            beginnings.append((opening + prefix, 0, weight))
            last = normal(words[size - 1])
            if last in MISHEARD and size > 1 and rng.random() < 0.3:
                beginnings.append((opening + " ".join([*words[: size - 1], MISHEARD[last]]), 0, 0.5))
        total = sum(weight for *_, weight in beginnings)
        out += [(text, label, weight * min(1.0, 3.5 / total)) for text, label, weight in beginnings]
    return out


def frame(text: str) -> str:
    """The last clause of the text with its content words replaced by their classes."""
    words, *_ = clause_of(text)
    named = [word if word in FRAME else word_class(word) for word in words]
    return " ".join(
        name for name, before in zip(named, ["", *named], strict=False) if (name, before) != ("NUM", "NUM")
    )


def eased(made: list[Example]) -> list[Example]:
    """The beginnings that are made as whole questions are count for less.

    "What is twelve times fifteen" begins longer sums, but hardly anyone pauses there who has more to say.
    """
    whole: defaultdict[str, float] = defaultdict(float)
    for text, label, weight in made:
        whole[frame(text)] += weight * label

    def is_question(text: str) -> bool:
        words, *_ = clause_of(text)
        return len(words) >= 3 and words[0] in ASKS

    return [
        (text, label, weight)
        if label or whole[frame(text)] < KNOWN_FRAME or not is_question(text)
        else (text, label, weight * EASED)
        for text, label, weight in made
    ]


def fit(made: list[Example]) -> tuple[float, dict[str, float]]:
    """Logistic regression of few weights: those that moved most are learned again without the rest."""
    seen: defaultdict[str, float] = defaultdict(float)
    named = [list(dict.fromkeys(features(text))) for text, _, _ in made]
    for names, (_, _, weight) in zip(named, made, strict=True):
        for name in names:
            seen[name] += weight
    kept = [name for name, count in seen.items() if count >= SEEN_AT_LEAST]
    bias, weights = descended(named, made, kept)
    for most in (2 * MOST, MOST):
        kept.sort(key=lambda name: -abs(weights[name]) * seen[name] ** 0.5)
        bias, weights = descended(named, made, kept := kept[:most])
    rounded = {name: round(weight, 1) for name, weight in sorted(weights.items())}
    return round(bias, 2), {name: weight for name, weight in rounded.items() if weight}


def descended(named: list[list[str]], made: list[Example], kept: list[str]) -> tuple[float, dict[str, float]]:
    """The bias and the weights of `kept`, by Adam over all examples at once."""
    index = {name: at for at, name in enumerate(kept)}
    row = np.array([at for at, names in enumerate(named) for name in names if name in index])
    column = np.array([index[name] for names in named for name in names if name in index])
    label = np.array([label for _, label, _ in made], float)
    weight = np.array([weight for *_, weight in made])
    theta: NDArray[np.float64] = np.zeros(len(index) + 1)
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, 401):
        score = theta[-1] + np.bincount(row, theta[column], len(made))
        error = weight * (1 / (1 + np.exp(-score)) - label)
        slope = np.append(np.bincount(column, error[row], len(index)) + DECAY * theta[:-1], error.sum())
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        theta -= 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return float(theta[-1]), {name: float(theta[at]) for name, at in index.items()}


def report(bias: float, weights: dict[str, float], held: list[Example]) -> None:
    def score(text: str) -> float:
        return bias + sum(weights.get(name, 0.0) for name in features(text))

    whole = np.array([score(text) for text, label, _ in held if label])
    begun = [(score(text), weight) for text, label, weight in held if not label]
    part, weight = np.array([s for s, _ in begun]), np.array([w for _, w in begun])
    print(f"{len(weights)} weights; held out: {len(whole)} whole, {len(part)} beginnings")
    for at in (0.0, 1.0, 2.0):
        passed = np.average(part > at, weights=weight)
        print(f"score > {at}: {np.mean(whole > at):.3f} of whole, {passed:.3f} of beginnings")


def write(bias: float, weights: dict[str, float]) -> None:
    """One table: each weight, then the names that have it; compressed to a quarter of its size."""
    names_of: defaultdict[float, list[str]] = defaultdict(list)
    for name, weight in weights.items():
        names_of[weight].append(name)
    table = "\n".join(f"{weight:+g} {' '.join(names)}" for weight, names in sorted(names_of.items()))
    packed = b85encode(zlib.compress(table.encode(), 9)).decode()
    rows = "\n".join(packed[at : at + 110] for at in range(0, len(packed), 110))
    TARGET.write_text(HEAD + f'BIAS = {bias}\n_TABLE = """\n{rows}\n"""\n' + TAIL)
    lines = TARGET.read_text().count("\n")
    print(
        TARGET.relative_to(ROOT), f"{len(weights)} weights, {TARGET.stat().st_size // 1000} kB, {lines} lines"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    rng = random.Random(SEED)
    found = utterances(rng)
    rng.shuffle(found)
    whole = {normal(" ".join(parts[:count])) for parts in found for count in range(1, len(parts) + 1)}
    fifth = len(found) // 5 if parser.parse_args().check else 0
    bias, weights = fit(eased(examples(found[fifth:], whole, rng)))
    if fifth:
        report(bias, weights, examples(found[:fifth], whole, rng))
    else:
        write(bias, weights)


if __name__ == "__main__":
    main()
