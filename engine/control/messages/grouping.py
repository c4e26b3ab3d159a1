"""What jobs have in common: counted by a field of the filter, or offered while one types."""

from engine.control import views
from engine.control.messages.request import Request, Whole


class GroupJobs(Request[views.GroupsView], frozen=True, tag="group"):
    """How many of the jobs that match have each value of a field, most first."""

    by: str
    """A field of the filter: `queue`, `name`, `worker`, `reason`, `fp`, …"""
    where: str = ""
    fold: bool = False
    """Leave members of arrays out."""
    count: Whole = 100
    """Values at most; the others are counted together."""
    as_of: Whole | None = None
    """The event as of which; None: now."""


class Suggest(Request[views.Suggestions], frozen=True, tag="suggest"):
    """The commonest values of a field of the filter among all jobs, or the newest ones."""

    field: str
    begun: str = ""
    """Only values that have this in them, in any letter case; those it begins come first."""
    count: Whole = 20
    as_of: Whole | None = None
    """The event as of which; None: now."""
