"""What a call comes to, as values: a result, or an error that says what kind it is."""

import traceback
from collections.abc import Callable
from typing import Any, Final

import msgspec

from engine.errors import Category, EngineError

RESULT_BYTES: Final = 256 * 1024
"""The most that a result may have, as JSON."""

TRACE_BYTES: Final = 8_000
MOST_WAIT_S: Final = 31 * 86_400
"""A wait before another try that is longer is not believed."""

MESSAGE_CHARACTERS: Final = 500


class ToolError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a call has no result."""

    category: Category
    type: str
    """What was raised, or a short word for what else happened: `exited`, `no_json`."""
    message: str
    traceback: str = ""
    retryable: bool = False
    retry_after_ms: int | None = None


class ToolResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a call came to: `value`, or `error`."""

    value: Any = None
    error: ToolError | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it has a value."""
        return self.error is None


class ToolFailure(Exception):
    """Raised by a tool that fails on purpose, and knows whether another try may help."""

    def __init__(
        self,
        message: str,
        *,
        category: Category | str = Category.INTERNAL,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.category = Category(category)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


_CATEGORIES: Final[tuple[tuple[type[BaseException], Category, bool], ...]] = (
    # the first that fits; whether another try may help
    (TimeoutError, Category.TIMEOUT, True),
    (PermissionError, Category.PERMISSION, False),
    (ConnectionError, Category.NETWORK, True),
    (MemoryError, Category.RESOURCE, False),
)


def failure(error: BaseException, is_retryable: Callable[[BaseException], bool]) -> ToolError:
    """What an exception of a tool comes to.

    Args:
        error: As it was raised.
        is_retryable: Whether the tool declares that another try may help.
    """
    try:
        category, may_pass, wait_s = _judged(error)
        return ToolError(
            category=category,
            type=plain(type(error).__name__),
            message=_message(error),
            traceback=_trace(error),
            retryable=bool(may_pass or is_retryable(error)),
            retry_after_ms=_ms(wait_s),
        )
    except BaseException:  # the tool's own class: it may do anything
        return ToolError(
            category=Category.INTERNAL,
            type=plain(type(error).__name__),
            message=_message(error),
        )


def _ms(seconds: float | None) -> int | None:
    """Milliseconds; None, too, if it is no length of time that anybody would wait."""
    if seconds is None or not 0 <= seconds <= MOST_WAIT_S:
        return None
    return round(seconds * 1000)


def plain(text: str) -> str:
    """Text that can be encoded, whatever half characters it has."""
    return text.encode("utf-8", "backslashreplace").decode()


def _judged(error: BaseException) -> tuple[Category, bool, float | None]:
    if isinstance(error, ToolFailure):
        return error.category, error.retryable, error.retry_after_s
    if isinstance(error, EngineError):
        return error.category, error.retryable, error.retry_after_s
    for kind, category, may_pass in _CATEGORIES:
        if isinstance(error, kind):
            return category, may_pass, None
    return Category.INTERNAL, False, None


def _message(error: BaseException) -> str:
    try:
        said = str(error)
    except BaseException:  # the tool's own class: it may do anything
        said = "(its message cannot be had)"
    return plain((said or type(error).__name__)[:MESSAGE_CHARACTERS])


def _trace(error: BaseException) -> str:
    """The end of its traceback, without our own frames at its beginning."""
    try:
        told = "".join(traceback.format_exception(error, limit=-30))
    except BaseException:  # as above
        return ""
    return plain(told[-TRACE_BYTES:])


def as_json(value: Any) -> bytes | ToolError:
    """A value as it is stored; why it cannot be, if it is no JSON or too much of it."""
    try:
        data = msgspec.json.encode(value)
        if b"NaN" in data or b"Infinity" in data:
            msgspec.json.decode(data)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        return _unfit("no_json", f"its result is nothing that JSON can carry: {error}")
    if len(data) > RESULT_BYTES:
        return _unfit(
            "too_large",
            f"its result has {len(data):,} bytes, and at most {RESULT_BYTES:,} are kept: write "
            "it to a file, and return where that is",
        )
    return data


def _unfit(kind: str, message: str) -> ToolError:
    return ToolError(
        category=Category.VALIDATION, type=kind, message=message[:MESSAGE_CHARACTERS]
    )
