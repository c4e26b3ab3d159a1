"""Work that recurs or follows: schedules, hooks, and what they submit."""

from typing import Any, Literal

from engine.control import views
from engine.control.messages.request import Ms, Request, Whole


class AddCron(Request[views.CronAdded], frozen=True, tag="add_cron"):
    """Submit something again and again. Exactly one of `job` and `workflow` says what."""

    name: str
    spec: str
    """Five fields (minute hour day month weekday), `@daily` and its like, `@every 90s`."""
    zone: str = ""
    """In which the fields are read, such as `Europe/Berlin`; empty: that of the daemon."""
    job: dict[str, Any] | None = None
    """As people write jobs."""
    workflow: dict[str, Any] | None = None
    """A definition, as people write them."""
    params: dict[str, Any] = {}
    """Of the workflow: over the defaults that its definition has."""
    missed: Literal["skip", "once", "all"] = "once"
    """What becomes of runs that came due while nobody could start them."""
    overlap: Literal["skip", "queue", "cancel_running", "allow"] = "skip"
    """What becomes of a run whose predecessor has not ended."""
    jitter_ms: Ms = 0
    """Each run is late by a chance part of this."""
    start: str | None = None
    """No run before; an instant, or a length of time from now."""
    end: str | None = None
    replace: bool = False
    """One of this name is replaced; else it is refused."""
    cwd: str = "/"
    env: dict[str, str] = {}


class ListCrons(Request[views.CronsView], frozen=True, tag="crons"):
    """All schedules, by name."""


class ShowCron(Request[views.CronDetail], frozen=True, tag="cron"):
    """One schedule: what it submits, its next runs and its newest jobs."""

    name: str
    count: Whole = 5
    """How many of the next runs; 1000 at most."""


class ActOnCron(Request[views.Acted], frozen=True, tag="act_on_cron"):
    """Pause, resume or remove a schedule, or run it now beside its schedule."""

    name: str
    act: Literal["pause", "resume", "remove", "run"]
    why: str = ""


class ListHooks(Request[views.HooksView], frozen=True, tag="hooks"):
    """The hooks of the configuration, or those that a job has and has fired."""

    id: Whole | None = None
    """Of a job; None: those of the configuration."""
