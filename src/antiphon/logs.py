"""Where log lines go and what they look like: ours, uvicorn's and every library's alike."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.typing import Processor

from antiphon.config import Settings
from antiphon.core.errors import SetupError
from antiphon.hosts.logged import name_call
from antiphon.hosts.security.redaction import Redactor, secrets_of

LEVELS = ("debug", "info", "warning", "error")


def set_up_logging(settings: Settings, to: TextIO | None = None) -> None:
    """Every log line of the process has the level and the form of the settings, and holds no secret.

    Lines go to `to`, by default standard error. Raises SetupError for a level that does not exist.
    """
    if settings.log_level.lower() not in LEVELS:
        raise SetupError(
            f"ANTIPHON_LOG_LEVEL={settings.log_level!r} will not do; use debug, info, warning or error"
        )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    stream = cast(TextIO, Steady(to or sys.stderr))
    render = [*_common(settings), _form(settings, stream)]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            foreign_pre_chain=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_logger_name],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries tell at "info" what belongs in nobody's log; at "debug" that is asked for.
    root.setLevel(level if level in (logging.DEBUG, logging.ERROR) else logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    logging.captureWarnings(True)


class Steady(io.TextIOBase):
    """The stream, where it takes what is written; a disk that is full, or a reader that left, ends no call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:  # there is nobody left to tell
            return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def _common(settings: Settings) -> list[Processor]:
    """Exceptions are written out before they are looked through for secrets."""
    return [
        name_call,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redactor(secrets_of(settings)),
        structlog.processors.TimeStamper(fmt="iso"),
    ]


def _form(settings: Settings, stream: TextIO) -> Processor:
    if settings.log_json:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
