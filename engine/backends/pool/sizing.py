"""How many calls of a kind run at once: by the cores there are, and by the load on them."""

from typing import Final

_PER_CORE: Final = {
    # a busy machine; an idle one
    "io": (4.0, 8.0),
    "cpu": (1.0, 1.0),
    "mixed": (2.0, 3.0),
    "memory": (0.5, 1.0),
    "async": (64.0, 256.0),
}

KINDS: Final = tuple(_PER_CORE)

SHARED: Final = frozenset({"io", "mixed", "async"})
"""Kinds whose calls share a process; each call of another kind has one of its own."""

IDLE_LOAD: Final = 0.5
BUSY_LOAD: Final = 1.0
"""Load per core below which a pool is as large as it may be, above which as small."""


def most(kind: str, cores: int) -> int:
    """The upper bound of a kind."""
    return max(1, int(_PER_CORE[kind][1] * cores))


def size(kind: str, load: float, upper: int) -> int:
    """How many calls of a kind run at once now.

    Args:
        kind: Which.
        load: Of the machine, per core.
        upper: Its bound here, which may be configured.
    """
    low, high = _PER_CORE[kind]
    idle = min(max((BUSY_LOAD - load) / (BUSY_LOAD - IDLE_LOAD), 0.0), 1.0)
    part = (low + (high - low) * idle) / high
    return max(1, min(upper, round(upper * part)))
