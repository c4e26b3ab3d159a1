"""The four priorities, their other names, and their shares of grants."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from engine.model.words import unknown


class Priority(IntEnum):
    """How urgent a job is; the smaller, the sooner."""

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3

    @property
    def label(self) -> str:
        """The word that people write and read."""
        return self.name.lower()

    def raised(self, levels: int) -> "Priority":
        """The priority `levels` steps more urgent, stopping at the ends."""
        return Priority(min(max(self - levels, Priority.CRITICAL), Priority.LOW))


ALIASES: Final[Mapping[str, Priority]] = {
    **{level.name.lower(): level for level in Priority},
    "realtime": Priority.CRITICAL,
    "interactive": Priority.HIGH,
    "medium": Priority.NORMAL,
    "batch": Priority.NORMAL,
    "offline": Priority.LOW,
}

SHARES: Final[Mapping[Priority, int]] = {
    Priority.CRITICAL: 50,
    Priority.HIGH: 30,
    Priority.NORMAL: 15,
    Priority.LOW: 5,
}
"""Grants out of a hundred while all four have work waiting."""


def parse_priority(text: str) -> Priority:
    """The priority that `text` names, in any letter case.

    Raises:
        InvalidSpec: no such priority; names the nearest one.
    """
    try:
        return ALIASES[text.lower()]
    except KeyError:
        raise unknown("priority", text, ALIASES, field="priority") from None
