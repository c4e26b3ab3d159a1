"""Submission: from jobs as people write them to rows that are ready to be written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from random import Random
from typing import Any

from msgspec.structs import replace

from engine.clock import Clock
from engine.errors import InvalidSpec
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.arrays import ArrayRows, array_of, traced
from engine.model.awaited import awaited
from engine.model.ids import JobId
from engine.model.intake import Reader
from engine.model.job import Job, Shape
from engine.model.spec import JobSpec, Surroundings
from engine.policy.arrays.expansion import Sweep
from engine.policy.arrays.template import Template
from engine.policy.entry.admission import (
    admit,
    must_be_allowed,
    must_be_in_time,
    must_be_satisfiable,
)
from engine.policy.shapes import shape_of
from engine.store.protocol import NewJob, Store

MOST_SHAPES = 4096
"""Shapes whose keys are remembered; every array and every goal has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who submits, and what all of the submission's jobs share."""

    user: str
    cwd: str
    env: Mapping[str, str]
    defaults: Mapping[str, Any]

    def saying(self, defaults: Mapping[str, Any]) -> "Sender":
        """The same, of jobs that say this unless they say otherwise."""
        return dataclass_replace(self, defaults=defaults)


class Submissions:
    """Validates jobs and looks up what their rows refer to. Writes no job."""

    def __init__(
        self, store: Store, working_set: WorkingSet, clock: Clock, rng: Random
    ) -> None:
        self._store = store
        self._set = working_set
        self._clock = clock
        self._rng = rng
        self.retry = "never"
        """The preset of jobs that say nothing of retries."""
        self.finish: Callable[[JobSpec, str], JobSpec] | None = None
        """Asked for each job that is read, with its place: the job as it shall be."""
        self._shapes: dict[Shape, int] = {}
        """Keys of shapes that were found satisfiable lately."""

    def reader(self, sender: Sender) -> Reader:
        """Reads this sender's jobs. Raises: InvalidSpec, if the defaults are wrong."""
        return Reader(
            _with_retry(sender.defaults, self.retry),
            owner=sender.user,
            cwd=sender.cwd,
            now_at=self._clock.now(),
            finish=self.finish,
        )

    async def surroundings(self, sender: Sender) -> int:
        """The key under which the sender's folder and environment are remembered."""
        around = Surroundings(cwd=sender.cwd, env=dict(sender.env))
        return await self._store.intern_surroundings(around)

    def read(self, raw: Sequence[Any], reader: Reader, offset: int) -> list[JobSpec]:
        """What these jobs say; nothing is written.

        Args:
            raw: As people write them.
            reader: Made by `reader`.
            offset: Place of the first one in the submission, for the words of errors.

        Raises:
            InvalidSpec: the first thing wrong; also if no worker could ever hold one.
        """
        specs = [reader.read(job, f"jobs[{place}]") for place, job in enumerate(raw, offset)]
        for place, spec in enumerate(specs, offset):
            self.must_fit(spec, f"jobs[{place}]")
        return specs

    def must_fit(self, spec: JobSpec, where: str) -> None:
        """Let a job pass that could run some day. Raises: InvalidSpec."""
        shape = shape_of(spec)
        must_be_in_time(spec, self._clock.now(), where)
        must_be_allowed(spec, self._set.rules, where)
        if shape not in self._shapes:
            must_be_satisfiable(shape, self._set.workers.values(), where, self._set.rules)

    async def prepare(
        self, specs: Sequence[JobSpec], surroundings: int, first: JobId, offset: int
    ) -> list[NewJob]:
        """Rows for jobs that have been read, under contiguous ids.

        Args:
            specs: What they say.
            surroundings: Made by `surroundings`.
            first: Id of the first one.
            offset: Its place in the submission, for the words of errors.

        Raises:
            InvalidSpec: no worker could hold one, or it depends on what is not there.
        """
        specs = [self._traced(spec) for spec in specs]
        places = [f"jobs[{place}]" for place in range(offset, offset + len(specs))]
        known = await self._awaited(specs, places)
        now_at = self._clock.now()
        return [
            NewJob(
                id=JobId(first + place),
                spec=spec,
                surroundings=surroundings,
                shape=await self.shape(spec, f"jobs[{offset + place}]"),
                created_at=now_at,
                now=admit(spec, _unmet(spec, known), now_at),
            )
            for place, spec in enumerate(specs)
        ]

    async def prepare_array(
        self,
        template: Template,
        sweep: Sweep,
        surroundings: int,
        *,
        limit: int | None,
        stop_after: int | None,
    ) -> ArrayRows:
        """The rows of an array, under ids that are reserved for it here.

        Args:
            template: Of its members.
            sweep: Their parameters.
            surroundings: Made by `surroundings`.
            limit: How many may run at once.
            stop_after: After so many failures those that wait are canceled.

        Raises:
            InvalidSpec: no worker could hold a member, or it depends on what is not there.
        """
        template = traced(template, self.new_trace())
        shape = shape_of(template.spec)
        must_be_satisfiable(shape, self._set.workers.values(), "job", self._set.rules)
        unmet = await self.unmet(template.spec, "job")
        array = array_of(
            await self._store.reserve_ids(sweep.count + 1), sweep, limit, stop_after
        )
        return ArrayRows(
            array=array,
            template=template,
            sweep=sweep,
            surroundings=surroundings,
            whole_shape=await self.own_shape(shape_of(template.whole())),
            shape=await self.own_shape(replace(shape, array=array.id)),
            unmet=unmet,
            now_at=self._clock.now(),
        )

    async def own_shape(self, shape: Shape) -> int:
        """The key of a shape that this submission alone has."""
        return await self._store.intern_shape(shape)

    def _traced(self, spec: JobSpec) -> JobSpec:
        return spec if spec.trace_id else replace(spec, trace_id=self.new_trace())

    def new_trace(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"

    async def shape(self, spec: JobSpec, where: str) -> int:
        """The key of a job's shape. Raises: InvalidSpec: no worker could ever hold it."""
        shape = shape_of(spec)
        key = self._shapes.get(shape)
        return key if key is not None else await self._new_shape(shape, where)

    async def _new_shape(self, shape: Shape, where: str) -> int:
        must_be_satisfiable(shape, self._set.workers.values(), where, self._set.rules)
        key = await self._store.intern_shape(shape)
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.pop(next(iter(self._shapes)))
        self._shapes[shape] = key
        return key

    async def unmet(self, spec: JobSpec, where: str) -> int:
        """How many jobs a new one waits for that have not ended as they must.

        Raises:
            InvalidSpec: one of them is not there.
        """
        return _unmet(spec, await self._awaited([spec], [where]))

    async def _awaited(
        self, specs: Sequence[JobSpec], places: Sequence[str]
    ) -> Mapping[JobId, Job]:
        """The jobs that these wait for. Raises: InvalidSpec: one is not there."""
        wanted = {edge.on for spec in specs for edge in spec.constraints.edges}
        if not wanted:
            return {}
        known = {job.id: job for job in await self._store.jobs(sorted(wanted))}
        for place, spec in zip(places, specs, strict=True):
            for edge in spec.constraints.edges:
                if edge.on not in known:
                    raise _no_such_job(edge.on, place)
        return known


def _no_such_job(on: int, where: str) -> InvalidSpec:
    return InvalidSpec(
        f"{where} depends on #{on}, which does not exist", field=f"{where}.depends_on"
    )


def _unmet(spec: JobSpec, known: Mapping[JobId, Job]) -> int:
    edges = spec.constraints.edges
    return awaited(edges, [known[edge.on] for edge in edges]).unmet if edges else 0


def _with_retry(defaults: Mapping[str, Any], preset: str) -> Mapping[str, Any]:
    """The sender's defaults, with the site's retry policy if they name none."""
    within = defaults.get("constraints")
    named = {*defaults, *(within if isinstance(within, Mapping) else ())}
    return defaults if named & {"retry", "retry_policy"} else {"retry": preset, **defaults}
