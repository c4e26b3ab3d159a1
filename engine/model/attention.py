"""What wants somebody's attention, as values."""

from enum import IntEnum

import msgspec


class Rank(IntEnum):
    """How much it matters; the smallest first."""

    ENGINE = 1  # the engine itself does not work as it should
    REACH = 2  # attempts or workers that are out of reach
    ASKED = 3  # jobs that somebody has to decide about
    UNSATISFIABLE = 4  # jobs that no worker could ever hold
    STANDING = 5  # queues paused, or jobs held, for long
    RUN = 6  # the newest run of a workflow failed
    REPEATED = 7  # failures of one fingerprint, again and again
    STRAINED = 8  # a breaker is open, a worker is kept from work, a backlog is deep
    MISSED = 9  # runs of what recurs that nobody could start


class Matter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that wants attention."""

    key: str
    """The same for as long as it lasts: `worker:gpu-07`."""
    rank: int
    kind: str
    """`engine`, `worker`, `ask`, `unsatisfiable`, `queue`, `held`, `run`, `failures`,
    `backlog`, `cron`."""
    subject: str
    """What it is about, in a word: the name of a worker or queue, or of a kind of job."""
    text: str
    """What is the matter, with its numbers."""
    affected: int = 0
    """How many jobs suffer from it."""
    since_at: int | None = None
    jump: str = ""
    """Address of the view that shows it."""
    level: str = "warn"
    """`bad`, `warn` or `note`."""
    acknowledged_by: str = ""
    """Who knows of it already, and has not been asked again since; empty: nobody."""
    acknowledged_until_at: int | None = None


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody knows of a matter as it was then."""

    key: str
    rank: int
    affected: int
    by: str
    at: int
    until_at: int
