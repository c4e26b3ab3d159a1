"""How jobs come in."""

from typing import Any

from engine.control import views
from engine.control.messages.request import Request, Whole


class Submit(Request[views.Submitted], frozen=True, tag="submit"):
    """Store jobs, all or none."""

    jobs: tuple[dict[str, Any], ...]
    """As people write them; the daemon validates (see `engine.model.intake`)."""
    defaults: dict[str, Any] = {}
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""
    """Repeating a submission with the same key stores nothing new."""
    on_key: str = "return"
    """What a live job with the same key means: `return`, `reject` or `replace`."""


class SubmitArray(Request[views.Submitted], frozen=True, tag="submit_array"):
    """Store an array: a composite job, and a member for each set of parameters.

    The answer's ids are one range: the composite job first, its members after it. Words of
    the template's command, name, cwd and env may hold `{NAME}` for a parameter and
    `{index}`; a shell line gets them quoted. Members see them as `CRAB_PARAM_NAME` and
    `CRAB_ARRAY_INDEX`. Exactly one of `values`, `grid` and `lines` says what they are.
    """

    job: dict[str, Any]
    """The template, as people write jobs."""
    values: tuple[str, ...] = ()
    """Items of a list, or ranges like `1-10` and `0-100:5`; the parameter is `item`."""
    grid: dict[str, tuple[str, ...]] = {}
    """Each combination of these values (or ranges), the last parameter turning fastest."""
    lines: tuple[str, ...] = ()
    """One member for each; the parameter is `line`."""
    limit: Whole | None = None
    """How many may run at once."""
    stop_after: Whole | None = None
    """After so many failures those that wait are canceled."""
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""


class SubmitBegin(Request[views.Done], frozen=True, tag="submit_begin"):
    """Open a bulk submission on this connection; losing the connection drops it."""

    count: Whole
    """How many jobs will come; their ids are contiguous."""
    defaults: dict[str, Any] = {}
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""


class SubmitChunk(Request[views.Done], frozen=True, tag="submit_chunk"):
    """Up to 1 MiB of whole NDJSON lines."""

    lines: str


class SubmitCommit(Request[views.Submitted], frozen=True, tag="submit_commit"):
    """Make all chunks since `submit_begin` real, at once."""


class Clone(Request[views.Submitted], frozen=True, tag="clone"):
    """Submit a copy of a past or present job, with some things changed."""

    id: Whole
    changes: dict[str, Any] = {}
    request_key: str = ""
