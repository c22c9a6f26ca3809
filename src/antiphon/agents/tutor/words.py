"""The words the grammar rules need to know: forms of verbs, numbers of nouns, degrees of adjectives."""

from __future__ import annotations

# base, simple past, past participle; only verbs whose forms pupils mix up or which do not take -ed.
_IRREGULAR = """
be was been|become became become|begin began begun|bite bit bitten|blow blew blown
break broke broken|bring brought brought|build built built|burst burst burst|buy bought bought
catch caught caught|choose chose chosen|come came come|cost cost cost|cut cut cut|do did done
draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed fed
feel felt felt|fight fought fought|find found found|fly flew flown|forget forgot forgotten
forgive forgave forgiven|freeze froze frozen|get got got|give gave given|go went gone
grow grew grown|hang hung hung|have had had|hear heard heard|hide hid hidden|hit hit hit
hold held held|hurt hurt hurt|keep kept kept|know knew known|lead led led|leave left left
lend lent lent|let let let|lie lay lain|lose lost lost|make made made|mean meant meant|meet met met
pay paid paid|put put put|read read read|ride rode ridden|ring rang rung|rise rose risen|run ran run
say said said|see saw seen|sell sold sold|send sent sent|set set set|shake shook shaken
shine shone shone|shoot shot shot|shut shut shut|sing sang sung|sink sank sunk|sit sat sat
sleep slept slept|speak spoke spoken|spend spent spent|stand stood stood|steal stole stolen
swear swore sworn|sweep swept swept|swim swam swum|take took taken|teach taught taught
tear tore torn|tell told told|think thought thought|throw threw thrown
understand understood understood|wake woke woken|wear wore worn|win won won|write wrote written
"""
IRREGULAR: dict[str, tuple[str, str]] = {
    base: (past, participle)
    for entry in _IRREGULAR.replace("\n", "|").split("|")
    if entry
    for base, past, participle in [entry.split()]
}

_REGULAR = """
add agree allow answer appear arrive ask bake bark believe belong borrow bounce call carry change
chase clean climb close collect complain cook cost cough count cry dance decide describe die
disagree discover discuss dream dress drop earn enjoy enter escape explain fail finish follow happen
hate help hope hug hunt invite join jump kick kill kiss knock laugh learn like listen live look love
miss move need offer open own paint pass play point practise prefer promise pull push rain reach
receive refuse remember repeat rush scream seem share shout smell smile snow spell start stay stop
study suggest swallow talk taste thank touch travel try turn use visit wait walk want wash watch
whisper wish wonder work worry yell
"""
REGULAR = frozenset(_REGULAR.split())
BASES = frozenset(IRREGULAR) | REGULAR


def third_person(base: str) -> str:
    """The he/she/it form of a base verb."""
    if base in {"be", "have", "do", "go"}:
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[base]
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def past(base: str) -> str:
    """The simple past of a base verb ("was" for be)."""
    if base in IRREGULAR:
        return IRREGULAR[base][0]
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    if base in {"stop", "drop", "hug", "prefer", "travel", "chat", "plan"}:
        return base + base[-1] + "ed"
    return base + "ed"


def ing(base: str) -> str:
    """The -ing form of a base verb."""
    if base in {"be", "see", "agree", "disagree"}:
        return base + "ing"
    if base in {"die", "lie"}:
        return base[0] + "ying"
    if base.endswith("e"):
        return base[:-1] + "ing"
    if base in _DOUBLING:
        return base + base[-1] + "ing"
    return base + "ing"


_DOUBLING_WORDS = """
begin cut drop forget get hit hug let plan prefer put run set shut sit stop swim travel win
"""
_DOUBLING = frozenset(_DOUBLING_WORDS.split())

BASE_OF_THIRD = {third_person(base): base for base in BASES}
PAST_ONLY = {p: base for base, (p, pp) in IRREGULAR.items() if p != pp and p not in BASES}
"Simple pasts that are never participles: went, saw, did …"
PARTICIPLE_ONLY = {
    pp: base for base, (p, pp) in IRREGULAR.items() if p != pp and pp not in BASES and base != "be"
}
"Participles that are never the simple past: gone, seen, done …"
PAST_OF = {past(base): base for base in BASES}

_LEGITIMATE_WORDS = """
seed sited wined leaded leaved hurted hanged flied shined lied putted singed fined
"""
_LEGITIMATE = frozenset(_LEGITIMATE_WORDS.split())


def _overregular(base: str) -> set[str]:
    forms = {base + "ed", base + base[-1] + "ed"}
    if base.endswith("e"):
        forms = {base + "d"}
    if base.endswith("y") and base[-2] not in "aeiou":
        forms = {base[:-1] + "ied"}
    return forms - _LEGITIMATE - {past(base)}


OVERREGULAR = {form: base for base in IRREGULAR if base != "be" for form in _overregular(base)}
"Past forms pupils make with -ed that do not exist: goed, catched, thinked."

_PEOPLE = """
actor artist aunt author baby boy brother bully captain child coach cousin dad daddy daughter doctor
driver farmer father firefighter friend girl girlfriend boyfriend grandad grandfather grandma
grandmother gran hero husband king lady lawyer man mother mum mummy mom neighbour neighbor nephew
niece nurse pilot player policeman prince princess principal prisoner pupil queen scientist sister
soldier son student stranger teacher tutor twin uncle wife witch woman writer
"""
_ANIMALS = """
animal bear bee bird butterfly cat chicken cow dinosaur dog dolphin donkey dragon duck elephant fox
frog giraffe goat hamster horse kitten lion monkey mouse owl parrot penguin pet pig pony puppy
rabbit rat shark snake spider squirrel tiger tortoise turtle whale wolf zebra
"""
_THINGS = """
answer apple area bag ball balloon banana bike bicycle biscuit boat book bottle box branch bridge
building bus cake camera car carrot chair church cinema city classroom clock cloud coat coin
computer country cup day desk door dress egg essay exam eye film finger fish flag flower game garden
gate gift glove hand hat hill hobby holiday house idea island jacket job joke jumper key kitchen
knife lake lamp laptop leaf leg lesson letter library machine map match message mistake mountain
movie museum neighborhood nose number office page painting park party pen pencil phone photo picture
plan planet plant plate problem programme question reason ring river road robot room rule sandwich
scarf school secret sentence shirt shoe shop skirt sock song spoon star station stone story storm
street subject sweet table tail test thing ticket tooth town toy train tree trip umbrella university
village wall wheel window word
"""
PEOPLE = frozenset(_PEOPLE.split())
ANIMALS = frozenset(_ANIMALS.split())
THINGS = frozenset(_THINGS.split())
SINGULAR = PEOPLE | ANIMALS | THINGS - {"fish"}
"Countable nouns in the singular."

_ODD_PLURALS = {
    "child": "children",
    "man": "men",
    "woman": "women",
    "policeman": "policemen",
    "mouse": "mice",
    "tooth": "teeth",
    "foot": "feet",
    "goose": "geese",
    "knife": "knives",
    "leaf": "leaves",
    "wife": "wives",
    "wolf": "wolves",
    "scarf": "scarves",
    "person": "people",
    "life": "lives",
    "hero": "heroes",
    "half": "halves",
    "loaf": "loaves",
}


def plural(noun: str) -> str:
    """The plural of a singular noun."""
    if noun in _ODD_PLURALS:
        return _ODD_PLURALS[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


PLURAL_OF = {plural(noun): noun for noun in SINGULAR | {"person", "foot", "goose", "life", "hour", "minute"}}

_NOT_PLURAL_WORDS = """
news maths physics series species lens gas bias atlas christmas canvas athletics gymnastics politics
economics measles mathematics electronics genetics diabetes chaos cosmos means headquarters
crossroads chess always perhaps does was has this his its as yes us thus plus sometimes hers ours
yours theirs besides towards afterwards james thomas chris texas paris wales dickens darkness else
less alias pancreas rabies mumps billiards dominoes draughts states nations netherlands philippines
olympics themselves ourselves yourselves is
"""
_NOT_PLURAL = frozenset(_NOT_PLURAL_WORDS.split())
_MEASURES_WORDS = """
pounds dollars euros pence cents miles kilometres kilometers metres meters years months weeks days
hours minutes seconds litres liters grams kilos percent degrees feet inches times points pages stone
tons tonnes
"""
_MEASURES = frozenset(_MEASURES_WORDS.split())


def is_plural(word: str) -> bool:
    """`word`, standing where a noun stands, is plural. Names, school subjects and the like are not."""
    word = word.lower()
    if word in PLURAL_OF or word in {"people", "police"}:
        return True
    if word in _NOT_PLURAL or len(word) < 4 or not word.endswith("s"):
        return False
    return not word.endswith(("ss", "us", "is", "'s"))


def is_measure(word: str) -> bool:
    """`word` measures: ten pounds *is* a lot, so many of it are one amount."""
    return word.lower() in _MEASURES


_ADJECTIVES = """
angry big bright busy cheap clean clever close cold cool dark deep dirty early easy fast fat
friendly funny great happy hard heavy high hot hungry kind large late lazy light long loud lovely
low lucky mean near new noisy old poor pretty quick quiet rich rude sad safe scary short shy silly
simple slow small smart soft strong sweet tall thick thin tiny tidy ugly warm weak wet wide wild
wise young
"""
ADJECTIVES = frozenset(_ADJECTIVES.split())


def _degrees(adjective: str) -> tuple[str, str]:
    if adjective.endswith("e"):
        return adjective + "r", adjective + "st"
    if adjective.endswith("y") and adjective[-2] not in "aeiou" and adjective != "shy":
        return adjective[:-1] + "ier", adjective[:-1] + "iest"
    if adjective in {"big", "fat", "hot", "sad", "thin", "wet"}:
        return adjective + adjective[-1] + "er", adjective + adjective[-1] + "est"
    return adjective + "er", adjective + "est"


COMPARATIVE = {a: _degrees(a)[0] for a in ADJECTIVES} | {"good": "better", "bad": "worse", "far": "further"}
SUPERLATIVE = {a: _degrees(a)[1] for a in ADJECTIVES} | {"good": "best", "bad": "worst", "far": "furthest"}
