"""The collectors that the settings name."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.tracing.sink import Sink
from antiphon.hosts.tracing.tracing import Tracing

LANGFUSE = "https://cloud.langfuse.com"
LANGFUSE_PATH = "/api/public/otel/v1/traces"
OTLP_PATH = "/v1/traces"


@asynccontextmanager
async def traced(settings: Settings) -> AsyncIterator[Tracing | None]:
    """As `open_tracing` gives it; in the end the collectors have had seconds to take what was left."""
    tracing = await asyncio.to_thread(open_tracing, settings)
    try:
        yield tracing
    finally:
        if tracing is not None:
            await asyncio.to_thread(tracing.close)


def open_tracing(settings: Settings) -> Tracing | None:
    """The tracing that the settings name, its threads running; None when they name none.

    Raises SetupError when half of a setting is missing, or the extra.
    """
    public, secret = settings.langfuse_public_key, settings.langfuse_secret_key.get_secret_value()
    if bool(public) != bool(secret):
        raise SetupError("Langfuse takes two keys: set both LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY")
    if not (settings.otel_endpoint or public):
        return None
    try:
        from antiphon.hosts.tracing.wire import Collector
    except ModuleNotFoundError as error:
        raise SetupError(
            f"traces need the extra otel ({error.name} is missing): pip install 'antiphon[otel]'"
        ) from None
    found: list[Sink] = []
    resource = {"service.instance.id": settings.node} if settings.node else {}
    headers = _headers(settings.otel_headers.get_secret_value())
    if endpoint := settings.otel_endpoint:
        found.append(Collector(endpoint.rstrip("/") + OTLP_PATH, headers, resource))
    if public:
        pair = base64.b64encode(f"{public}:{secret}".encode()).decode()
        own = {"authorization": f"Basic {pair}", "x-langfuse-ingestion-version": "4"}
        url = (settings.langfuse_host or LANGFUSE).rstrip("/") + LANGFUSE_PATH
        foreign = sorted(set(headers) - set(own))
        found.append(Collector(url, own, resource, name="langfuse", drops=foreign))
    return Tracing(found, tells_text=settings.trace_text)


def _headers(text: str) -> dict[str, str]:
    """As in OTEL_EXPORTER_OTLP_HEADERS: `name=value,name=value`, percent-encoded."""
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
