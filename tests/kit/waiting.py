"""Waiting for a condition: the one place in the tests where time passes."""

import selectors
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_S: Final = 90.0
"""How long anything may take on the slowest machine; only what hangs takes that long."""

_never = threading.Event()


class NotInTimeError(AssertionError):
    """A condition did not come true; says which, and what was seen last."""


def pause(seconds: float) -> None:
    """Let time pass where the instant itself is what is tested, as before a random kill."""
    _never.wait(seconds)


def wait_until(
    look: Callable[[], T], *, timeout_s: float = PATIENCE_S, gap_s: float = 0.01, what: str = ""
) -> T:
    """The first truthy answer of `look`, asked again every `gap_s`.

    Raises:
        NotInTimeError: none came within `timeout_s`.
    """
    ends_s = time.monotonic() + timeout_s
    while not (answer := look()):
        if time.monotonic() > ends_s:
            raise NotInTimeError(
                f"{what or look} not within {timeout_s} s; last seen: {answer!r}"
            )
        pause(gap_s)
    return answer


def read_ready(descriptor: int, *, timeout_s: float) -> bool:
    """Does `descriptor` have something to read, or end, within `timeout_s`?"""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(max(timeout_s, 0)))
