"""Jobs counted by what they have in common."""

from engine.control.views.view import View


class GroupView(View, frozen=True, omit_defaults=True):
    """The jobs that have one value."""

    value: str | None
    """None: they have none."""
    count: int
    by_state: dict[str, int] = {}
    where: str = ""
    """The filter, added to the one that was asked with, that lists them; empty: none does."""


class GroupsView(View, frozen=True):
    """All values, most jobs first."""

    by: str
    groups: tuple[GroupView, ...]
    others: int
    """Further values that are left out."""
    jobs: int
    """How many were counted."""
    is_exact: bool
    """These are all that match."""
    seq: int


class ValueCount(View, frozen=True):
    """How many jobs have a value."""

    value: str
    count: int


class Suggestions(View, frozen=True):
    """Values that could be meant, the likeliest first."""

    field: str
    values: tuple[ValueCount, ...]
    is_exact: bool
    """Counted among all jobs, not only among the newest."""
