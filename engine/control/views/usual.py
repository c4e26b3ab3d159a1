"""How long jobs usually run."""

from engine.control.views.view import View


class UsualTimes(View, frozen=True):
    """Of the newest successful runs of jobs with one name in one queue."""

    p50_ms: int
    """Half of them took no longer."""
    p90_ms: int
    runs: int
