"""What every store of a help desk must do, as checks for the tests of a store, which is empty at first.

They raise AssertionError with what is wrong.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from antiphon.agent.retrieval import Note
from antiphon.agent.tools import ANYBODY, Person
from antiphon.core.accounts import Account, Invoice, Ticket
from antiphon.ports import Accounts, Knowledge
from antiphon.testing.promises import claim, refused

ANN, BOB = Person("ann", "acme"), Person("bob", "acme")
TWIN = Person("ann", "elsewhere")
"Another person, who only has the same name with somebody else's provider."
DAY = date(2026, 3, 1)
WILD = ("' or true --", "%", "ann\x00", "a_n", "*", "ann' union select * from app.accounts --")


def account_of(person: Person) -> Account:
    """An account with something in every field; whose it is can be told from each."""
    mark = f"{person.id}@{person.tenant}"
    newest = Invoice(f"{mark}-2", date(2026, 2, 10), date(2026, 2, 24), 4900, "team")
    oldest = Invoice(f"{mark}-1", date(2026, 1, 10), date(2026, 1, 24), 1900, "starter", is_paid=True)
    return Account(
        id=f"account of {mark}",
        plan="team",
        workspace=f"the room of {mark} 🙂",
        people=7,
        name="",
        renews_on=date(2026, 3, 10),
        trial_ends_on=date(2026, 3, 2),
        invoices=(newest, oldest),
    )


async def check_accounts(accounts: Accounts) -> None:
    """Everything that is promised of accounts, and of who may see and change them."""
    people = (ANN, BOB, TWIN)
    for person in people:
        claim(await accounts.get(person) is None, "there is an account that nobody put there")
        await accounts.put(person, account_of(person))
    for person in people:
        kept = await accounts.get(person)
        claim(kept == account_of(person), f"an account came back changed: {kept}")
        claim(
            await accounts.invoices(person) == account_of(person).invoices,
            "invoices are not the newest first",
        )
        claim(len(await accounts.invoices(person, 1)) == 1, "more invoices than were asked for")
        claim(await accounts.invoices(person, 0) == (), "invoices came though none were asked for")
    await _check_strangers(accounts)

    changed = await accounts.change_plan(ANN, "business")
    claim((changed.plan, changed.trial_ends_on) == ("business", None), "a plan that begins at once did not")
    later = await accounts.change_plan(BOB, "free", date(2026, 3, 10))
    claim((later.plan, later.next_plan, later.next_plan_from) == ("team", "free", date(2026, 3, 10)),
           "a plan that begins later did not wait")  # fmt: skip
    claim(await accounts.get(ANN) == changed and await accounts.get(BOB) == later, "a change was not kept")
    claim(await accounts.get(TWIN) == account_of(TWIN), "somebody else's plan was changed")

    first = await accounts.open_ticket(ANN, "  the   timeline is\nempty ", DAY)
    claim((first.subject, first.is_open) == ("the timeline is empty", True), "a ticket is not what was said")
    claim(
        await accounts.open_ticket(ANN, "The timeline is empty", DAY) == first, "one ticket was opened twice"
    )
    second = await accounts.open_ticket(ANN, "x" * 5000, DAY)
    claim(second.number != first.number and len(second.subject) <= 200, "two tickets have one number")
    kept = await accounts.get(ANN)
    claim(kept is not None and kept.tickets == (second, first), "tickets are not kept, the newest first")
    await refused(accounts.open_ticket(ANN, " \n", DAY), "empty", "a ticket about nothing was opened")
    claim(await accounts.get(TWIN) == account_of(TWIN), "somebody else has a ticket")

    subjects = [f"subject {number}" for number in range(8)]
    opened: Sequence[Ticket] = await asyncio.gather(*(accounts.open_ticket(BOB, s, DAY) for s in subjects))
    kept = await accounts.get(BOB)
    claim(len({one.number for one in opened}) == 8, "tickets opened at once have the same number")
    claim(kept is not None and len(kept.tickets) == 8, "tickets opened at once displaced each other")

    await accounts.remember_interaction(ANN, "support", "We talked about invoices.", "s1")
    await accounts.remember_interaction(ANN, "support", "We changed your plan. \x00", "s2")
    claim((await accounts.last_interaction(ANN, "support")).startswith("We changed your plan."),
           "the last conversation is not the one that is remembered")  # fmt: skip
    for person, agent in ((ANN, "tutor"), (BOB, "support"), (TWIN, "support"), (ANYBODY, "support")):
        claim(
            await accounts.last_interaction(person, agent) == "",
            f"{person} is told of another's conversation",
        )


async def _check_strangers(accounts: Accounts) -> None:
    """Nobody gets at what is another's, through whichever method."""
    before = [await accounts.get(person) for person in (ANN, BOB, TWIN)]
    claim(await accounts.get(ANYBODY) is None, "who has not signed in has an account")
    claim(await accounts.invoices(ANYBODY) == (), "who has not signed in has invoices")
    for wrong in (
        accounts.change_plan(ANYBODY, "free"),
        accounts.open_ticket(ANYBODY, "x", DAY),
        accounts.remember_interaction(ANYBODY, "support", "x"),
        accounts.put(ANYBODY, account_of(ANN)),
    ):
        await refused(wrong, "not_signed_in", "who has not signed in changed something")
    strangers = [Person(id, "acme") for id in WILD] + [Person("ann", tenant) for tenant in WILD]
    strangers += [Person("Ann", "acme"), Person("ann ", "acme"), Person("ann", ""), Person("cid", "acme")]
    for stranger in strangers:
        claim(await accounts.get(stranger) is None, f"{stranger} sees an account")
        claim(await accounts.invoices(stranger) == (), f"{stranger} sees invoices")
        claim(await accounts.last_interaction(stranger, "support") == "", f"{stranger} sees a memory")
        await refused(accounts.change_plan(stranger, "free"), "unknown_account", f"{stranger} changed a plan")
        await refused(
            accounts.open_ticket(stranger, "x", DAY), "unknown_account", f"{stranger} opened a ticket"
        )
    for person, victim in ((BOB, ANN), (TWIN, ANN), (ANN, TWIN)):
        theirs = replace(account_of(victim), plan="free")
        await refused(
            accounts.put(person, theirs), "taken", f"{person} put an account in place of {victim}'s"
        )
    claim([await accounts.get(person) for person in (ANN, BOB, TWIN)] == before, "an account was changed")


# ---- knowledge -------------------------------------------------------------------------------------------
def _vector(*angles: float) -> tuple[float, ...]:
    """A unit vector of 384 numbers, so far turned away from the first axis to the next ones."""
    values = [0.0] * 384
    values[0] = 1.0
    for axis, angle in enumerate(angles, 1):
        length = math.sqrt(sum(value * value for value in values))
        values = [value * math.cos(angle) for value in values]
        values[axis] = length * math.sin(angle)
    return tuple(values)


async def check_knowledge(knowledge: Knowledge) -> None:
    """Everything that is promised of knowledge, and that no tenant sees another's."""
    near, far, other = _vector(0.6), _vector(1.2), _vector(0.0, 1.4)
    invoices = Note(
        "b", "invoices", "Every invoice is sent by e-mail. 🙂", ("Where are my invoices?",), ("receipt",), "f"
    )
    trial = Note("a", "the trial", "A trial lasts fourteen days.", ("How long is the trial?",))
    await knowledge.put("acme", "help", [invoices, trial], [(far, near), (other,)])
    claim(
        await knowledge.list("acme", "help") == (trial, invoices), "notes came back changed or out of order"
    )

    found = await knowledge.search("acme", "help", "of the and", _vector(), 5)
    claim([one.id for one in found] == ["b", "a"], "the nearest note is not the first")
    claim(abs(found[0].score - math.cos(0.6)) < 1e-3, f"a likeness of 0.825 is told as {found[0].score}")
    claim(found[0].text == invoices.text and found[0].source == "f", "a passage is not what the note says")
    claim(len(await knowledge.search("acme", "help", "", _vector(), 1)) == 1, "more passages than asked for")
    shared = await knowledge.search("acme", "help", "the receipts", _vector(), 5)
    claim(0.05 < shared[0].score - found[0].score < 0.1001, "a shared word brings nothing, or too much")
    claim(shared[1].score <= found[1].score + 1e-6, "a note was helped by words it has not")
    strange = await knowledge.search("acme", "help", "zebras", _vector(), 5)
    claim(strange[0].score < found[0].score - 0.01, "a word that nobody knows costs nothing")
    for wild in ("'", "\\", "' | ", "a & !b", ":*", "\x00", "🙂", "x" * 3000):
        await knowledge.search("acme", "help", wild, _vector(), 3)

    for place in (("acme", "other"), ("elsewhere", "help"), ("", "help"), ("acme%", "help")):
        claim(await knowledge.search(*place, "invoice", near) == [], f"{place} finds what is not there")
        claim(await knowledge.list(*place) == (), f"{place} lists what is not there")
        claim(await knowledge.delete(*place) == 0, f"{place} deleted what is not there")

    changed = replace(invoices, text="Invoices are on the Settings page.")
    await knowledge.put("acme", "help", [changed], [(other,)])
    claim(await knowledge.list("acme", "help") == (trial, changed), "a note was not replaced")
    found = await knowledge.search("acme", "help", "", near)
    claim(found[0].score < 0.5, "a note is still found by a vector that it had")
    await knowledge.put("elsewhere", "help", [trial], [(near,)])
    claim(await knowledge.delete("acme", "help", ["a", "none"]) == 1, "deleting does not tell how many")
    claim(await knowledge.list("acme", "help") == (changed,), "the wrong note was deleted")
    claim(await knowledge.delete("acme", "help") == 1, "a collection was not deleted")
    claim(await knowledge.search("acme", "help", "invoice", near) == [], "what was deleted is found")
    claim(await knowledge.list("elsewhere", "help") == (trial,), "another tenant's note was deleted")
