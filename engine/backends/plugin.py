"""Plugin: what a package hands over to bring a kind of backend of its own.

Its entry point in the group `crabtui.backends` names a `Plugin`:

    [project.entry-points."crabtui.backends"]
    nice = "crabtui_nice:PLUGIN"

and a worker of it stands in the configuration as

    [workers.polite]
    backend = "nice"
    options = {level = 10}

`engine.testing.backend_contract` is the suite that its backend has to pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.backends.protocol import Backend
from engine.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a backend is made: what it may know of the daemon that it works for."""

    worker: str
    """Name of the worker that it is to drive."""
    controller: str
    """Who the daemon is, for hosts that several daemons share; stays the same for ever."""
    folder: Path
    """For this worker alone, below the state directory; not made yet. What must be found
    again by the next daemon is kept here or where the attempts run, and nowhere else."""
    clock: Clock
    lease_ttl_s: float
    """How soon a broken link has to be noticed, at the latest."""


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a kind that has nothing to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A kind of backend."""

    make: Callable[[Site, Any], Backend]
    """A backend for a worker, given its options; touches nothing, connects nothing.

    Raises InvalidSpec for options that contradict each other. What its backend's `hello`
    raises is shown as the worker's trouble, and costs nobody else anything.
    """
    options: type[msgspec.Struct] = NoOptions
    """Schema of the table `options`; with `forbid_unknown_fields` it names what is misspelt."""
