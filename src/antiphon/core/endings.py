"""Whether words are a whole utterance, by their grammar: a linear model of the last words and of the clause.

The weights are those of `endings_weights`, learned from whole utterances and their beginnings by
`benchmarks/train_completeness.py`. Marks of punctuation are hardly looked at: recognizers put a full stop
after every fragment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import exp

from antiphon.core.endings_weights import BIAS, WEIGHTS

_TOKEN = re.compile(r"[a-z0-9]+(?:['.,:@][a-z0-9]+)*%?|[.?!,]+")


def _classes(**lists: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in lists.items():
        for word in words.split():
            found.setdefault(word, name)
    return found


CLASS = _classes(
    HES="um uh er erm ah hmm hm mm uhm eh",
    NUM="zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "billion half",
    ORD="first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth thirtieth "
    "last next nearest",
    OP="plus minus times multiplied divided equals squared cubed percent cent over power factorial",
    ART="a an the my your our their every each whose another its",
    DEM="this that these those",
    SOME="some any many most few several no",
    MORE="more much all both enough less",
    HER="his her",
    SUB="i we they he she",
    OBJ="me him them us mine yours",
    YOU="you it",
    ONE="someone something anything anyone everything everyone nothing nobody myself yourself himself herself "
    "itself themselves here there everybody somebody else",
    CON="i'm you're he's she's it's that's there's we're they're what's who's where's how's when's why's i'll i'd "
    "i've we'll we'd we've you'll you'd you've they'll they've he'd she'd it'll let's here's there're that'll "
    "who'd gonna wanna gotta",
    BE="is are was were be been being am isn't aren't wasn't weren't ain't",
    HAVE="has had have haven't hasn't hadn't having",
    DO="do does did don't doesn't didn't",
    MOD="can could will would shall should may might must can't couldn't won't wouldn't shouldn't cannot",
    NOT="not never",
    WH="who what which where when why how whom",
    TO="to",
    PREP="of for from with at into onto between among by during since until without against towards toward like as "
    "than per including except via near behind beside beyond despite regarding upon whether",
    PART="in on up off out about over around down back away after before through across along inside outside "
    "under below above",
    CONJ="and or but nor so because although though unless if while whereas then",
    ADV="now today tomorrow yesterday tonight again already still just only really too also instead later soon "
    "together yet anymore online please thanks ever even quite very almost always often usually sometimes "
    "maybe perhaps twice once well much ago right exactly actually currently far long away so yes no okay",
    DAY="monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays "
    "saturdays sundays january february april june july august september october november december morning "
    "afternoon evening weekend week month year night noon midnight o'clock am pm hours minutes days weeks months "
    "years hour minute day",
    VT="want wants wanted need needs needed have get gets got make makes made take takes took give gives gave tell "
    "tells told find finds found bring brings brought put puts say says said buy buys bought send sends sent see "
    "sees saw keep keeps kept use uses show shows showed ask asks asked hear heard let lets mention include "
    "includes cause causes caused become becomes became prefer expect require requires receive received contain "
    "reach reached discover discovered discuss described describe describes invent invented wrote writes build "
    "built promise promised forget forgot forgotten lose lost bought brought add subtract multiply solve "
    "calculate find simplify expand factor factorise factorize convert divide round compare explain define "
    "spell teach mean means meant have book order cancel change check reset update understand return move replace fix "
    "confirm schedule reschedule remove delete repeat remind recommend think thinks thought believe know knows "
    "knew guess hope feel feels felt wonder wondering suppose sound sounds seem seems seemed look looks looked "
    "called named try tries tried trying looking calling using having getting making taking going call calls "
    "deliver produce pronounce press prefer paint sing clean improve affect measure count carry hold held pull push "
    "throw catch cut draw hit touch smell taste miss pass plant pour serve study survive win prove protect prevent "
    "raise reduce release repair represent respect reverse ride shake shut spend steal support swap sweep trust "
    "test train treat type wash waste weigh wrap attack avoid block borrow cover create cross damage defeat defend "
    "destroy develop divide earn edit enter examine export fetch fill form "
    "gain gather handle heat import "
    "influence install introduce invade kick lend lift list manage mark marry melt mix notice own obtain order "
    "pack perform persuade prepare print publish punish owe charge charged wear visit visits visited fight fought kill killed win won rule ruled lead led join "
    "joined love like likes liked hate enjoy accept offer provide pay pays paid speak talk read reads write "
    "correct translate summarise identify choose pick open opens opened close closes upload download share "
    "save print scan sign track locate park attend play plays start starts begin learn learned learnt",
    VI="go goes went gone come comes came work works worked happen happens happened die died live lives lived end "
    "ends ended begins began fall fell sleep sleeps slept arrive arrives arrived leave leaves left stop stops "
    "stopped sit stand stands run runs ran stay stayed stays wait waits help helps cost costs last lasts lasted "
    "sink sank crash crashes crashed break breaks broke fail fails failed grow grows grew exist exists live "
    "listen swim walk drive drives travel move turn log drink eat rain rains snow snows change spread rise rose "
    "dance sing sings cook bark bite cry laugh smile float bloom breathe erupt evolve migrate react rotate "
    "vary appear disappear collapse differ emerge freeze hibernate matter matters resign retire return shine",
    ADJ="good great fine bad best worst better worse new old big small large long short high low early late easy "
    "hard difficult different same other important famous free open ready sure wrong true false correct happy sad "
    "sorry available possible able cheap cheaper cheapest expensive big bigger biggest nice red blue green black "
    "white main whole full empty broken closed interested allergic afraid due busy slow fast quick hot cold warm "
    "safe clear common popular powerful strong weak rich poor young ancient modern american english french german "
    "british roman greek russian chinese japanese spanish italian egyptian civil final real simple active passive "
    "present past perfect private public general national local medical annual monthly prime equal average total "
    "own such certain left next favourite favorite married born urgent confused okay little",
)
FINITE = frozenset({"BE", "HAVE", "DO", "MOD", "VT", "VI", "VED", "CON"})
VERBAL = frozenset({"VT", "VI", "VED", "VING"})
LEADS = frozenset(
    "well so okay ok um uh er erm ah yes yeah yep no and but or actually sorry please hi hello hey oh right then "
    "alright hmm great thanks".split()
)
"Words before a clause that are no part of it."
ANSWERS = dict.fromkeys(("yes", "yeah", "yep", "no", "sorry"), "yn")
SUBORDINATE = frozenset("if when because after before while although though since unless until once".split())


def word_class(word: str) -> str:
    """The class by which an unknown word is judged: by list, else by its form."""
    known = CLASS.get(word)
    if known:
        return known
    if word[0].isdigit():
        return "NUM" if word[-1].isdigit() or word[-1] == "%" else "NUMX"
    if len(word) == 1:
        return "LET"
    if "@" in word:
        return "MAIL"
    for ending, name in (("ing", "VING"), ("ed", "VED"), ("ly", "LY"), ("'s", "POSS"), ("ous", "ADJ")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return name
    for ending in ("ful", "ive", "able", "ible", "less", "ish", "ical", "ian", "ese"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return "ADJ"
    return "NS" if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else "N"


def clause_of(text: str) -> tuple[list[str], bool, str]:
    """The words of the last clause, lower case; whether a comma parts it in two; yes, no or nothing before it.

    A clause begins after a mark that ends sentences, unless so little follows that it belongs to what was before.
    """
    tokens = _TOKEN.findall(text.lower().replace("’", "'"))
    while tokens and tokens[-1][0] in ".?!,":
        tokens.pop()
    starts = [at + 1 for at, token in enumerate(tokens) if token[0] in ".?!"]
    start = next((at for at in reversed(starts) if len(tokens) - at >= 3), 0)
    tokens = tokens[start:]
    has_comma = "," in tokens[1:]
    words = [token for token in tokens if token[0] not in ".?!,"]
    answer = ""
    while len(words) > 1 and words[0] in LEADS:
        answer = ANSWERS.get(words.pop(0), answer)
    return words, has_comma, answer


def features(text: str) -> Iterator[str]:
    """The names of what is true of the words; each may have a weight."""
    words, has_comma, answer = clause_of(text)
    if not words:
        return
    classes: list[str] = []
    kept: list[str] = []
    for word in words:
        # After an operation, recognizers hear four as "for" and two as "to".
        name = "NUM" if classes[-1:] == ["OP"] and word in ("for", "to", "too") else word_class(word)
        if name == "NUM" and classes and classes[-1] == "NUM":
            kept[-1] = word
            continue
        classes.append(name)
        kept.append(word)
    c = ["^", "^", "^", *classes]
    w = ["^", "^", *kept]
    size = len(kept)
    length = str(min(size, 7))
    c1, c2, c3, c4 = c[-1], c[-2], c[-3], c[-4]
    yield f"w{w[-1]}"
    yield f"v{w[-2]}_{w[-1]}"
    yield f"x{c2}_{w[-1]}"
    yield f"y{w[-2]}_{c1}"
    yield f"u{w[-3]}_{w[-2]}_{c1}"
    yield f"a{c1}"
    yield f"b{c2}_{c1}"
    yield f"c{c3}_{c2}_{c1}"
    yield f"d{c4}_{c3}_{c2}_{c1}"
    yield f"l{length}"
    yield f"m{length}_{c1}"
    first, second = kept[0], kept[1] if size > 1 else "^"
    yield f"f{first}_{length}"
    yield f"g{first}_{c1}"
    yield f"h{first}_{second}_{c1}"
    yield f"i{first}_{second}_{min(size, 5)}"
    if answer:
        yield f"yn_{min(size, 4)}_{c1}"
        yield f"yn_{c2}_{c1}"
    yield from _structure(kept, classes, has_comma)


def _structure(kept: list[str], classes: list[str], has_comma: bool) -> Iterator[str]:
    """What the clause has and lacks: its verbs, the second half of what was begun."""
    c1 = classes[-1]
    verbs = [at for at, name in enumerate(classes) if name in VERBAL]
    finite = _finite(classes)
    kinds = ["s"]
    if classes[0] == "WH":
        auxiliary = next((name for name in classes[1:4] if name in ("DO", "BE", "HAVE", "MOD")), "x")
        kinds = [f"q{auxiliary}", f"q{kept[0]}{auxiliary}"]
    elif classes[0] in ("DO", "BE", "HAVE", "MOD"):
        kinds = [f"o{classes[0]}"]
    elif kept[0] in SUBORDINATE:
        kinds = ["sub"]
    elif classes[0] in ("VT", "VI"):
        kinds = ["imp"]
    after_verb = min(len(kept) - 1 - verbs[-1], 3) if verbs else "x"
    after_finite = min(len(kept) - 1 - finite[-1], 3) if finite else "x"
    for kind in kinds:
        yield f"k{kind}_{min(len(verbs), 2)}_{after_verb}"
        yield f"n{kind}_{min(len(finite), 2)}_{c1}"
        yield f"p{kind}_{after_finite}_{c1}"
        yield f"r{kind}_{min(len(verbs), 2)}_{c1}"
    yield f"o{min(len(finite), 3)}_{c1}"
    if kept[0] in SUBORDINATE:
        yield f"sub_{has_comma}_{min(len(finite), 3)}"
        yield f"sub_{min(len(finite), 3)}"
    inner = next((at for at in range(len(kept) - 1, 0, -1) if _opens(kept[at], classes[at])), 0)
    if inner:
        opener = "WH" if classes[inner] == "WH" else kept[inner]
        clauses = min(len(_finite(classes[inner + 1 :])), 2)
        yield f"e{kept[inner]}_{clauses}_{c1}"
        yield f"j{opener}_{clauses}"
        yield f"t{opener}_{clauses}_{min(len(kept) - 1 - inner, 4)}"
    if "between" in kept and "and" not in kept[kept.index("between") :]:
        yield "open_between"
    if kept[0] in ("solve", "expand", "factor", "simplify", "factorise") and "equals" not in kept:
        yield f"math_{kept[0]}_{c1}"
    if has_comma:
        yield f"comma_{c1}"


def _finite(classes: list[str]) -> list[int]:
    """Where a clause may have its verb: not after "to", nor after an auxiliary it belongs to."""
    helpers = ("TO", "MOD", "DO", "HAVE", "BE", "NOT")
    return [
        at
        for at, name in enumerate(classes)
        if name in FINITE and not (at and name in VERBAL and classes[at - 1] in helpers)
    ]


def _opens(word: str, name: str) -> bool:
    """A clause within the clause may begin with this word."""
    return name == "WH" or word in SUBORDINATE or word in ("that", "whether")


def wholeness(text: str) -> float:
    """P(the words are a whole utterance), by the words alone; 0.5 for none."""
    score, some = BIAS, False
    for name in features(text):
        score += WEIGHTS.get(name, 0.0)
        some = True
    return 1 / (1 + exp(-max(-20.0, min(20.0, score)))) if some else 0.5
