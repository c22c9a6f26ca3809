"""What comes before a call by OpenAI's protocol, on every way in: which agent, which session, or a refusal."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import HTTP

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.websockets import WebSocket

from antiphon.core.errors import CallerError, ProviderError
from antiphon.hosts.security.answers import status_of
from antiphon.hosts.security.limits import TooMany
from antiphon.hosts.stage import Stage
from antiphon.wire import openai_realtime as rt

FIRST = "tutor"
"Who answers where no agent is named, if it is served; else the first by name."
OPENAIS = ("gpt-", "whisper")
"How the names of OpenAI's models begin. Clients name one when they are told nothing else."


def agent_of(stage: Stage, model: str | None) -> str:
    """Whom the client calls that asked for `model`."""
    if model and not (model.startswith(OPENAIS) and model not in stage.agents):
        return model
    return FIRST if FIRST in stage.agents or not stage.agents else min(stage.agents)


def session_of(query: QueryParams, *patches: rt.SessionPatch | None) -> rt.AnySession:
    """The session that a client begins with: as the address says, then as each of the patches does.

    Raises EventRefused when they contradict each other.
    """
    given = [patch for patch in patches if patch is not None]
    is_transcription = query.get("intent") == "transcription"
    if is_transcription or (given and given[0].kind is rt.TranscriptionSession):
        written: rt.AnySession = rt.TranscriptionSession()
    else:
        written = rt.Session(model=query.get("model") or None)
    for patch in given:
        written = rt.changed(written, patch)
    return written


async def admitted(stage: Stage, session: rt.AnySession, query: QueryParams, more: int = 0) -> str:
    """The agent, who is there and has time. `more`: calls that have not begun. Raises CallerError."""
    if stage.is_full or len(stage.sessions) + more >= stage.settings.max_sessions:
        raise CallerError("too many callers at once; try again in a minute", code="rate_limit_exceeded")
    asked = session.model if isinstance(session, rt.Session) else query.get("model")
    agent = agent_of(stage, asked)
    if not await stage.there(agent) and not await _is_alone(stage, agent):
        known = ", ".join(sorted(stage.agents))
        raise CallerError(
            f"no agent is called {agent[:80]!r}; there are: {known}", field="model", code="unknown_agent"
        )
    return agent


async def _is_alone(stage: Stage, name: str) -> bool:
    """It names one specialist of an agent, `agent/specialist`: whoever calls it is answered by nobody else."""
    whole, _, one = name.partition("/")
    if not one or not await stage.there(whole) or (agent := stage.agent(whole)) is None:
        return False
    specialist = agent.specialist(one)
    if specialist.name == one:
        stage.house[name] = replace(
            agent,
            name=name,
            specialists=(specialist,),
            router=None,
            greeting="",
            greet=None,
            remember=None,
            is_listed=False,
        )
    return specialist.name == one


def parts(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a `multipart/form-data` body, as text. Raises EventRefused."""
    head = f"content-type: {content_type}\r\nmime-version: 1.0\r\n\r\n".encode("latin-1", "replace")
    whole = message_from_bytes(head + body, policy=HTTP)
    found: dict[str, str] = {}
    for part in whole.walk():
        name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            try:
                found[name] = data.decode()
            except UnicodeDecodeError:
                raise rt.EventRefused("It must be text in UTF-8.", param=name[:40]) from None
    if not found:
        raise rt.EventRefused("The body is no multipart/form-data.", code="invalid_form")
    return found


# ---- refusals --------------------------------------------------------------------------------------------
def told(why: CallerError | ProviderError) -> rt.EventRefused:
    """The refusal in OpenAI's words."""
    if isinstance(why, rt.EventRefused):
        return why
    if isinstance(why, ProviderError):
        return rt.EventRefused(str(why), code="server_error")
    code = why.code
    if code.startswith("token_"):
        code = "invalid_api_key"
    elif isinstance(why, TooMany):
        code = "rate_limit_exceeded"
    return rt.EventRefused(str(why), code=code, param=why.field)


def refused(why: CallerError | ProviderError) -> Response:
    """The answer over HTTP."""
    headers = {"retry-after": str(why.retry_after)} if isinstance(why, TooMany) else None
    return Response(rt.refusal_body(told(why)), status_of(why), headers, "application/json")


async def turned_away(socket: WebSocket, why: CallerError | ProviderError) -> None:
    """The client of a socket that was accepted is told why, as OpenAI's server would, and the socket is closed."""
    event = rt.ErrorEvent(rt.Problem("invalid_request_error", str(why), told(why).code))
    await socket.send_text(rt.ServerSide("refused").encode(event))
    await socket.close(3000, str(why)[:120])
