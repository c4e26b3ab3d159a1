"""The orders in which jobs can be listed: what a window may ask for, and clients offer."""

from typing import Final

SORTS: Final = (
    "activity",
    "id",
    "name",
    "queue",
    "priority",
    "state",
    "worker",
    "created",
    "started",
    "ended",
)
"""By name, the usual first; ids decide between equals, jobs without the value come last."""
