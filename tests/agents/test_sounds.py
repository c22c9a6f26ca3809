"""Questions that were misheard are found by their sound, and no others."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from antiphon.agent.definition import Agent, Question
from antiphon.agents.hearing.index import SoundIndex, names
from antiphon.agents.hearing.sounds import sounds
from antiphon.agents.tutor.asking import worked_out
from antiphon.agents.tutor.library import KNOWLEDGE, SUGGESTIONS
from antiphon.agents.tutor.mathematics import Solution, Unclear
from antiphon.agents.tutor.mathematics.repairs import repaired
from antiphon.agents.tutor.router import examples
from antiphon.providers.local_retrieval import read_notes

UNANSWERABLE = """
What was the Ottoman railway?
Who was Ivan the Terrible?
What was the Treaty of Tordesillas?
When was the Battle of Lepanto?
What was the Hanseatic League?
Who was Simon Bolivar?
Who was Otto the Great?
What was the Congress of Vienna?
Who was Metternich?
When was the Battle of Austerlitz?
What was the Thirty Tyrants regime?
Who was Pericles?
What was the Delian League?
Who was Cicero?
What was the Second Punic War about?
Who was Vercingetorix?
Who was Scipio?
What was the Edict of Milan?
Who was Theodora?
What was the Fourth Crusade?
Who was Frederick Barbarossa?
What was the Investiture Controversy?
Who was Eleanor of Aquitaine?
What was the Battle of Crecy?
When was the Battle of Poitiers?
Who was Henry the Fifth?
Who was Edward the Confessor?
What was the Statute of Labourers?
Who was Thomas More?
Who was Thomas Wolsey?
What was the Pilgrimage of Grace?
Who was John Knox?
What was the Edict of Nantes?
Who was Cardinal Richelieu?
What was the Peace of Westphalia?
Who was Gustavus Adolphus?
What was the Northern War?
Who was Robert Walpole?
What was the South Sea Bubble?
Who was Bonnie Prince Charlie's mother?
What was the Seven Years War?
Who was Frederick the Great?
What was the Pugachev rebellion?
Who was Toussaint's general?
What was the Louisiana Purchase?
Who was Andrew Jackson?
What was the Monroe Doctrine?
Who was Garibaldi's wife?
What was the Paris Commune?
What was the Dreyfus affair?
Who was Cecil Rhodes?
What was the Boxer Rebellion?
What was the Battle of Jutland?
Who was Ataturk?
What was the Kellogg-Briand Pact?
Who was Franco's successor?
What was the Battle of Midway?
What was the Yalta Conference?
Who was Tito?
What was the Prague Spring?
What was the Bay of Pigs?
Who was Salvador Allende?
What was the Iran-Iraq War?
Who was Pol Pot?
What is a villanelle?
What is a sestina?
What is chiasmus?
What is a spondee?
What is synecdoche?
What is metonymy?
What is litotes?
What is a zeugma?
What is a kenning?
What is an epigram?
What is a dangling preposition?
What is the dative case?
What is a diphthong?
What is a schwa?
What is a glottal stop?
Who wrote Ulysses?
Who wrote Moby Dick?
Who was Virginia Woolf?
What is The Waste Land about?
Who was Geoffrey Chaucer?
What happens in King Lear?
What happens in Twelfth Night?
What is Dracula about?
Who was Thomas Hardy?
What is Middlemarch about?
What is the Odyssey about?
Who was John Milton?
What is Paradise Lost?
Who was William Blake?
What is the theme of Ozymandias?
What does pernicious mean?
What does obstinate mean?
What does lugubrious mean?
What does candid mean?
What does diligent mean?
Explain a mortgage.
Explain a mitochondrion.
Explain a semiconductor.
Who was the first woman prime minister of India?
Who won the World Cup?
What is the capital of Rome's country?
What is a black hole?
What is a noun phrase in Latin?
How do bees make honey?
Why is the sky blue?
Why do cats purr?
What is an atom?
Who was the first man to climb Everest?
When was the telegraph laid?
How do I use a comma in French?
Why did the dinosaurs die?
What was the first car?
Who invented the bicycle?
Who discovered oxygen?
Who discovered radium first?
What is a prime number?
What is a polygon?
What is gravity?
What is inflation?
What is a virus?
What was the German Empire?
What was the Norman Empire?
What was the Korean Empire?
""".strip().splitlines()
"Real questions that no note answers, many of them chosen to sound like one that a note does answer."


@pytest.fixture(scope="module")
def index() -> SoundIndex:
    notes = [
        note for subject in ("history", "english") for note in read_notes(KNOWLEDGE / f"{subject}.jsonl")
    ]
    questions = [(question, at) for at, note in enumerate(notes) for question in note.questions]
    named = {name for note in notes for name in names(f"{note.text} {' '.join(note.questions)}")}
    return SoundIndex(questions, SUGGESTIONS, named)


def test_words_that_sound_alike_are_alike() -> None:
    assert sounds("knot a phone") == sounds("not afone")
    assert sounds("night") == sounds("knight")
    assert sounds("World War I") == sounds("world war one")
    assert sounds("1066") == sounds("ten sixty-six")


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("What was their own man empire?", "What was the Roman Empire?"),
        ("Explain whom that before", "Explain a metaphor."),
        ("Why did the Spanish are a modophile?", "Why did the Spanish Armada fail?"),
        ("Give me an example of an Anatapia.", "Give me an example of onomatopoeia."),
        ("He discovered pain-silling.", "Who discovered penicillin?"),
        ("When did Jane Ossen live?", "When did Jane Austen live?"),
    ],
)
def test_a_misheard_question_is_found(index: SoundIndex, heard: str, meant: str) -> None:
    found = index.heard(heard)
    assert found is not None
    assert found.question == meant


def test_what_no_note_answers_is_not_taken_for_what_sounds_like_it(index: SoundIndex) -> None:
    assert len([question for question in UNANSWERABLE if index.heard(question)]) <= 0.01 * len(UNANSWERABLE)


def test_other_subjects_and_small_talk_are_left_alone(index: SoundIndex) -> None:
    others = [text for text, label in examples() if label in ("other", "smalltalk", "person", "math")]
    assert not [text for text in others if index.heard(text)]


def test_a_name_or_a_number_is_never_taken_for_another() -> None:
    index = SoundIndex(
        [("Why did America join World War One?", 0), ("Who was the Roman emperor?", 1)], names={"german"}
    )
    assert index.heard("Why did America join World War Two?") is None
    assert index.heard("Who was the German emperor?") is None
    assert index.heard("Who was their own man emperor?") is not None


def test_two_questions_that_are_equally_near_are_none() -> None:
    index = SoundIndex([("What is a pun?", 0), ("What is a bun?", 1)])
    assert index.heard("What is a fun?") is None


def test_nothing_sounds_like_nothing(index: SoundIndex) -> None:
    assert index.heard("…") is None
    assert SoundIndex(()).heard("What is a pun?") is None


def test_a_look_up_takes_milliseconds(index: SoundIndex) -> None:
    begun = time.process_time()
    for question in UNANSWERABLE[:50]:
        index.heard(question)
    assert (time.process_time() - begun) / 50 < 0.02  # about 0.001 on an idle machine


@pytest.mark.parametrize(
    ("heard", "value", "said"),
    [
        ("What is twenty-five percent of a t?", "20", "25 percent of 80 is 20."),
        (
            "Saddle 2x squared plus 5x minus 3 equals 0.",
            "x = 1/2 or x = -3",
            "I take that as: solve 2x squared plus 5x minus 3 equals 0.",
        ),
        ("Saw of ex-squared minus five x plus six equals zero.", "x = 3 or x = 2", "I take that as: "),
        ("What is for T. Minus eight times two?", "24", "40 minus 8 times 2 is 24."),
        ("What is due to the power of ten?", "1024", "2 to the power of 10 is 1,024."),
        ("Sall for why minus eight equals twelve.", "y = 5", "I take that as: solve 4 y minus eight"),
        ("Factor X squared minus I.", "(x - 3)(x + 3)", ""),
        ("What is a it squared?", "64", "8 squared is 64."),
        ("What is the square route of one hundred and forty-four?", "12", "The square root of 144 is 12."),
        ("Differentiate excuse minus four acts.", "3x² - 4", "The derivative of x³ - 4x"),
    ],
)
def test_a_misheard_sum_is_worked_out_and_says_how_it_was_read(heard: str, value: str, said: str) -> None:
    assert not isinstance(worked_out(heard), Solution)
    found = repaired(heard, worked_out)
    assert isinstance(found, Solution)
    assert found.value == value
    assert found.sentences[0].startswith(said)


def test_a_sum_with_two_likely_readings_is_asked_back() -> None:
    found = repaired("What is ten percent of at?", worked_out)
    assert isinstance(found, Unclear)
    assert "80" in found.reason


def test_what_is_no_mathematics_is_not_mended() -> None:
    talk = [text for text, label in examples() if label != "math"] + UNANSWERABLE
    assert not [text for text in talk if not worked_out(text) and repaired(text, worked_out)]


@pytest.mark.models
@pytest.mark.parametrize(
    ("heard", "specialist", "answer"),
    [
        ("What was their own man empire?", "history", "The Roman Empire"),
        ("Explain whom that before", "english", "A metaphor"),
        ("What is twenty-five percent of a t?", "math", "25 percent of 80 is 20."),
    ],
)
def test_the_tutor_answers_what_was_meant(agent: Agent, heard: str, specialist: str, answer: str) -> None:
    async def ask() -> None:
        assert agent.router is not None
        route = await agent.router.route((), heard)
        assert route.specialist == specialist
        assert route.reason.startswith("sounds like: ")
        found = await agent.specialist(specialist).ground(Question(heard, route=route))
        assert found.sentences[0].startswith(answer)

    asyncio.run(ask())


def test_the_recordings_are_whole() -> None:
    lines = (
        (Path(__file__).parents[2] / "benchmarks" / "data" / "misheard.jsonl").read_text("utf-8").splitlines()
    )
    assert len(lines) == 910
