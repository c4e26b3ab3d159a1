"""Hook runs: the jobs of hooks come in as other jobs do."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from engine.config import LOCAL
from engine.ledger.rows.submission import Sender
from engine.model.events import Event
from engine.model.filter import Query, parse
from engine.model.filter.match import matches
from engine.model.hooks import Hook
from engine.model.job import Job
from engine.model.spec import JobSpec, Kind
from engine.policy.hooks.firing import Firing, raw_job, report_of

if TYPE_CHECKING:
    from engine.daemon.desk import Desk

CALL: Final = (sys.executable, "-P", str(files("engine.hooks").joinpath("post.py")))
"""What makes the calls: `-P`, so that nothing beside it is taken for a part of it."""


class HookRuns:
    """`engine.loops.fire_hooks.HookRuns`, by the reception that all jobs pass."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    @property
    def configured(self) -> Mapping[str, Hook]:
        """Those of the configuration in effect, by name."""
        return self._desk.configured.now.hooks

    def matches(self, hook: Hook, job: Job) -> bool:
        """Whether a hook of the configuration is meant for a job as it is now."""
        return matches(_query(hook.where), job, self._desk.clock.now())

    async def submit(self, firing: Firing, event: Event, job: Job) -> None:
        """Store the job of a hook, once however often this is called. Raises: Refused."""
        desk = self._desk
        around = await desk.store.surroundings(job.surroundings)
        sender = Sender(user=job.spec.owner, cwd=around.cwd, env=around.env, defaults={})
        report = report_of(event, job, await self._parts(job))
        raw = raw_job(firing, job, report, CALL, LOCAL)
        spec = _marked(desk.reception.read(raw, sender), firing, job)
        await desk.reception.submit_spec(
            spec, job.surroundings, user=job.spec.owner, request_key=firing.key
        )

    async def _parts(self, job: Job) -> Mapping[str, int]:
        if job.spec.kind is not Kind.COMPOSITE:
            return {}
        return (await self._desk.store.array_counts([job.id])).get(job.id, {})


def _marked(spec: JobSpec, firing: Firing, job: Job) -> JobSpec:
    """The job of a hook, which says whose it is."""
    return replace(
        spec,
        parent_id=job.id,
        hook_of=job.id,
        trace_id=job.spec.trace_id,
        tags=(*spec.tags, "hook"),
        metadata={**spec.metadata, "hook": firing.key, "hook_on": firing.on.value},
    )


@lru_cache(maxsize=256)
def _query(where: str) -> Query:
    return parse(where)
