"""What holds a job to the memory and cores that it asked for, in words."""

from collections.abc import Mapping
from typing import Final

from crabtui.data.sanitize import sanitize

LEVELS: Final[Mapping[str, str]] = {
    "scope": "scope: memory of all its processes, cores by weight",
    "rlimit": "rlimit: memory of each process; cores are not held",
    "": "none: nothing holds it to what it asked for",
}


def text(level: str) -> str:
    """A level, and what it means; one that is not known stands for itself."""
    return LEVELS.get(level, sanitize(level))
