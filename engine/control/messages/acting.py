"""What can be done to jobs."""

from typing import Any

from engine.control import views
from engine.control.messages.request import Ms, Request, Targets, Whole


class WhatIf(Request[views.Preview], frozen=True, tag="whatif"):
    """Who would start earlier or later if this were done; nothing is. One act at a time.

    `act` is one of `priority`, `cancel`, `hold`, `release` (of `targets`), `drain`,
    `resume_worker` (of `name`), `add_worker` (as `worker`), `limit`, `weight`, `pause`,
    `resume` (of queue `name`) and `edit` (of `targets`, with `changes`).
    """

    act: str
    targets: Targets = Targets()
    name: str = ""
    to: str | None = None
    limit: Whole | None = None
    """For `limit`, None: no limit; for `weight` the weight."""
    worker: dict[str, Any] = {}
    """`cpus`, `memory`, `gpus`, `gpu_type`, `slots`, `labels`, as people write them."""
    changes: dict[str, Any] = {}


class Apply(Request[views.Applied], frozen=True, tag="apply"):
    """Do what a preview showed, if what it was based on has not moved."""

    token: str


class Edit(Request[views.Acted], frozen=True, tag="edit"):
    """Change jobs that have not started: `changes` as people write jobs.

    Name, description, tags, metadata, queue, priority, resources, timeouts, retries,
    constraints. None takes a thing back to its default.
    """

    targets: Targets
    changes: dict[str, Any]


class Cancel(Request[views.Acted], frozen=True, tag="cancel"):
    """End jobs; the attempts of running ones get TERM, and KILL after their grace."""

    targets: Targets
    why: str = ""
    undo_ms: Ms = 0
    """Grace for jobs that wait: they cannot start, and `uncancel` takes it back."""
    kill: bool = False
    """For running jobs: KILL at once instead of TERM, grace, KILL."""


class Uncancel(Request[views.Acted], frozen=True, tag="uncancel"):
    """Withdraw cancels that are in their grace."""

    targets: Targets


class Hold(Request[views.Acted], frozen=True, tag="hold"):
    """Keep waiting jobs from starting."""

    targets: Targets
    why: str = ""


class Release(Request[views.Acted], frozen=True, tag="release"):
    """Take jobs off hold."""

    targets: Targets


class Pause(Request[views.Acted], frozen=True, tag="pause"):
    """Make running jobs stand still: STOP to all of their processes. They keep their place."""

    targets: Targets
    clocks: bool = False
    """Their timeouts stand still too."""


class Resume(Request[views.Acted], frozen=True, tag="resume"):
    """Let paused jobs go on."""

    targets: Targets


class Feed(Request[views.Fed], frozen=True, tag="feed"):
    """Send to the standard input of a job that was submitted with it open."""

    id: Whole
    data: bytes = b""
    """At most 1 MiB."""
    end: bool = False
    """It is all that will ever come; heeded when all of `data` was taken."""


class SetPriority(Request[views.Acted], frozen=True, tag="priority"):
    """To a level by name, or up (`raise_by` > 0) or down some levels."""

    targets: Targets
    to: str | None = None
    raise_by: Whole = 0


class Retry(Request[views.Acted], frozen=True, tag="retry"):
    """Run ended jobs again, or waiting retries at once: same id, next attempt."""

    targets: Targets


class SetArray(Request[views.Acted], frozen=True, tag="set_array"):
    """Change how many members of an array run at once, or after how many failures it stops."""

    id: Whole
    limit: Whole | None = None
    no_limit: bool = False
    stop_after: Whole | None = None
