"""Who somebody is, and what that lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Each may do what the one before it may, and more."""

    CALLER = "caller"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Act(StrEnum):
    """What one can want to do with a session, or with what is kept of it."""

    CALL = "call"
    RESUME = "resume"
    READ = "read"
    LIST = "list"
    WATCH = "watch"
    WHISPER = "whisper"
    SAY = "say"
    TAKE_OVER = "take_over"
    HAND_BACK = "hand_back"
    ERASE = "erase"
    AUDIT = "audit"
    EDIT = "edit"
    DISTURB = "disturb"


_OWN = frozenset({Act.RESUME, Act.READ, Act.ERASE})
"A caller may do these to what is their own."
_NEEDS = {
    Act.CALL: Role.CALLER,
    Act.READ: Role.SUPERVISOR,
    Act.LIST: Role.SUPERVISOR,
    Act.WATCH: Role.SUPERVISOR,
    Act.WHISPER: Role.SUPERVISOR,
    Act.SAY: Role.SUPERVISOR,
    Act.TAKE_OVER: Role.SUPERVISOR,
    Act.HAND_BACK: Role.SUPERVISOR,
    Act.ERASE: Role.ADMIN,
    Act.AUDIT: Role.ADMIN,
    Act.EDIT: Role.ADMIN,
    Act.DISTURB: Role.ADMIN,
}
"The least role for an act. RESUME is not among them: nobody takes up another person's call."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we know: by whom they signed in with, in which tenant, and what they are there."""

    id: str
    tenant: str
    role: Role

    def may(self, act: Act, *, tenant: str | None = None, owner: str | None = None) -> bool:
        """Whether the act is allowed, on what belongs to `owner` in `tenant`. Never in another tenant.

        Left out, the tenant is the person's own and the thing belongs to nobody in particular.
        """
        if tenant is not None and tenant != self.tenant:
            return False
        if owner is not None and owner == self.id and act in _OWN:
            return True
        least = _NEEDS.get(act)
        return least is not None and self.role.rank >= least.rank
