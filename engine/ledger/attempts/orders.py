"""Orders: a granted attempt, spelled out for the host that runs it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.backends.protocol import HostCache, Order
from engine.ledger.attempts.contexts import NOTHING, Before, Contexts
from engine.ledger.memory.live import Live
from engine.model.keeping import CACHES_MAX_BYTES, OUTPUTS_MAX_BYTES
from engine.model.sessions import session_of
from engine.model.spec import JobSpec, LogPolicy, Surroundings
from engine.model.surroundings import speaks
from engine.model.worker import Worker
from engine.model.workspaces import Workspace
from engine.policy.workflows.late import filled
from engine.store.protocol import Store

DEVICES = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Where programs look for the devices that they may use; empty: none."""

HIP_DEVICES = "HIP_VISIBLE_DEVICES"
"""AMD's second choice: it counts what ROCR has left, and would take CUDA's if it had none."""

_encode = msgspec.json.Encoder().encode

KEPT = 512
"""Surroundings that are kept in memory; whole submissions share one."""


class Orders:
    """Writes orders; remembers the surroundings that many jobs share."""

    def __init__(
        self,
        store: Store,
        *,
        state_dir: str,
        outputs_max_bytes: int = OUTPUTS_MAX_BYTES,
        caches_max_bytes: int = CACHES_MAX_BYTES,
    ) -> None:
        """Prepare.

        Args:
            store: Where surroundings are.
            state_dir: What a job sees as `CRAB_STATE`.
            outputs_max_bytes: What one attempt may leave.
            caches_max_bytes: What the build caches of one host may have together.
        """
        self._outputs_max_bytes = outputs_max_bytes
        self._caches_max_bytes = caches_max_bytes
        self._store = store
        self._state_dir = state_dir
        self._contexts = Contexts(store)
        self._known: dict[int, Surroundings] = {}

    async def before(self, lives: Sequence[Live]) -> Before:
        """What the orders of attempts that start together have to tell of others."""
        return await self._contexts.before([live.job for live in lives])

    async def order(
        self, live: Live, worker: Worker | None = None, before: Before = NOTHING
    ) -> Order:
        """What the host of this attempt must know.

        Args:
            live: The attempt.
            worker: Where it runs; None if that is not known any more.
            before: What was looked up for it and others.

        Raises:
            InvalidSpec: it refers to what those before it did not leave.
        """
        job, spec, context = live.job, live.job.spec, None
        if spec.whole is not None:
            context = await self._contexts.context(job, live.attempt.id, before)
            spec = filled(spec, context) if context is not None else spec
        command = spec.command
        around = await self._surroundings(job.surroundings)
        timeouts = spec.timeouts
        around = _there(around, worker)
        env = {**around.env, **_devices(live, worker), **_budget(spec), **command.env}
        env |= self._marks(live) | _flow_of(context)
        return Order(
            attempt=live.attempt.id,
            epoch=live.attempt.epoch,
            argv=command.argv,
            shell=command.shell,
            cwd="/" if spec.workspace else command.cwd or around.cwd,
            workspace=_based(spec.workspace, worker),
            env=tuple(env.items()),
            stdin=command.stdin,
            open_stdin=command.open_stdin,
            tmux=session_of(spec.tmux, job.id, spec.array_index) if spec.tmux else "",
            soft_ms=timeouts.soft_ms,
            hard_ms=timeouts.hard_ms,
            grace_ms=timeouts.grace_ms,
            lease_ms=live.attempt.lease_ms,
            memory_mb=spec.resources.memory_mb if live.attempt.limits else 0,
            cpu_milli=spec.resources.cpu_milli,
            context=None if context is None else _encode(context).decode(),
            wants_result=spec.wants_result,
            gate=spec.gate,
            log_stop_bytes=(spec.log_cap_bytes if spec.log_policy is LogPolicy.STOP else None),
            max_tokens=spec.max_tokens,
            call=spec.call,
            outputs=tuple(one.path for one in spec.outputs),
            frozen=spec.frozen,
            caches=tuple(
                HostCache(name=one.name, path=one.path, key=one.key, files=one.files)
                for one in spec.caches
            ),
            outputs_max_bytes=self._outputs_max_bytes,
            caches_max_bytes=self._caches_max_bytes,
        )

    def _marks(self, live: Live) -> dict[str, str]:
        """What a job may read to know itself."""
        return {
            "CRAB_JOB": str(live.job.id),
            "CRAB_ATTEMPT": live.attempt.id,
            "CRAB_EPOCH": str(live.attempt.epoch),
            "CRAB_STATE": self._state_dir,
        }

    async def _surroundings(self, key: int) -> Surroundings:
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[key] = await self._store.surroundings(key)
        return self._known[key]


def _budget(spec: JobSpec) -> dict[str, str]:
    """What a job may read to know how many tokens it may use."""
    return {} if spec.max_tokens is None else {"CRAB_BUDGET": str(spec.max_tokens)}


def _flow_of(context: Mapping[str, Any] | None) -> dict[str, str]:
    """What a task may read to know the run that it is in: the outermost one, which can grow."""
    return {} if context is None else {"CRAB_FLOW": str(context["workflow"]["id"])}


def _there(around: Surroundings, worker: Worker | None) -> Surroundings:
    """Where a job begins and what it sees, if it says nothing itself.

    Folders and accounts of the submitter's host mean nothing on another: there it begins in
    the account's home, with the account's environment and the submitter's language.
    """
    if worker is None or not worker.env:
        return around
    spoken = {name: text for name, text in around.env.items() if speaks(name)}
    return Surroundings(cwd=worker.env.get("HOME", "/"), env={**spoken, **worker.env})


def _based(workspace: Workspace | None, worker: Worker | None) -> Workspace | None:
    """With the folder of clones that its worker's configuration says, if it says none."""
    if workspace is None or workspace.base or worker is None or not worker.clone_base:
        return workspace
    return replace(workspace, base=worker.clone_base)


def _devices(live: Live, worker: Worker | None) -> dict[str, str]:
    """The devices that the job may see: its own, and none where others' are.

    A job's own word goes before it; that of the submitter's environment does not, for it
    speaks of another host.
    """
    gpus = live.attempt.gpus
    if not gpus and (worker is None or not worker.capacity.gpu):
        return {}
    indices = dict.fromkeys(DEVICES, ",".join(map(str, gpus)))
    return indices | {HIP_DEVICES: ",".join(map(str, range(len(gpus))))}
