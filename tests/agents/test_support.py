"""The support agent in conversation: whose account it is, what is heard before it is done, what is not known."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from antiphon.agent.definition import Agent, Ended, Grounding, Question
from antiphon.agent.guardrail import Allow, Verdict
from antiphon.agent.retrieval import Note
from antiphon.agent.routing import Route
from antiphon.agent.tools import ANYBODY, Person, ToolResult
from antiphon.agents.support import answers, plans, spoken
from antiphon.agents.support.articles import OUTSIDE, UNKNOWN, Articles, Support, near, read_articles, weigh
from antiphon.agents.support.demo import VISITOR, demo_account
from antiphon.agents.support.intents import SPECIALISTS, examples
from antiphon.agents.support.support import HELLO, support_agent
from antiphon.agents.support.talk import summary
from antiphon.bench.trials.retrieval import split
from antiphon.core.accounts import Account, Invoice
from antiphon.core.errors import CallerError
from antiphon.core.events import Role
from antiphon.core.transcript import Line
from antiphon.providers.local_minilm import MiniLM
from antiphon.providers.vectors import VectorCache
from antiphon.testing.desk import MemoryAccounts, MemoryKnowledge

TODAY = date(2026, 11, 21)
ANN = Person("ann", "acme", "Ann")


class Allowing:
    async def check_input(self, text: str) -> Verdict:
        return Allow()

    async def check_output(self, text: str) -> Verdict:
        return Allow()


@dataclass
class Talk:
    """One call, answered as a session would, but without its sound."""

    agent: Agent
    caller: Person = VISITOR
    lines: list[Line] = field(default_factory=list)
    memory: dict[str, object] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    awaited: str = ""
    last: Grounding = field(default_factory=Grounding)

    async def say(self, text: str) -> str:
        """What the agent answers."""
        router = self.agent.router
        assert router is not None
        if self.awaited:
            route = Route(self.awaited, 1.0, "it asked for this")
        else:
            route = await router.route(self.lines, text)
        question = Question(text, tuple(self.lines), route, dict(self.memory), self.caller, None, self.use)
        self.last = await self.agent.specialist(route.specialist).ground(question)
        self.memory |= self.last.memory
        self.awaited = route.specialist if self.last.expect else ""
        said = " ".join(self.last.sentences) or self.agent.unknown
        turn = len(self.lines) // 2 + 1
        self.lines += [Line(Role.USER, text, turn), Line(Role.AGENT, said, turn, speaker=route.specialist)]
        return said

    async def use(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        self.used.append(name)
        [tool] = [tool for tool in self.agent.tools if tool.name == name]
        try:
            return ToolResult(await tool.run(self.caller, arguments))
        except Exception as error:  # noqa: BLE001 - as the toolbox does
            return ToolResult(error=f"{name} failed: {error}")

    def interrupt(self) -> None:
        """Only the first words of the last answer were heard."""
        last = self.lines.pop()
        self.lines.append(Line(last.role, " ".join(last.text.split()[:4]), last.turn, True, last.speaker))

    async def hang_up(self) -> None:
        assert self.agent.remember is not None
        await self.agent.remember(Ended("s", self.caller, tuple(self.lines), self.memory))

    async def greeting(self) -> str:
        assert self.agent.greet is not None
        return await self.agent.greet(self.caller)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory):
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def parts(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory):
    """The models, loaded once for all calls."""
    encoder = MiniLM()
    cache = VectorCache(tmp_path_factory.mktemp("cache"))
    yield encoder, cache
    runner.run(encoder.close())


@pytest.fixture
def accounts() -> MemoryAccounts:
    return MemoryAccounts()


@pytest.fixture
def agent(runner: asyncio.Runner, parts: tuple[MiniLM, VectorCache], accounts: MemoryAccounts) -> Agent:
    encoder, cache = parts
    made = support_agent(encoder, Allowing(), cache, accounts, MemoryKnowledge(), today=lambda: TODAY)
    return runner.run(made)


def converse(runner: asyncio.Runner, talk: Talk, *lines: str) -> list[str]:
    async def story() -> list[str]:
        return [await talk.say(line) for line in lines]

    return runner.run(story())


# ---- plans -----------------------------------------------------------------------------------------------
@pytest.mark.models
def test_a_plan_is_changed_only_after_its_price_was_heard_and_agreed_to(runner, agent, accounts) -> None:
    talk = Talk(agent)
    [price] = converse(runner, talk, "Switch me to the Team plan.")
    assert price.endswith("That makes it forty-nine dollars a month from today. Shall I?")
    assert talk.used == ["get_account"] and not accounts.changes
    [done] = converse(runner, talk, "Yes, please.")
    assert done == "Done. You are on the Team plan from today, at forty-nine dollars a month."
    assert accounts.changes == [("plan team", "demo-larkboard")]


@pytest.mark.models
@pytest.mark.parametrize(
    "answer", ["No.", "Wait, no.", "Rather not.", "Yes, but not today.", "What is in it?", "Hm."]
)
def test_what_is_no_plain_yes_changes_nothing(runner, agent, accounts, answer: str) -> None:
    converse(runner, Talk(agent), "Upgrade me to Business.", answer)
    assert not accounts.changes


@pytest.mark.models
def test_a_yes_to_a_price_that_was_not_heard_is_no_yes(runner, agent, accounts) -> None:
    talk = Talk(agent)
    converse(runner, talk, "Upgrade me to Business.")
    talk.interrupt()
    [again] = converse(runner, talk, "Yes.")
    assert "one hundred and twenty-nine dollars" in again and not accounts.changes
    converse(runner, talk, "Yes.")
    assert accounts.changes == [("plan business", "demo-larkboard")]


@pytest.mark.models
def test_the_other_one_and_the_cheaper_one_are_understood_beside_what_was_proposed(runner, agent) -> None:
    talk = Talk(agent)
    _, business, team = converse(
        runner, talk, "I'd like to upgrade to Team.", "No, Business.", "The cheaper one."
    )
    assert "one hundred and twenty-nine" in business and "forty-nine dollars" in team


@pytest.mark.models
def test_a_smaller_plan_waits_for_the_end_of_what_is_paid(runner, agent, accounts) -> None:
    talk = Talk(agent)
    asked, done, now = converse(runner, talk, "Cancel my subscription.", "Yes, do it.", "Which plan am I on?")
    assert "the first of December" in asked and asked.endswith("Shall I cancel it?")
    assert done == "Done. You move to Free on the first of December, and until then nothing changes."
    assert "It changes to Free on the first of December." in now


@pytest.mark.models
def test_a_plan_that_is_too_small_is_not_offered(runner, agent, accounts) -> None:
    runner.run(accounts.put(ANN, Account("a", "team", people=9, renews_on=TODAY + timedelta(days=3))))
    talk = Talk(agent, ANN)
    said = converse(runner, talk, "Change my plan to Starter.", "Yes.")
    assert said[0].startswith("Starter is for up to five people, and you are nine.")
    assert not accounts.changes


@pytest.mark.models
def test_a_change_that_fails_is_told_and_so_is_that_nothing_changed(runner, agent, accounts) -> None:
    talk = Talk(agent)
    converse(runner, talk, "Switch me to Team.")
    accounts.is_away = True
    [said] = converse(runner, talk, "Yes.")
    assert said.startswith("I couldn't change it, so you are still on the plan you had.")
    assert not talk.memory.get("support.done")


# ---- invoices --------------------------------------------------------------------------------------------
@pytest.mark.models
def test_invoices_are_told_one_after_the_other(runner, agent) -> None:
    said = converse(
        runner, Talk(agent), "What was my last invoice?", "And the one before?", "And the one before that?",
        "And before that?", "What about October?", "Do I owe you anything?",
    )  # fmt: skip
    assert said[0].startswith("Your latest invoice is nineteen dollars for the Starter plan")
    assert "six days overdue" in said[0]
    assert "the second of October" in said[1] and "It is paid." in said[1]
    assert "the first of September" in said[2]
    assert said[3] == "There is none before that."
    assert "the second of October" in said[4]
    assert said[5].startswith("One invoice is open, over nineteen dollars.")


# ---- tickets ---------------------------------------------------------------------------------------------
@pytest.mark.models
def test_a_ticket_holds_the_callers_own_words_and_nothing_else(runner, agent, accounts) -> None:
    talk = Talk(agent)
    said = converse(
        runner, talk, "Open a ticket, please.", "The export of our boards ends with an error.", "Yes.",
        "Do I have any open tickets?",
    )  # fmt: skip
    assert said[0] == "What shall the ticket say? Tell me in a sentence."
    assert said[1] == "The ticket says: The export of our boards ends with an error. Shall I open it?"
    assert said[2].startswith("Done, it is ticket one thousand and one.")
    assert "The export of our boards ends with an error" in said[3]
    assert accounts.changes == [("ticket The export of our boards ends with an error", "demo-larkboard")]


@pytest.mark.models
def test_a_question_without_an_answer_can_become_a_ticket(runner, agent, accounts) -> None:
    talk = Talk(agent)
    said = converse(runner, talk, "Do you sell gift cards?", "A ticket, please.", "Yes, go ahead.")
    assert said[0] == UNKNOWN
    assert said[1] == "The ticket says: Do you sell gift cards. Shall I open it?"
    assert accounts.changes == [("ticket Do you sell gift cards", "demo-larkboard")]
    asked, _ = converse(runner, talk, "Do you connect to Salesforce?", "No, write a ticket.")
    assert asked.startswith("Is it about") or asked == UNKNOWN


# ---- articles --------------------------------------------------------------------------------------------
@pytest.mark.models
def test_an_answer_names_its_article(runner, agent) -> None:
    talk = Talk(agent)
    [said] = converse(runner, talk, "How do I download an invoice?")
    assert said.startswith("As our article on invoices says, every invoice is sent")
    assert talk.last.is_certain and talk.last.passages[0].id == "invoices"


@pytest.mark.models
def test_what_no_article_says_is_not_said_by_a_model_either(runner, agent) -> None:
    talk = Talk(agent)
    [said] = converse(runner, talk, "Do you sell gift cards?")
    assert said == UNKNOWN
    assert talk.last.is_certain and not talk.last.passages and not talk.last.sentences


@pytest.mark.models
def test_where_it_is_not_sure_it_asks(runner, agent) -> None:
    talk = Talk(agent)
    asked, told = converse(runner, talk, "My deadlines are missing from Outlook.", "The first one.")
    assert asked == "Is it about a calendar that does not update? Or about calendars?"
    assert told.startswith("As our article on a calendar that does not update says")
    _, refused = converse(runner, talk, "My deadlines are missing from Outlook.", "No, neither.")
    assert refused == UNKNOWN


@pytest.mark.models
def test_what_is_not_ours_is_left_alone(runner, agent) -> None:
    assert converse(runner, Talk(agent), "Will it rain tomorrow?") == [OUTSIDE]


@pytest.mark.models
def test_articles_in_the_store_follow_those_in_the_folder(runner, parts, tmp_path: Path) -> None:
    encoder, cache = parts
    knowledge = MemoryKnowledge()
    line = '{{"id": "{id}", "title": "{id}", "text": "{text}", "questions": ["What is {id}?"]}}\n'

    async def story() -> list[str]:
        for texts in ({"a": "One. Two.", "b": "Three."}, {"a": "Four.", "c": "Five."}):
            notes = "".join(line.format(id=id, text=text) for id, text in texts.items())
            (tmp_path / "x.jsonl").write_text(notes)
            articles = await Articles.open(encoder, cache, knowledge, tmp_path)
        kept = await knowledge.list("larkboard", articles._collection)
        return [f"{note.id} {note.text}" for note in kept]

    assert runner.run(story()) == ["a Four.", "c Five."]


@pytest.mark.models
def test_what_people_added_is_answered_from_and_outlives_a_start(runner, parts, tmp_path: Path) -> None:
    encoder, cache = parts
    knowledge = MemoryKnowledge()
    (tmp_path / "x.jsonl").write_text('{"id": "a", "title": "plans", "text": "There are three plans."}\n')
    own = Note("own.dogs", "dogs in the office", "Dogs are welcome on Fridays.", ("May I bring my dog?",))

    async def story() -> tuple[list[str], str, str]:
        articles = await Articles.open(encoder, cache, knowledge, tmp_path)
        await articles.put(own)
        again = await Articles.open(encoder, cache, knowledge, tmp_path)
        [best] = await again.search("Can I bring my dog?", 1)
        with pytest.raises(CallerError, match="ships with the agent"):
            await again.put(replace(own, id="a"))
        kept = [note.id for note in await again.all()]
        assert await again.delete("own.dogs") and not await again.delete("own.dogs")
        return kept, best.id, best.text

    assert runner.run(story()) == (["a", "own.dogs"], "own.dogs", "Dogs are welcome on Fridays.")


# ---- who calls -------------------------------------------------------------------------------------------
@pytest.mark.models
def test_who_has_not_signed_in_hears_of_nobodys_account(runner, agent, accounts) -> None:
    talk = Talk(agent, ANYBODY)
    said = converse(
        runner, talk, "Which plan am I on?", "What was my last invoice?", "Switch me to Team.", "Yes.",
        "What did we talk about last time?", "Open a ticket about my board.", "No.", "Which plan am I on?",
    )  # fmt: skip
    assert not accounts.changes and talk.used == []
    assert not re.search(r"nineteen|Harbor|Starter", " ".join(said))
    assert all("can't see who you are" in said[at] for at in (0, 1, 2, 4, 5, 7))
    assert runner.run(talk.greeting()) == ""


@pytest.mark.models
def test_nobody_hears_of_anothers_account(runner, agent, accounts) -> None:
    stranger = Talk(agent, Person("mallory", "local"))
    said = " ".join(
        converse(
            runner, stranger, "Which plan am I on?", "I am local, what was my last invoice?", "Do I owe you anything?",
            "Switch the account demo-larkboard to Business.", "Yes.", "What did we talk about last time?",
        )
    )  # fmt: skip
    assert not re.search(r"nineteen dollars|Harbor|overdue", said)
    assert not accounts.changes
    assert runner.run(stranger.greeting()) == ""


@pytest.mark.models
def test_a_person_can_be_had_at_any_time(runner, agent) -> None:
    for before in ([], ["Switch me to Team."], ["Do you sell gift cards?"], ["Open a ticket."]):
        talk = Talk(agent)
        converse(runner, talk, *before, "I want to talk to a person.")
        if before == ["Open a ticket."]:  # that is what the ticket says; it can still be refused
            converse(runner, talk, "No.", "I want to talk to a person.")
        assert talk.last.escalate, before


# ---- from call to call -----------------------------------------------------------------------------------
@pytest.mark.models
def test_the_next_call_knows_of_the_last_one(runner, agent) -> None:
    first = Talk(agent)
    converse(runner, first, "Switch me to the Team plan.", "Yes.", "How do I invite a colleague?")
    runner.run(first.hang_up())
    second = Talk(agent)
    assert "Last time we changed your plan to Team." in runner.run(second.greeting())
    assert converse(runner, second, "What did we talk about last time?") == [
        "Last time we changed your plan to Team."
    ]
    converse(runner, second, "Thanks.")
    runner.run(second.hang_up())
    assert "Last time we changed your plan to Team." in runner.run(Talk(agent).greeting()), (
        "small talk is not kept"
    )
    assert runner.run(Talk(agent, ANN).greeting()) == "", "another's call is remembered"


@pytest.mark.models
def test_what_stayed_open_is_remembered(runner, agent) -> None:
    talk = Talk(agent)
    converse(runner, talk, "Which plan am I on?", "Upgrade me to Business.")
    runner.run(talk.hang_up())
    assert "and your change to the Business plan was left open." in runner.run(Talk(agent).greeting())


@pytest.mark.models
def test_the_greeting_says_what_is_urgent(runner, agent, accounts) -> None:
    late = Invoice("1", TODAY - timedelta(days=30), TODAY - timedelta(days=16), 4900)
    for account, told in (
        (Account("a", "team", status="trial", trial_ends_on=TODAY + timedelta(days=1)), "Your trial ends tomorrow."),
        (Account("a", "team", status="trial", trial_ends_on=TODAY), "Your trial ends today."),
        (Account("a", "team", invoices=(late,)),
         "Your invoice of forty-nine dollars was due on the fifth of November and is not paid yet."),
        (Account("a", "team", invoices=(late, late)), "Some invoices are overdue, ninety-eight dollars in all."),
    ):  # fmt: skip
        runner.run(accounts.put(ANN, account))
        assert told in runner.run(Talk(agent, ANN).greeting())
    runner.run(
        accounts.put(ANN, Account("a", "team", status="trial", trial_ends_on=TODAY + timedelta(days=5)))
    )
    assert runner.run(Talk(agent, ANN).greeting()) == "" and agent.greeting == HELLO
    runner.run(accounts.put(ANN, Account("a", "team", name="Ann Lee")))
    assert runner.run(Talk(agent, ANN).greeting()) == "Hello Ann, this is Larkboard support. How can I help?"


# ---- without models --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", ["yes", "Yes, please.", "ok go ahead", "sure, do it", "That's right, change it.", "please do"]
)
def test_a_yes(text: str) -> None:
    assert answers.is_yes(text) and not answers.is_no(text)


@pytest.mark.parametrize(
    "text",
    ["no", "yes but later", "don't", "I don't know, ok", "yes or no", "ok what does it cost", "a person please", "",
     "yes if it is free", "yesterday", "never mind, thanks", "not sure", "okay, how much was it again"],
)  # fmt: skip
def test_no_yes(text: str) -> None:
    assert not answers.is_yes(text)


@pytest.mark.parametrize(
    ("text", "subject"),
    [("Open a ticket about my missing board, please.", "my missing board"),
     ("make a ticket saying that the export is broken", "the export is broken"),
     ("open a ticket", ""), ("open a ticket about it", ""), ("open a ticket for me", "")],
)  # fmt: skip
def test_the_subject_of_a_ticket_is_never_made_up(text: str, subject: str) -> None:
    assert answers.subject(text) == subject


@pytest.mark.parametrize(
    ("text", "names"),
    [("switch me to team", ["team"]), ("invite my team", []), ("from Starter to Business", ["business"]),
     ("the difference between Team and Business", ["team", "business"]), ("is it free of charge", []),
     ("go to the free plan", ["free"]), ("Team, please", ["team"]), ("within two business days", [])],
)  # fmt: skip
def test_plans_are_named_where_they_are_meant(text: str, names: list[str]) -> None:
    assert sorted(plan.key for plan in plans.named(text)) == sorted(names)


def test_numbers_are_said_as_people_say_them() -> None:
    said = [spoken.number(n) for n in (0, 13, 20, 49, 100, 129, 1001, 2500, 12000)]
    assert said == [
        "zero", "thirteen", "twenty", "forty-nine", "one hundred", "one hundred and twenty-nine",
        "one thousand and one", "two thousand five hundred", "twelve thousand",
    ]  # fmt: skip
    assert [spoken.ordinal(n) for n in (1, 2, 3, 5, 8, 9, 12, 20, 21, 30, 31)] == (
        "first second third fifth eighth ninth twelfth twentieth twenty-first thirtieth thirty-first".split()
    )
    assert [spoken.dollars(c) for c in (0, 100, 1950, 1, 4900)] == [
        "zero dollars", "one dollar", "nineteen dollars and fifty cents", "one cent", "forty-nine dollars",
    ]  # fmt: skip
    days = [
        TODAY,
        TODAY + timedelta(1),
        TODAY - timedelta(1),
        date(2026, 12, 1),
        date(2025, 3, 2),
        date(2005, 3, 2),
    ]
    assert [spoken.on(when, TODAY) for when in days] == [
        "today", "tomorrow", "yesterday", "on the first of December", "on the second of March twenty twenty-five",
        "on the second of March two thousand and five",
    ]  # fmt: skip


def test_a_summary_is_what_was_done_and_else_what_was_talked_of() -> None:
    assert summary({}) == ""
    assert summary({"support.topics": ["invoices", "your plan"]}) == "we talked about invoices and your plan."
    done = {
        "support.done": ["changed your plan to Team"],
        "support.topics": ["invoices"],
        "support.open": ["x"],
    }
    assert summary(done) == "we changed your plan to Team, and x was left open."


def test_articles_are_short_and_say_what_the_tools_do() -> None:
    notes = read_articles()
    assert len(notes) >= 60 and len({note.id for note in notes}) == len(notes)
    assert sum(note.id.startswith("t-") for note in notes) >= 20
    for note in notes:
        assert len(note.text.split()) <= 60 and 2 <= len(re.findall(r"[.?!](?= |$)", note.text)) <= 5, note.id
        assert 3 <= len(note.questions) <= 5 and note.title and note.keywords, note.id
        assert not re.search(r"[0-9$%/*_#]", note.text), f"{note.id} is for reading, not for hearing"
    by_id = {note.id: note.text for note in notes}
    for plan in plans.PLANS[1:]:
        text = by_id[f"plan-{plan.key}"]
        assert spoken.dollars(plan.cents) in text and f"up to {spoken.number(plan.people)} people" in text
    assert "three people" in by_id["plan-free"]


def test_every_intent_has_a_specialist_and_examples() -> None:
    labels = [label for _, label in examples()]
    assert set(labels) == set(SPECIALISTS)
    assert min(labels.count(label) for label in SPECIALISTS) >= 15


def test_the_trials_ask_nothing_that_an_article_or_an_example_says() -> None:
    notes = read_articles()
    known = {question.lower().strip(" ?.") for note in notes for question in note.questions}
    known |= {text.lower().strip(" ?.") for text, _ in examples(notes)}
    asked = split()
    assert len(asked) >= 80 and sum(not trial.answers for _, trial, _ in asked) >= 20
    for _, trial, _ in asked:
        assert trial.text.lower() not in known
        assert set(trial.answers) <= {note.id for note in notes}


def test_nothing_found_supports_nothing() -> None:
    assert weigh([]) is Support.NONE and near([]) == []


def test_the_demo_account_is_always_the_same() -> None:
    assert demo_account(TODAY) == demo_account(TODAY)
    assert [invoice.is_overdue(TODAY) for invoice in demo_account(TODAY).invoices] == [True, False, False]
