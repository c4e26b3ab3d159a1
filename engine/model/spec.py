"""A job as it was asked for: everything that is fixed at submission."""

from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

from engine.model.calls import Call
from engine.model.checks import Check
from engine.model.hooks import Hook
from engine.model.ids import JobId
from engine.model.keeping import BuildCache, Memo, Output
from engine.model.limits import Partition, Restart, RetryPolicy, Timeouts
from engine.model.priority import Priority
from engine.model.resources import Resources
from engine.model.rules import Placing
from engine.model.sessions import Session
from engine.model.workflow import Edge, Fallback
from engine.model.workspaces import Workspace


class Kind(StrEnum):
    """What a job is made of. Only `command` can be run so far."""

    COMMAND = "command"
    TOOL_CALL = "tool_call"
    STAGE = "stage"
    TRAINING_STEP = "training_step"
    EXPERIMENT_STEP = "experiment_step"
    WORKFLOW_STEP = "workflow_step"
    INFERENCE = "inference"
    BACKEND_COMMAND = "backend_command"
    COMPOSITE = "composite"


class LogPolicy(StrEnum):
    """What happens to a log that reaches its cap."""

    TRIM = "trim"  # the oldest bytes go, and the log says how many
    STOP = "stop"  # the host ends the job


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to execute: exactly one of `argv` and `shell`."""

    argv: tuple[str, ...] = ()
    shell: str | None = None
    """One line for `/bin/sh -c`."""
    cwd: str | None = None
    """Absolute; None: that of the submitter."""
    env: dict[str, str] = {}
    """Added to the environment that the submission brought along."""
    stdin: str | None = None
    """Given to the process as its standard input; None: /dev/null."""
    open_stdin: bool = False
    """Its standard input stays open, after `stdin`, for what it is sent while it runs."""

    @property
    def text(self) -> str:
        """The command on one line, as a person would recognise it."""
        return self.shell if self.shell is not None else " ".join(self.argv)


class Constraints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where and when the job may run."""

    required_workers: tuple[str, ...] = ()
    preferred_workers: tuple[str, ...] = ()
    excluded_workers: tuple[str, ...] = ()
    required_labels: tuple[str, ...] = ()
    preferred_labels: tuple[str, ...] = ()
    excluded_labels: tuple[str, ...] = ()
    required_backends: tuple[str, ...] = ()
    preferred_backends: tuple[str, ...] = ()
    excluded_backends: tuple[str, ...] = ()
    depends_on: tuple[int, ...] = ()
    """Ids of jobs that must succeed first."""
    depends_otherwise: tuple[Edge, ...] = ()
    """Jobs that must have ended in another way first."""
    not_before_at: int | None = None
    deadline_at: int | None = None
    """Past this instant, while it still waits, the job ends as `timeout`."""
    concurrency_group: str | None = None
    max_concurrent_in_group: int = 1
    goal: str | None = None
    """One live job has the lock of a goal; it takes it at its first start, keeps it
    through its retries, and shares it with the jobs that it submits."""
    session_id: str | None = None
    """Jobs of one session prefer the worker where it ran last."""
    placing: Placing | None = None
    """Spread or pack; None: as the rules say."""
    locality: str = "any"

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All jobs that must end first, and how."""
        if not self.depends_on:
            return self.depends_otherwise
        return (*(Edge(JobId(on)) for on in self.depends_on), *self.depends_otherwise)


class JobSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One job as submitted, validated and with every default filled in."""

    command: Command = Command()
    call: Call | None = None
    """What a pool calls, in place of a command."""
    kind: Kind = Kind.COMMAND
    name: str = ""
    description: str = ""
    queue: str = "default"
    priority: Priority = Priority.NORMAL
    tenant: str = "default"
    namespace: str = "default"
    owner: str = ""
    tags: tuple[str, ...] = ()
    metadata: dict[str, object] = {}
    resources: Resources = Resources()
    retry: RetryPolicy = RetryPolicy()
    timeouts: Timeouts = Timeouts()
    constraints: Constraints = Constraints()
    restart: Restart = Restart.SAFE
    on_partition: Partition = Partition.KEEP
    log_cap_bytes: int = 64 * 2**20
    """For each of stdout and stderr."""
    log_policy: LogPolicy = LogPolicy.TRIM
    held: bool = False
    """Submitted on hold: it waits until somebody releases it."""
    key: str | None = None
    """At most one live job has a given key."""
    trace_id: str = ""
    span_id: str = ""
    parent_id: JobId | None = None
    array: JobId | None = None
    """The composite job of the array that it is a member of."""
    array_index: int | None = None
    """Its place in the array, from 0."""
    params: dict[str, str] = {}
    """The member's values of the array's parameters."""
    flow: JobId | None = None
    """The composite job within which it is a task."""
    task: str = ""
    """Its name there."""
    fallback: Fallback | None = None
    """Stands in for its result if it fails."""
    spare: str = ""
    """The task of its flow that is run if it fails, and whose result stands in for its own."""
    tolerated: bool = False
    """Its failure is not that of the workflow: a value or another task stands in for it."""
    wants_result: bool = False
    """What it writes to `$CRAB_RESULT` is kept; tasks of workflows always want that."""
    item: object | UnsetType = UNSET
    """What it is made for, if it is one of the tasks of a fan-out."""
    tmux: Session | None = None
    """Where people can watch it."""
    workspace: Workspace | None = None
    """A worktree that each attempt gets, and runs in."""
    gate: Check | None = None
    """An attempt that ends well has to pass it, where its command ran."""
    frozen: str = ""
    """SHA-256 of a tar: each attempt runs in a fresh copy of what is in it."""
    outputs: tuple[Output, ...] = ()
    """What is collected when an attempt has ended."""
    caches: tuple[BuildCache, ...] = ()
    """What is restored before the command, in this order."""
    memo: Memo | None = None
    """A result of the same that is young enough stands in for a run."""
    hooks: tuple[Hook, ...] = ()
    """What is run when it starts or ends."""
    hook_of: JobId | None = None
    """The job whose hook it is; such a job has no hooks."""
    preemptible: bool = False
    """A critical job may displace it, which costs it no attempt."""
    estimated_duration_ms: int | None = None
    max_cost_usd: float | None = None
    max_tokens: int | None = None
    """An attempt that has reported more is ended, and not tried again. It reports by lines
    `tokens N` (used since the last line), appended to `$CRAB_USAGE`, which its host sums up
    every two seconds: what it uses in between, and never reports, is not held back."""
    agent_phase: int | None = None
    is_promotion_gate: bool = False

    @property
    def text(self) -> str:
        """What it runs, on one line, as a person would recognise it."""
        return self.command.text if self.call is None else self.call.text

    @property
    def whole(self) -> JobId | None:
        """The composite job that ends when it and its like have ended."""
        return self.array if self.array is not None else self.flow


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a submission came from; shared by all of its jobs, stored once."""

    cwd: str = "/"
    env: dict[str, str] = {}
