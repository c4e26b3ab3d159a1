"""Calls as they come in: checked against what pools have said, and given their places."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec.structs import replace

from engine.backends.pool.toolbox import Toolbox
from engine.backends.protocol import Backend, HostState
from engine.clock import Clock
from engine.config.backends import POOL
from engine.errors import InvalidSpec
from engine.ledger.memory.working_set import WorkingSet
from engine.model.calls import TOOLS, Call
from engine.model.events import Event
from engine.model.keeping import Memo
from engine.model.link import LinkState
from engine.model.resources import Resources
from engine.model.spec import JobSpec
from engine.model.words import nearest
from engine.model.worker import Worker
from engine.timeline import Timeline
from engine.tools.checking import OPENS, problems
from engine.tools.frames import Described, Description, Module
from engine.wake import Wake

if TYPE_CHECKING:
    from engine.backends.pool.backend import PoolBackend

STAGE_KIND = "cpu"

CALLING: Final = ("tool", "stage_module")
"""Keys of which a job that calls something has one."""

POOLS_S: Final = 15.0
"""How long the first call waits for pools that have not told yet what their tools are."""


class Calls:
    """What the daemon knows of tools; nothing of them is loaded here."""

    def __init__(
        self, toolbox: Toolbox, working_set: WorkingSet, timeline: Timeline, clock: Clock
    ) -> None:
        self.toolbox = toolbox
        self._timeline = timeline
        self._set = working_set
        self._clock = clock

    async def await_told(
        self, seconds: float, jobs: Iterable[Mapping[str, Any]] = ()
    ) -> Sequence[str]:
        """Wait until every pool takes work, or has told why it cannot.

        Args:
            seconds: At most.
            jobs: As people write them, for which what is known from earlier has to do.

        Returns:
            Workers that have done neither. If what they are is known from earlier, and jobs
            are right by that, nobody waits for them.
        """
        wake = Wake()

        def hear(events: Sequence[Event]) -> None:
            if any(event.worker is not None and event.job is None for event in events):
                wake.knock()

        ends_s = self._clock.monotonic() + seconds
        stop = self._timeline.listen(hear)
        try:
            while (untold := self._untold()) and (
                any(TOOLS not in worker.runs for worker in untold)
                or any(self._is_doubtful(job) for job in jobs)
            ):
                left_s = ends_s - self._clock.monotonic()
                if left_s <= 0 or not await wake.wait_at_most(self._clock, left_s):
                    break
        finally:
            stop()
        return [worker.name for worker in self._untold()]

    def _is_doubtful(self, job: Mapping[str, Any]) -> bool:
        """Whether a call is wrong by what is known of its tool."""
        payload = job.get("payload")
        said = {**(payload if isinstance(payload, Mapping) else {}), **job}
        tool, args = said.get("tool"), said.get("args")
        if not isinstance(tool, str) or OPENS in tool:
            return False
        known = self.tools().get(tool)
        if known is None:
            return True
        return isinstance(args, Mapping) and any(problems(known.schema, args))

    def tools(self) -> Mapping[str, Description]:
        """All tools of the pools that there are, by name."""
        return {one.name: one for told in self._told().values() for one in told.tools}

    def modules(self) -> Mapping[str, Sequence[Module]]:
        """The modules of each pool that there is, with what is wrong with them."""
        return {worker: told.modules for worker, told in self._told().items()}

    def _told(self) -> Mapping[str, Described]:
        """What was kept of a pool that the configuration names no more counts for nothing."""
        there = {name for name, one in self._set.workers.items() if one.backend == POOL}
        return {name: told for name, told in self.toolbox.told.items() if name in there}

    def _untold(self) -> list[Worker]:
        return [
            worker
            for name, worker in self._set.workers.items()
            if worker.backend == POOL and self._is_connecting(name)
        ]

    def _is_connecting(self, worker: str) -> bool:
        link = self._set.links.get(worker)
        return link is not None and link.state is LinkState.CONNECTING

    async def check_stages(
        self, jobs: Mapping[str, Mapping[str, Any]], backends: Mapping[str, Backend]
    ) -> None:
        """Have stages describe themselves, and their options compared with that.

        Args:
            jobs: By their places, as people write them.
            backends: Those of the fleet.

        Raises:
            InvalidSpec: a stage cannot be loaded, or its options are not as it wants them.
        """
        pools = [
            name
            for name, worker in self._set.workers.items()
            if worker.backend == POOL and name in self.toolbox.fresh
        ]
        if not pools:
            return
        ask = cast("PoolBackend", backends[pools[0]]).describe_stage
        known: set[bytes] = set()
        for place, job in jobs.items():
            asked = _stage_said(job)
            if asked is None or (key := msgspec.json.encode(asked)) in known:
                continue
            known.add(key)
            report = await ask(*asked)
            if report.trouble is not None and report.state is HostState.EXITED:
                at = f"{place}.stage_opts"
                said = report.trouble.message.removeprefix("StageProblem: ")
                raise InvalidSpec(f"{at}: {said}", field=at)

    def finish(self, spec: JobSpec, where: str) -> JobSpec:
        """A call with everything that its tool says for it, and a place of its kind.

        Args:
            spec: As it was read; what is no call is left as it is.
            where: Its place, for the words of errors.

        Raises:
            InvalidSpec: there is no such tool, or its arguments are wrong.
        """
        call = spec.call
        if call is None or OPENS in call.tool:
            return spec
        if call.stage:
            return _placed(spec, STAGE_KIND)
        known = self.tools()
        if not known:
            return spec  # whoever looks for a worker says that there is none
        if call.tool not in known:
            near = nearest(call.tool, known)
            hint = f"did you mean {near!r}?" if near else "`crabtui tools list` names them"
            place = f"{where}.tool"
            raise InvalidSpec(
                f"{place}: there is no tool {call.tool!r}: {hint}", field=place, nearest=near
            )
        tool = known[call.tool]
        _must_fit(call, tool, where)
        return _as_declared(_placed(spec, tool.kind), tool)


def is_call(job: Any) -> bool:
    """Whether a job, as people write jobs, calls something; what is no job does not."""
    if not isinstance(job, Mapping):
        return False
    payload = job.get("payload")
    within = payload if isinstance(payload, Mapping) else {}
    return any(word in job or word in within for word in CALLING)


def _stage_said(job: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], str] | None:
    """The stage of a job, its options and how these are to be checked; None: it has none."""
    payload = job.get("payload")
    said = {**(payload if isinstance(payload, Mapping) else {}), **job}
    stage, opts = said.get("stage_module"), said.get("stage_opts", {})
    check = str(said.get("stage_check", "error"))
    if not isinstance(stage, str) or not isinstance(opts, Mapping) or check == "off":
        return None
    return None if OPENS in f"{stage}{opts}" else (stage, opts, check)


def _must_fit(call: Call, tool: Description, where: str) -> None:
    wrong = next(problems(tool.schema, call.args), None)
    if wrong is not None:
        place = f"{where}.args"
        raise InvalidSpec(f"{place}: {tool.name}: {wrong}", field=place)


def _placed(spec: JobSpec, kind: str) -> JobSpec:
    """It takes one of the places that its pool has for its kind."""
    needs: Resources = spec.resources
    custom = {**dict(needs.custom), f"tool_{kind}": 1}
    return replace(spec, resources=replace(needs, custom=tuple(sorted(custom.items()))))


def _as_declared(spec: JobSpec, tool: Description) -> JobSpec:
    """What the job does not say itself is as its tool says."""
    if tool.timeout_ms is not None and spec.timeouts.hard_ms is None:
        spec = replace(spec, timeouts=replace(spec.timeouts, hard_ms=tool.timeout_ms))
    if tool.cache_ttl_ms is not None and spec.memo is None:
        spec = replace(spec, memo=Memo(ttl_ms=tool.cache_ttl_ms))
    return spec
