"""Moments that are past."""

from engine.control.views.view import View


class MomentView(View, frozen=True):
    """One event, between where the past begins and the newest one."""

    seq: int
    at: int
    """When it happened."""
    first_seq: int
    """The first event as of which everything is known."""
    first_at: int
    head: int
    head_at: int
