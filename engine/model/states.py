"""The life of a job and of an attempt: the states, and the only ways between them.

Every change of state goes through `advance` or `step`. A move that the tables do not
list is a bug, never a case to handle. `engine/model/README.md` is drawn from the tables
and compared with them by a test, so the pictures cannot drift from the code.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.errors import IllegalTransition


class State(StrEnum):
    """Where a job stands."""

    PENDING = "pending"  # waits for a dependency, its start time, or admission
    QUEUED = "queued"  # could start now; perhaps an attempt of it is in `intent`
    RUNNING = "running"  # an attempt's process is on record
    RETRYING = "retrying"  # failed; waits to be tried again, holding nothing
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"  # a job that it depends on did not succeed


class Signal(StrEnum):
    """What can happen to a job."""

    READY = "ready"  # nothing holds it back any longer
    POSTPONE = "postpone"  # edited: it has something to wait for again
    START = "start"  # its process is on record
    SUCCEED = "succeed"
    FAIL = "fail"  # and may not be tried again
    RETRY = "retry"  # failed, and will be tried again after a wait
    EXPIRE = "expire"  # hard timeout, or its deadline passed before it ran
    CANCEL = "cancel"  # somebody asked
    SKIP = "skip"  # a job that it depends on did not succeed
    REQUEUE = "requeue"  # preempted, or its attempt was lost; runs again
    REUSE = "reuse"  # an earlier result of the same stands in for its run
    REVIVE = "revive"  # an operator wants it run again


TRANSITIONS: Final[Mapping[State, Mapping[Signal, State]]] = {
    State.PENDING: {
        Signal.READY: State.QUEUED,
        Signal.SKIP: State.SKIPPED,
        Signal.CANCEL: State.CANCELED,
        Signal.EXPIRE: State.TIMEOUT,
    },
    State.QUEUED: {
        Signal.POSTPONE: State.PENDING,
        Signal.START: State.RUNNING,
        Signal.RETRY: State.RETRYING,
        Signal.FAIL: State.FAILED,
        Signal.CANCEL: State.CANCELED,
        Signal.EXPIRE: State.TIMEOUT,
        Signal.REUSE: State.SUCCEEDED,
    },
    State.RUNNING: {
        Signal.SUCCEED: State.SUCCEEDED,
        Signal.FAIL: State.FAILED,
        Signal.CANCEL: State.CANCELED,
        Signal.EXPIRE: State.TIMEOUT,
        Signal.RETRY: State.RETRYING,
        Signal.REQUEUE: State.QUEUED,
    },
    State.RETRYING: {
        Signal.READY: State.QUEUED,
        Signal.CANCEL: State.CANCELED,
        Signal.EXPIRE: State.TIMEOUT,
    },
    State.SUCCEEDED: {},
    State.FAILED: {Signal.REVIVE: State.QUEUED},
    State.CANCELED: {Signal.REVIVE: State.QUEUED},
    State.TIMEOUT: {Signal.REVIVE: State.QUEUED},
    State.SKIPPED: {Signal.REVIVE: State.QUEUED},
}

FINAL: Final = frozenset(
    {State.SUCCEEDED, State.FAILED, State.CANCELED, State.TIMEOUT, State.SKIPPED}
)
"""States in which nothing happens any more unless an operator asks."""

WAITING: Final = frozenset({State.PENDING, State.QUEUED, State.RETRYING})
"""States in which no process of the job is on record."""


def advance(state: State, signal: Signal) -> State:
    """The state that follows `state` when `signal` arrives.

    Raises:
        IllegalTransition: TRANSITIONS lists no such move.
    """
    try:
        return TRANSITIONS[state][signal]
    except KeyError:
        raise IllegalTransition(f"{signal} cannot happen to a {state} job") from None


class Phase(StrEnum):
    """How far an attempt has come."""

    INTENT = "intent"  # on disk; nothing was started yet, as far as we know
    STARTING = "starting"  # its host has claimed it
    RUNNING = "running"  # its process is on record
    STOPPING = "stopping"  # told to end; may still run
    UNREACHABLE = "unreachable"  # its host is silent; nothing is known
    ENDED = "ended"


PHASES: Final[Mapping[Phase, frozenset[Phase]]] = {
    Phase.INTENT: frozenset(
        {Phase.STARTING, Phase.RUNNING, Phase.STOPPING, Phase.UNREACHABLE, Phase.ENDED}
    ),
    Phase.STARTING: frozenset({Phase.RUNNING, Phase.STOPPING, Phase.UNREACHABLE, Phase.ENDED}),
    Phase.RUNNING: frozenset({Phase.STOPPING, Phase.UNREACHABLE, Phase.ENDED}),
    Phase.STOPPING: frozenset({Phase.UNREACHABLE, Phase.ENDED}),
    Phase.UNREACHABLE: frozenset({Phase.RUNNING, Phase.STOPPING, Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


def step(phase: Phase, target: Phase) -> Phase:
    """`target`, if an attempt may go there from `phase`.

    Raises:
        IllegalTransition: PHASES lists no such move.
    """
    if target in PHASES[phase]:
        return target
    raise IllegalTransition(f"an attempt that is {phase} cannot become {target}")
