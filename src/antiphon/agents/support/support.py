"""Support for Larkboard, a team-planning app: accounts, articles, and people when they are needed.

Nothing here is guessed. What is told of an account comes from tools that work for the signed-in caller alone; general
answers are the words of an article, which is named; what no article supports is not answered, and a ticket or a person
is offered instead. A change is made only after its price was heard and agreed to.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from antiphon.agent.definition import Agent, Ended, Grounding, Question, Specialist
from antiphon.agent.guardrail import Guardrail
from antiphon.agent.routing import Route
from antiphon.agent.tools import Person
from antiphon.agents.support.account import NAME, AccountDesk
from antiphon.agents.support.articles import UNKNOWN, Articles, is_general
from antiphon.agents.support.demo import VISITOR, demo_account
from antiphon.agents.support.heard import Listening, Meaning
from antiphon.agents.support.intents import Intents, examples
from antiphon.agents.support.plans import BY_KEY
from antiphon.agents.support.smalltalk import call_person, converse
from antiphon.agents.support.spoken import day, dollars, on
from antiphon.agents.support.talk import PENDING, keeping, noted, pending, strings, summary
from antiphon.agents.support.tools import Today, tools
from antiphon.ports import Accounts, Knowledge
from antiphon.providers.vectors import BulkEncoder, Progress, VectorCache

_IT = re.compile(r"\b(?:it|that one|this one|that plan|that)\b", re.I)
"What stands for a plan that was proposed."
DOUBTFUL = 0.75
"How sure it must be that a question is about the caller's account, though an article answers it."
HELLO = "Hello, this is Larkboard support. How can I help?"
SUGGESTIONS = (
    "Which plan am I on?",
    "What was my last invoice?",
    "Switch me to the Team plan",
    "How do I turn on two-factor sign-in?",
    "My calendar is not syncing",
    "Open a ticket",
)


async def support_agent(
    encoder: BulkEncoder,
    guardrail: Guardrail,
    cache: VectorCache,
    accounts: Accounts,
    knowledge: Knowledge,
    say: Progress | None = None,
    *,
    today: Today = date.today,
) -> Agent:
    """The support agent, ready to answer; its articles are in `knowledge`, and the visitor has a demo account.

    `say` is told how much of what it knows is encoded. Raises SetupError, StoreUnavailable.
    """
    articles = await Articles.open(encoder, cache, knowledge, progress=say)
    intents = await Intents.learn(encoder, cache, articles.notes, say)
    lines = articles.lines()
    encoder.know(
        lines, await cache.encode_all(encoder, lines, say)
    )  # the gate looks at each before it is said
    if await accounts.get(VISITOR) is None:
        await accounts.put(VISITOR, demo_account(today()))
    return Desk(accounts, articles, intents, today).agent(guardrail)


class Desk:
    """The specialists of one support agent. May be shared by all sessions."""

    def __init__(self, accounts: Accounts, articles: Articles, intents: Intents, today: Today) -> None:
        self._accounts = accounts
        self._articles = articles
        self._intents = intents
        self._today = today
        self._account = AccountDesk(accounts, intents, today)
        self._meaning = Meaning(text for text, _ in examples(articles.notes))

    def agent(self, guardrail: Guardrail) -> Agent:
        """The agent whose specialists these are."""
        return Agent(
            name=NAME,
            title="Larkboard support",
            instructions=(
                "You are the support agent of Larkboard, a team-planning app. Be exact, friendly and brief. Never "
                "state a fact that is not among what is known. Name the article that you rely on. If nothing is "
                "known, say so and offer a ticket or a person."
            ),
            specialists=(
                Specialist("account", "You look after the caller's account.", self.answer),
                Specialist("knowledge", "You answer from the help articles.", self.answer),
                Specialist("smalltalk", "You keep the call friendly and lead back to it.", self.answer),
                Specialist("person", "The caller asks for a person.", self.answer),
                Specialist("other", "The question is outside of what you know.", self.answer),
            ),
            tools=tools(self._accounts, self._today),
            guardrail=guardrail,
            router=Listening(self._intents, self._meaning),
            greeting=HELLO,
            greet=self.greeting,
            remember=self.remember,
            fillers=(
                ("Let me look.", "One moment.", "Let me see."),
                ("I'm still looking.", "Just a little longer."),
                ("Almost there.", "Thank you for waiting."),
            ),
            prompts=("Are you still there?", "I'm here if there is anything else."),
            unknown=UNKNOWN,
            suggestions=SUGGESTIONS,
            knowledge=self._articles,
        )

    async def answer(self, question: Question) -> Grounding:
        """The answer of the specialist it was routed to; or what follows from an answer to what was asked back."""
        waits = pending(question)
        if waits and self._meaning.is_new_yes(question.text) and (said := strings(waits, "said")):
            asked_again = Grounding(said, is_certain=True, expect="answer")
            as_heard = await self._account.settle(question, waits) if waits.get("do") != "subject" else None
            return as_heard or keeping(asked_again, pending=waits)
        question = replace(question, text=self._meaning.of(question.text).text)
        if not waits:
            return await self._answer(question, question.route)
        chooses = self._articles.chosen if waits.get("do") == "which" else self._account.settle
        if (settled := await chooses(question, waits)) is not None:
            return settled
        if waits.get("do") == "which" and (
            settled := await self._account.settle(question, {**waits, "do": "offer"})
        ):
            return settled
        # It was no answer: whoever is meant by it sees to it, and what was asked about waits no longer.
        if (plan := BY_KEY.get(str(waits.get("plan")))) is not None:
            question = replace(question, text=_IT.sub(f"the {plan.name} plan", question.text))
        grounding = await self._answer(question, await self._intents.route(question.history, question.text))
        if PENDING not in grounding.memory:
            grounding = keeping(grounding, pending={})
        return noted(question, grounding, open=str(waits.get("thinking") or ""))

    async def _answer(self, question: Question, route: Route | None) -> Grounding:
        match route.specialist if route is not None else "":
            case "account" if not await self._is_general(question.text, route):
                return await self._account.answer(question)
            case "smalltalk":
                return await converse(question)
            case "person":
                return await call_person(question)
            case "other":
                return await self._articles.anything(question)
            case _:
                return await self._articles.answer(question)

    async def _is_general(self, text: str, route: Route | None) -> bool:
        """It was taken for a question about the caller's account, but asks what an article tells."""
        intent, _ = await self._intents.within("account", text)
        if intent in ("change", "ticket", "recall") and not is_general(text):
            return False
        return await self._articles.is_asked(
            text, is_doubtful=route is not None and route.confidence < DOUBTFUL
        )

    async def greeting(self, caller: Person) -> str:
        """What the caller should know before anything else; empty when that is nothing."""
        account = await self._accounts.get(caller)
        if account is None:
            return ""
        today, news = self._today(), ""
        late = [one for one in account.invoices if one.is_overdue(today)]
        ends = account.trial_ends_on
        if account.status == "trial" and ends is not None and 0 <= (ends - today).days <= 1:
            news = f"Your trial ends {day(ends, today)}."
        elif len(late) == 1:
            news = f"Your invoice of {dollars(late[0].cents)} was due {on(late[0].due_on, today)} and is not paid yet."
        elif late:
            total = dollars(sum(one.cents for one in late))
            news = f"Some invoices are overdue, {total} in all."
        last = await self._accounts.last_interaction(caller, NAME)
        name = f" {account.name.split()[0]}" if account.name.strip() else ""
        told = " ".join(part for part in (f"Last time {last}" if last else "", news) if part)
        if not told and not name:
            return ""
        return " ".join(
            part for part in (f"Hello{name}, this is Larkboard support.", told, "How can I help?") if part
        )

    async def remember(self, ended: Ended) -> None:
        """The call's summary is kept for the next one; a call that came to nothing leaves the one before it."""
        if ended.caller.id and (text := summary(ended.memory)):
            await self._accounts.remember_interaction(ended.caller, NAME, text, ended.session)
