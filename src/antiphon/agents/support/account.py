"""The account specialist: plans, invoices and tickets of the one who calls. Nothing is changed unasked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from antiphon.agent.definition import Grounding, Question
from antiphon.agents.support import answers, invoices, plans
from antiphon.agents.support.intents import Intents
from antiphon.agents.support.plans import BY_KEY, PLANS, Plan
from antiphon.agents.support.smalltalk import REPEAT, call_person
from antiphon.agents.support.spoken import count, dollars, listed, number, on
from antiphon.agents.support.talk import ABOUT, ASKS, DONE, keeping, noted, strings, was_asked
from antiphon.agents.support.talk import PLANS as TALKED_OF
from antiphon.core.records import StoreUnavailable
from antiphon.ports import Accounts

NAME = "support"
SIGN_IN = (
    "I can't see who you are, so I can't look at an account.",
    "Please sign in on this page and call again, or ask me anything about Larkboard in general.",
)
NO_ACCOUNT = (
    "You are signed in, but I find no workspace of yours.",
    "If you belong to somebody else's, its owner can ask me. Otherwise I can get a person.",
)
AWAY = (
    "I can't reach the accounts at the moment, and nothing has been changed. Please try again in a minute.",
)
WHAT_TICKET = ("What shall the ticket say? Tell me in a sentence.",)
CHANGED = "changed your plan"
LEFT = "All right, I'll leave it as it is. What else can I do?"
REPEATED = re.compile(
    r"\b(?:repeat|say (?:that|it) again|pardon|come again|once more|what was that|sorry\?)", re.I
)
_PRICE = re.compile(r"\b(?:how much|price|cost|pay(?:ing)?|charged?)\b", re.I)
_PEOPLE = re.compile(r"\b(?:people|users?|seats?|members?|colleagues?|person|room|many of us)\b", re.I)
_TICKETS = re.compile(
    r"\b(?:(?:my|our|any|many|these|which) (?:\w+ )?tickets?|status of|tickets (?:do|have|are))\b", re.I
)
_BOTH = re.compile(r"\b(?:difference|compare|versus|or)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Account:
    """What the tool told of the caller's account."""

    found: Mapping[str, object]

    @property
    def plan(self) -> Plan | None:
        return BY_KEY.get(str(self.found.get("plan")))

    @property
    def people(self) -> int:
        return int(str(self.found.get("people") or 1))

    @property
    def is_trial(self) -> bool:
        return self.found.get("status") == "trial"

    def date(self, key: str) -> date | None:
        value = self.found.get(key)
        return date.fromisoformat(value) if isinstance(value, str) else None


class AccountDesk:
    """Answers for who is signed in, from tools that work for nobody else."""

    def __init__(self, accounts: Accounts, intents: Intents, today: Callable[[], date]) -> None:
        self._accounts = accounts
        self._intents = intents
        self._today = today

    async def answer(self, question: Question) -> Grounding:
        """What a caller asked of their account."""
        intent, share = await self._intents.within("account", question.text)
        about = str(question.memory.get(ABOUT) or "")
        if (
            about == "invoices"
            and (share < 0.6 or intent in ("plan", "invoices"))
            and invoices.points(question.text)
        ):
            intent = "invoices"
        if plans.meant(question.text, None) and intent == "plan" and not _BOTH.search(question.text):
            intent = "change"
        if intent == "recall":
            return await self._recall(question)
        if not question.caller.id and intent == "ticket":
            return await self._propose(question, answers.subject(question.text))
        if not question.caller.id:
            return _certain(*SIGN_IN)
        match intent:
            case "invoices":
                return await self._invoices(question)
            case "change":
                return await self._change(question)
            case "ticket":
                return await self._ticket(question)
            case _:
                return await self._plan(question)

    # ---- what was asked back -----------------------------------------------------------------------------
    async def settle(self, question: Question, waits: Mapping[str, object]) -> Grounding | None:
        """What follows from the caller's answer to what they were asked; None when it is no answer to it."""
        text, do = question.text, waits.get("do")
        if REPEAT.search(text):
            said = tuple(strings(waits, "said"))
            return keeping(Grounding(said, is_certain=True, expect="answer"), pending=waits) if said else None
        is_yes = answers.is_yes(text)
        match do:
            case "change":
                proposed = BY_KEY[str(waits["plan"])]
                named = plans.named(text)
                is_yes = is_yes or (answers.begins_with_yes(text) and named == [proposed])
                if is_yes:
                    return await (
                        self._changed(question, proposed)
                        if was_asked(question)
                        else self._change(question, proposed)
                    )
                other = plans.meant(text, None, (), proposed)
                if other is not None and other != proposed and not _asks(text):
                    return await self._change(question, other)
                if answers.is_no(text):
                    return keeping(_certain(LEFT), pending={})
            case "ticket":
                if is_yes:
                    about = str(waits["subject"])
                    return await (
                        self._opened(question, about)
                        if was_asked(question)
                        else self._propose(question, about)
                    )
                if answers.is_no(text):
                    return keeping(_certain(LEFT), pending={})
            case "subject":
                if answers.is_no(text) and len(text.split()) <= 4:
                    return keeping(_certain(LEFT), pending={})
                return await self._propose(question, answers.subject(text) or text.strip())
            case "offer":
                if re.search(r"\b(?:ticket|write|first|written)\b", text, re.I) and not _asks(text):
                    return await self._propose(question, str(waits["subject"]))
                if re.search(r"\b(?:person|human|somebody|someone|colleague)\b", text, re.I) and not _asks(
                    text
                ):
                    return await call_person(question)
                if is_yes:
                    said = ("Gladly. A ticket, or a person?",)
                    return keeping(
                        Grounding(said, is_certain=True, expect="answer"),
                        pending={**waits, "said": list(said)},
                    )
                if answers.is_no(text) and len(text.split()) <= 4:
                    return keeping(_certain("All right. What else can I do?"), pending={})
            case "sales" if is_yes:
                return keeping(
                    Grounding(("All right, I'm asking somebody from sales to join us.",), is_certain=True,
                              escalate="the caller asks for a quotation"), pending={})  # fmt: skip
            case "person" if is_yes:
                return await call_person(question)
            case "sales" | "person" if answers.is_no(text):
                return keeping(_certain(LEFT), pending={})
        return None

    # ---- plans -------------------------------------------------------------------------------------------
    async def _account(self, question: Question) -> _Account | Grounding:
        if not question.caller.id:
            return _certain(*SIGN_IN)
        result = await question.use("get_account", {})
        if not result.is_ok or not isinstance(result.value, dict):
            return _certain(*AWAY)
        return _Account(result.value) if result.value.get("found") else _certain(*NO_ACCOUNT)

    async def _plan(self, question: Question) -> Grounding:
        account = await self._account(question)
        if isinstance(account, Grounding):
            return account
        plan, today = account.plan, self._today()
        if plan is None:
            return _certain(
                f"You have a plan of your own, called {account.found.get('plan')}. A person can tell you more."
            )
        people = f"{count(account.people, 'person', 'people')} of {number(plan.people)}"
        ends, renews, then = (account.date(key) for key in ("trial_ends_on", "renews_on", "next_plan_from"))
        said = []
        if _PEOPLE.search(question.text) and not _PRICE.search(question.text):
            free = plan.people - account.people
            room = f"so there is room for {number(free)} more" if free > 0 else "so it is full"
            said.append(f"You are {people} on the {plan.name} plan, {room}.")
        elif account.is_trial and ends is not None:
            said.append(
                f"You are trying the {plan.name} plan, with {people}. Your trial ends {on(ends, today)}."
            )
        elif not plan.cents:
            said.append(f"You are on the Free plan, with {people}. It costs nothing.")
        else:
            said.append(f"You are on the {plan.name} plan, at {dollars(plan.cents)} a month, with {people}.")
            if renews is not None and then is None:
                said.append(f"The next payment is {on(renews, today)}.")
        if then is not None and (follows := BY_KEY.get(str(account.found.get("next_plan")))):
            said.append(f"It changes to {follows.name} {on(then, today)}.")
        return noted(question, keeping(_certain(*said), about="plan", plans=[plan.key]), topic="your plan")

    async def _change(self, question: Question, to: Plan | None = None) -> Grounding:
        """What the change means, and whether it shall be made; or why it cannot be."""
        account = await self._account(question)
        if isinstance(account, Grounding):
            return account
        today, current = self._today(), account.plan
        if to is None and plans.wants_enterprise(question.text):
            offer = f"Enterprise is priced by a quotation of our sales team. {ASKS} ask somebody to join us?"
            return _asking((offer,), {"do": "sales"})
        talked_of = [BY_KEY[key] for key in strings(question.memory, TALKED_OF) if key in BY_KEY]
        plan = to or plans.meant(question.text, current, talked_of)
        if plan is None:
            return self._which(current)
        if plan == current and not account.is_trial:
            there = _certain(f"You are on the {plan.name} plan already.")
            return keeping(there, about="change", plans=[plan.key], pending={})
        if account.people > plan.people and plan.cents:
            over = count(account.people - plan.people, "person", "people")
            return keeping(
                _certain(
                    f"{plan.name} is for up to {number(plan.people)} people, and you are {number(account.people)}.",
                    f"Remove {over} first, on the People page, and then I can change it.",
                ),
                about="change", plans=[plan.key], pending={},
            )  # fmt: skip
        said = _proposal(plan, account, today)
        waits = {
            "do": "change",
            "plan": plan.key,
            "said": list(said),
            "thinking": f"your change to the {plan.name} plan",
        }
        grounding = Grounding(said, is_certain=True, expect="answer")
        return keeping(grounding, about="change", plans=[plan.key], pending=waits)

    def _which(self, current: Plan | None) -> Grounding:
        others = [plan for plan in PLANS if plan != current]
        told = listed([f"{p.name} at {dollars(p.cents)}" if p.cents else "Free" for p in others])
        now = f"You are on {current.name} now. " if current else ""
        return keeping(
            Grounding((f"{now}Which plan would you like? There is {told} a month.",), is_certain=True),
            about="change", plans=[plan.key for plan in others],
        )  # fmt: skip

    async def _changed(self, question: Question, plan: Plan) -> Grounding:
        result = await question.use("change_plan", {"plan": plan.key})
        if not result.is_ok or not isinstance(result.value, dict):
            why = "I couldn't change it, so you are still on the plan you had. Please try again in a minute."
            return keeping(_certain(why), pending={})
        account, today = _Account(result.value), self._today()
        then = account.date("next_plan_from")
        if then is not None and account.found.get("next_plan") == plan.key:
            said = f"Done. You move to {plan.name} {on(then, today)}, and until then nothing changes."
        elif plan.cents:
            said = f"Done. You are on the {plan.name} plan from today, at {dollars(plan.cents)} a month."
        else:
            said = "Done. You are on the Free plan from today."
        before = [one for one in strings(question.memory, DONE) if not one.startswith(CHANGED)]
        done = keeping(_certain(said), pending={}, about="plan", plans=[plan.key], open=[], done=before)
        return noted(question, done, done=f"{CHANGED} to {plan.name}")

    # ---- invoices ----------------------------------------------------------------------------------------
    async def _invoices(self, question: Question) -> Grounding:
        result = await question.use("list_invoices", {"limit": 24})
        if not result.is_ok or not isinstance(result.value, list):
            return _certain(*AWAY)
        found = invoices.read(result.value)
        if not found and isinstance(account := await self._account(question), Grounding):
            return account
        before = question.memory.get("support.invoice")
        at = before if isinstance(before, int) and question.memory.get(ABOUT) == "invoices" else None
        said, index = invoices.told(question.text, found, at, self._today())
        grounding = keeping(_certain(*said), about="invoices")
        if index is not None:
            grounding = keeping(grounding, invoice=index)
        return noted(question, grounding, topic="your invoices")

    # ---- tickets -----------------------------------------------------------------------------------------
    async def _ticket(self, question: Question) -> Grounding:
        account = await self._account(question)
        if isinstance(account, Grounding):
            return account
        if _TICKETS.search(question.text):
            return keeping(_certain(*_open_tickets(account)), about="ticket")
        if said := answers.subject(question.text):
            return await self._propose(question, said)
        grounding = Grounding(WHAT_TICKET, is_certain=True, expect="sentence")
        return keeping(grounding, about="ticket", pending={"do": "subject", "said": list(WHAT_TICKET)})

    async def _propose(self, question: Question, subject: str) -> Grounding:
        """The ticket is read out, and waits for a yes."""
        if not question.caller.id:
            instead = f"A ticket needs an account, and I can't see who you are. {ASKS} get a person instead?"
            return _asking((instead,), {"do": "person"})
        subject = subject.rstrip(" .!?")
        said = (f"The ticket says: {subject}.", f"{ASKS} open it?")
        waits = {
            "do": "ticket",
            "subject": subject,
            "said": list(said),
            "thinking": f"a ticket about “{subject}”",
        }
        return keeping(Grounding(said, is_certain=True, expect="answer"), about="ticket", pending=waits)

    async def _opened(self, question: Question, subject: str) -> Grounding:
        result = await question.use("open_ticket", {"subject": subject})
        if not result.is_ok or not isinstance(result.value, dict):
            return keeping(
                _certain("I couldn't open the ticket just now. Please try again in a minute."), pending={}
            )
        told = number(int(str(result.value["number"])))
        said = f"Done, it is ticket {told}. You get an answer within one working day."
        opened = keeping(_certain(said), about="ticket", pending={}, open=[])
        return noted(question, opened, done=f"opened a ticket about “{result.value['subject']}”")

    # ---- earlier calls -----------------------------------------------------------------------------------
    async def _recall(self, question: Question) -> Grounding:
        if not question.caller.id:
            return _certain(
                "I can't see who you are, so I don't know of an earlier call. Sign in, and I can look."
            )
        try:
            last = await self._accounts.last_interaction(question.caller, NAME)
        except StoreUnavailable:
            return _certain("I can't look that up at the moment.")
        return _certain(f"Last time {last}" if last else "I have nothing on record of an earlier call.")


def _asking(said: tuple[str, ...], waits: Mapping[str, object]) -> Grounding:
    """A question back, which waits for its answer."""
    grounding = Grounding(said, is_certain=True, expect="answer")
    return keeping(grounding, pending={**waits, "said": list(said)})


def _certain(*sentences: str) -> Grounding:
    return Grounding(sentences, is_certain=True)


def _asks(text: str) -> bool:
    """It is a question about something, not a choice."""
    return bool(re.match(r"\W*(?:and |but |so )?(?:how|what|when|why|who|where|does|is|are)\b", text, re.I))


def _proposal(plan: Plan, account: _Account, today: date) -> tuple[str, ...]:
    """What the change would mean, in the words after which a yes is a yes to this price and this day."""
    current, renews = account.plan, account.date("renews_on")
    waits = current is not None and plan.cents < current.cents and not account.is_trial
    if waits and renews is not None and renews > today:
        if not plan.cents:
            return (f"Your {current.name if current else ''} plan then runs to its end {on(renews, today)} and becomes "
                    f"Free, and nothing is deleted. {ASKS} cancel it?",)  # fmt: skip
        begins = f"{plan.name} begins {on(renews, today)}, when what you have paid for ends"
        return (f"{begins}, at {dollars(plan.cents)} a month. {ASKS}?",)
    if not plan.cents:
        return (f"You would be on the Free plan from today, for up to three people. {ASKS}?",)
    return (f"{plan.name} is for up to {number(plan.people)} people.",
            f"That makes it {dollars(plan.cents)} a month from today. {ASKS}?")  # fmt: skip


def _open_tickets(account: _Account) -> Sequence[str]:
    kept = account.found.get("tickets")
    still = (
        [one for one in kept if isinstance(one, dict) and one.get("is_open")]
        if isinstance(kept, list)
        else []
    )
    if not still:
        return ("You have no open tickets.",)
    first = f"ticket {number(int(str(still[0]['number'])))}, about “{still[0]['subject']}”"
    if len(still) == 1:
        return (f"One is open: {first}.",)
    return (f"{number(len(still)).capitalize()} are open. The newest is {first}.",)
