"""Hearing a message for as long as there is a screen to show it on."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from textual import on
from textual.message import Message

F = TypeVar("F", bound=Callable[..., None])


def hears(kind: type[Message]) -> Callable[[F], F]:
    """Like Textual's `on`, for a method of the desk; what comes too late is dropped."""

    def decorate(method: F) -> F:
        @wraps(method)
        def heard(desk: Any, *event: Message) -> None:
            if desk.is_open:
                method(desk, *event)

        return on(kind)(heard)  # type: ignore[return-value]

    return decorate
