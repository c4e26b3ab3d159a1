"""Tool: a function, what it takes, and how it is run."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar, get_args, overload

from engine.model.durations import parse_duration
from engine.tools.schema import Arguments, SchemaError, result_schema

F = TypeVar("F", bound=Callable[..., Any])

Kind = Literal["io", "cpu", "mixed", "memory", "async"]
"""What it needs most: `io` and `mixed` run in threads, `cpu` and `memory` in processes of
their own, `async` on an event loop."""

KINDS: Final = get_args(Kind)

NAME_CHARACTERS: Final = 100

Retryable = bool | type[BaseException] | tuple[type[BaseException], ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that can be called by name. Called in Python, it is that function."""

    name: str
    function: Callable[..., Any]
    kind: Kind
    arguments: Arguments
    timeout_ms: int | None = None
    cache_ttl_ms: int | None = None
    retryable: Retryable = False
    result: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @property
    def is_async(self) -> bool:
        """Whether it runs on an event loop."""
        return inspect.iscoroutinefunction(self.function)

    def is_retryable(self, error: BaseException) -> bool:
        """Whether it declares that another try may help after this."""
        if isinstance(self.retryable, bool):
            return self.retryable
        return isinstance(error, self.retryable)


@overload
def tool(function: F, /) -> F: ...


@overload
def tool(
    *,
    name: str = "",
    kind: Kind | None = None,
    timeout: str | float | None = None,
    retryable: Retryable = False,
    cache_ttl: str | float | None = None,
) -> Callable[[F], F]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    kind: Kind | None = None,
    timeout: str | float | None = None,
    retryable: Retryable = False,
    cache_ttl: str | float | None = None,
) -> Any:
    """Make a function a tool.

    Args:
        function: Typed; its docstring's `Args:` describe its parameters.
        name: What it is called by; empty: the function's name.
        kind: What it needs most; None: `async` for a coroutine function, else `io`.
        timeout: Ends it: `30s`, or seconds; None: only the job's own timeout does.
        retryable: Whether another try may help when it raises: always, or after these.
        cache_ttl: So long the result of a call with the same arguments may stand in for it.

    Raises:
        SchemaError: it cannot be one; says why.
    """
    if function is not None:
        return _made(function, name, kind, timeout, retryable, cache_ttl)
    return lambda given: _made(given, name, kind, timeout, retryable, cache_ttl)


def _made(
    function: Callable[..., Any],
    name: str,
    kind: Kind | None,
    timeout: str | float | None,
    retryable: Retryable,
    cache_ttl: str | float | None,
) -> Tool:
    called = name or getattr(function, "__name__", "")
    if not (called.isprintable() and 0 < len(called) <= NAME_CHARACTERS):
        raise SchemaError(f"{called[:80]!r} cannot be typed: name the tool otherwise")
    is_async = inspect.iscoroutinefunction(function)
    kind = kind or ("async" if is_async else "io")
    if kind not in KINDS:
        raise SchemaError(f"{called}: kind {kind!r} is none of {', '.join(KINDS)}")
    if is_async != (kind == "async"):
        needed = "async" if is_async else "io, cpu, mixed or memory"
        raise SchemaError(f"{called}: is {'a' if is_async else 'no'} coroutine: say {needed}")
    return Tool(
        name=called,
        function=function,
        kind=kind,
        arguments=Arguments(function),
        timeout_ms=_ms(timeout, called, "timeout"),
        cache_ttl_ms=_ms(cache_ttl, called, "cache_ttl"),
        retryable=retryable,
        result=result_schema(function),
    )


def _ms(value: str | float | None, name: str, what: str) -> int | None:
    if value is None:
        return None
    found = _text_ms(value) if isinstance(value, str) else round(value * 1000)
    if found is None or found <= 0:
        raise SchemaError(f"{name}: {what} {value!r} is no length of time: write 30s or 5m")
    return found


def _text_ms(text: str) -> int | None:
    found_us = parse_duration(text)
    return None if found_us is None else found_us // 1000
