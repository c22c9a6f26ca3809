"""Errors say whose fault they are and whether trying again can help.

    AntiphonError
    ├── CallerError         the other side sent what we cannot accept; the text names the field
    ├── SetupError          the machine or the configuration lacks something; the text says what to do
    └── ProviderError       a recognizer, model or voice failed; `retryable` says whether to try again

Anything else that is raised is a bug of ours.
"""


class AntiphonError(Exception):
    """The root of all errors raised on purpose."""


class CallerError(AntiphonError):
    """The caller sent something that cannot be accepted. `field` names the offending part, if one does."""

    def __init__(self, message: str, *, field: str | None = None, code: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class SetupError(AntiphonError):
    """Something that must be there is missing; the message ends with the next thing to try."""


class ProviderError(AntiphonError):
    """A provider failed. With `retryable`, the same request may succeed later or elsewhere.

    `after_s`: seconds the provider asks to be left alone for; 0 when it does not say.
    """

    def __init__(
        self, message: str, *, retryable: bool = True, provider: str = "", after_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.provider = provider
        self.after_s = after_s


def first_cause(error: BaseException) -> BaseException:
    """The first error in it that is not a group of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
