"""How a call is held to its end, and what its connection is closed with."""

from __future__ import annotations

import structlog

from antiphon.core.records import Fenced
from antiphon.hosts.call import Call
from antiphon.hosts.security.meter import USED_UP
from antiphon.hosts.stage import Stage
from antiphon.session.session import Ending

log = structlog.get_logger(__name__)

Close = tuple[int, str]
"The code with which a connection is closed, and why."
FAULT: Close = (1011, "a fault of ours")


async def performed(stage: Stage, call: Call, *, suspended: Close, elsewhere: Close) -> Close:
    """The call was held, and its caller charged. `suspended`: it stopped here, to be gone on with; `elsewhere`: it goes
    on by another connection or on another node. A fault of ours is in the log."""
    try:
        match await stage.perform(call):
            case Ending.SUSPENDED:
                return suspended
            case Ending.LOST:
                return elsewhere
            case Ending.ENDED if (farewell := call.session.conversation.farewell) is not None:
                return USED_UP, farewell.ends
            case _:
                return 1000, ""
    except Fenced:
        return elsewhere
    except Exception:
        log.exception("session failed", session=call.session.id)
        return FAULT
    finally:
        if call.meter is not None:
            await call.meter.charge(is_over=True)
