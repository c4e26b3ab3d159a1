"""A daemon's world in memory, behind the same verbs as the real door, for console tests."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from typing import Any

import msgspec

from engine.clock import Clock, SystemClock
from engine.control import messages as m
from engine.control import views as v
from engine.errors import NoDaemon, NotAllowed, NotFound
from engine.model.attention import Matter
from engine.model.events import Event, EventType
from engine.model.filter import And, Node, Not, Op, Or, Text, parse
from engine.model.priority import Priority, parse_priority
from engine.model.reasons import Gate, GateKind
from engine.model.states import FINAL, State
from tests.kit import fake_events, fake_groups, fake_logs, pulse

S = 1_000_000
ORDER = ["running", "retrying", "queued", "pending"]
BLANK = {"limit": None, "weight": 1}
NAMES = {"prio": "priority", "tenant": "tenant_id", "worker": "worker_id"}


class World:
    """Jobs, queues, logs and events that a test changes by hand."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.jobs: dict[int, v.JobRow] = {}
        self.queues: dict[str, v.QueueView] = {}
        self.configured: dict[str, dict[str, int]] = {}
        """Limits and weights of queues where nothing is set by hand."""
        self.logs: dict[tuple[int, str], bytes] = {}
        self.attempts: dict[int, list[v.AttemptView]] = {}
        self.dependents: dict[int, int] = {}
        self.needs: dict[int, tuple[int, ...]] = {}
        """Of a job, those that it depends on."""
        self.usual: dict[int, v.UsualTimes] = {}
        self.gates: dict[int, tuple[Gate, ...]] = {}
        self.explanations: dict[int, v.Explanation] = {}
        """Whole ones, where gates alone do not do."""
        self.reasons: list[v.ReasonView] = []
        self.preview = v.Preview(
            act="", token="", earlier=(), later=(), unchanged=0, grants=256, assumed_ms=60_000
        )
        self.thought: m.WhatIf | None = None
        """The last what-if; `apply` does that, for a priority or a limit."""
        self.workers: list[v.WorkerView] = []
        self.sessions: dict[int, str] = {}
        """Names of the tmux sessions of jobs that can be watched."""
        self.inputs: dict[int, int] = {}
        """Of jobs that can be sent to: how many bytes they still take."""
        self.backlog: tuple[str, int, int | None] = ("normal", 0, None)
        """Mode, depth and most of all queues together."""
        self.events: list[Event] = []
        self.matters: list[Matter] = []
        self.asked: list[Any] = []
        self.down = False
        self.refuse: Callable[[Any], None] = lambda _: None
        self.moved = asyncio.Event()
        self.doors: list[Door] = []
        self.answers: dict[type, Callable[[Any], Any]] = {}
        """What a test answers itself: by the kind of request, a function of it."""
        self.streams: dict[type, Callable[[Any], AsyncGenerator[Any, None]]] = {}
        """The same for streams."""
        self.queue("default")

    @property
    def seq(self) -> int:
        return len(self.events)

    def acts(self) -> list[Any]:
        """The requests that changed something, in order."""
        quiet = (m.ListJobs, m.ShowJob, m.Explain, m.ListEvents, m.ListQueues, m.Stream)
        quiet += (m.CountEvents, m.ListWorkflows, m.ShowWorkflow)
        quiet += (m.ListArtifacts, m.ReadArtifact, m.ReadResult)
        quiet += (m.GetTrends, m.ListMatters, m.GroupJobs, m.Suggest, m.ListCrons)
        more = (m.SayHello, m.GetStats, m.ReadLog, m.ListReasons, m.WhatIf, m.ListWorkers)
        return [ask for ask in self.asked if not isinstance(ask, quiet + more)]

    def queue(self, name: str, **fields: Any) -> v.QueueView:
        blank = {"limit": None, "weight": 1, "paused_by": None, "paused_why": ""}
        blank |= {"paused_at": None, "running": 0, "queued": 0, "pending": 0, "retrying": 0}
        self.queues[name] = v.QueueView(name=name, **{**blank, **fields})
        self.tell(None, EventType.QUEUE_CREATED)
        return self.queues[name]

    def add(self, name: str = "true", state: str = "queued", **fields: Any) -> v.JobRow:
        now = self.clock.now()
        job = {
            "id": len(self.jobs) + 1,
            "version": 1,
            "queue": "default",
            "priority": "normal",
            "owner": "ana",
            "created_at": now,
            "queued_at": now,
            "state_at": now,
            **fields,
        }
        row = v.JobRow(name=name, state=state, **job)
        self.jobs[row.id] = row
        self.queues.setdefault(row.queue, self.queues["default"])
        self.tell(row.id, EventType.JOB_SUBMITTED)
        return row

    def change(self, job: int, **fields: Any) -> v.JobRow:
        old = self.jobs[job]
        if "state" in fields:
            fields.setdefault("state_at", self.clock.now())
        self.jobs[job] = msgspec.structs.replace(old, version=old.version + 1, **fields)
        kinds = {"canceled": EventType.JOB_CANCELED, "running": EventType.JOB_STARTED}
        self.tell(job, kinds.get(fields.get("state", ""), EventType.JOB_EDITED))
        return self.jobs[job]

    def drop(self, job: int) -> None:
        del self.jobs[job]
        self.tell(job, EventType.JOB_EDITED)

    def tell(self, job: int | None, kind: EventType, cause: str = "") -> None:
        at, seq = self.clock.now(), len(self.events) + 1
        self.events.append(
            Event(seq=seq, at=at, type=kind, job=job, actor="ana", cause=cause)  # type: ignore[arg-type]
        )
        self.stir()

    def stir(self) -> None:
        """Wake every stream, to look again."""
        self.moved.set()
        self.moved = asyncio.Event()

    def write_log(self, job: int, data: bytes, stream: str = "out") -> None:
        self.logs[job, stream] = self.logs.get((job, stream), b"") + data
        self.tell(job, EventType.JOB_EDITED)

    def cut(self) -> None:
        """The daemon dies: every call and stream fails from now on."""
        self.down = True
        self.tell(None, EventType.DAEMON_STOPPED)

    def mend(self) -> None:
        self.down = False
        self.tell(None, EventType.DAEMON_STARTED)

    async def connect(self, *, read_only: bool = False) -> "Door":
        if self.down:
            raise NoDaemon("nobody answers on crab.sock")
        self.doors.append(Door(self, read_only))
        return self.doors[-1]

    def by_state(self) -> dict[str, int]:
        return dict(Counter(job.state for job in self.jobs.values()))

    def matching(self, where: str) -> list[v.JobRow]:
        root = parse(where).root
        return [job for job in self.jobs.values() if root is None or _holds(root, job)]


class Door:
    """One connection to a `World`."""

    def __init__(self, world: World, read_only: bool = False) -> None:
        self.world = world
        self.read_only = read_only
        self.closed = False
        self.hello = self._hello()

    def _hello(self) -> v.Hello:
        daemon = v.DaemonView(pid=1, epoch=1, version="0.1.0", state_dir="/state", started_at=0)
        rights = ("read",) if self.read_only else ("read", "act")
        now = self.world.clock.now()
        return v.Hello(daemon=daemon, protocol=1, user="ana", rights=rights, now_at=now)

    def close(self) -> None:
        self.closed = True
        self.world.stir()

    async def call(self, ask: m.Request[Any]) -> Any:
        if self.world.down or self.closed:
            raise NoDaemon("nobody answers on crab.sock")
        self.world.asked.append(ask)
        self.world.refuse(ask)
        own = self.world.answers.get(type(ask))
        return own(ask) if own else ANSWERS[type(ask)](self, ask)

    async def stream(self, ask: m.Stream[Any]) -> AsyncGenerator[Any, None]:
        self.world.asked.append(ask)
        own = self.world.streams.get(type(ask))
        usual = self._pulses if isinstance(ask, m.Watch) else self._log
        source = own(ask) if own else usual(ask)
        async for item in source:
            yield item

    async def _pulses(self, ask: m.Watch) -> AsyncGenerator[m.Pulse, None]:
        seen = 0
        while True:
            moved = self.world.moved
            if self.world.down or self.closed:
                raise NoDaemon("the daemon went away")
            new = self.world.events[seen:]
            seen = len(self.world.events)
            yield m.Pulse(
                seq=seen,
                now_at=self.world.clock.now(),
                jobs=tuple({int(e.job) for e in new if e.job is not None}),
                queues=any(e.type.startswith("queue.") for e in new),
                by_state=self.world.by_state(),
            )
            with suppress(TimeoutError):
                await self.world.clock.within(ask.quiet_ms / 1000, moved.wait())

    async def _log(self, ask: Any) -> AsyncGenerator[Any, None]:
        if isinstance(ask, m.SearchLog):
            async for found in fake_logs.search_log(self.world.logs, ask):
                yield found
            return
        offset = ask.offset
        while True:
            moved = self.world.moved
            if self.world.down or self.closed:
                raise NoDaemon("the daemon went away")
            data = self.world.logs.get((ask.id, ask.stream), b"")
            final = self.world.jobs[ask.id].state in FINAL
            start = len(data) + offset if offset < 0 else offset
            start = max(0, start)
            if data[start:] or final:
                yield v.LogChunk(
                    data=data[start:],
                    offset=start,
                    size=len(data),
                    dropped=0,
                    attempt=f"{ask.id}-1-1",
                    final=final,
                )
            offset = len(data)
            if final:
                return
            await moved.wait()

    def jobs_page(self, ask: m.ListJobs) -> v.JobsPage:
        rows = sorted(self.world.matching(ask.where), key=_sort_key(ask.sort))
        if ask.descending:
            rows.reverse()
        if ask.fold:
            rows = [row for row in rows if row.array in (None, *ask.unfolded)]
        ids = [row.id for row in rows]
        at = ask.at or 0
        if ask.around is not None and ask.around in ids:
            at = max(0, ids.index(ask.around) - ask.count // 2)
        if ask.after is not None and ask.after in ids:
            at = ids.index(ask.after) + 1
        shown = tuple(rows[at : at + ask.count])
        return v.JobsPage(
            jobs=shown, offset=at, total=len(rows), total_is_exact=True, seq=self.world.seq
        )

    def queues_view(self, _: m.ListQueues) -> v.QueuesView:
        def counted(queue: v.QueueView) -> v.QueueView:
            here = Counter(j.state for j in self.world.jobs.values() if j.queue == queue.name)
            names = ("running", "queued", "pending", "retrying")
            return msgspec.structs.replace(queue, **{name: here[name] for name in names})

        queues = tuple(counted(q) for q in self.world.queues.values())
        mode, depth, most = self.world.backlog
        return v.QueuesView(
            queues=queues, seq=self.world.seq, mode=mode, depth=depth, max_depth=most
        )

    def show(self, ask: m.ShowJob) -> v.JobDetail:
        row = self._job(ask.id)
        tmux = self.world.sessions.get(row.id, "")
        return v.JobDetail(
            job=msgspec.structs.replace(_in_full(row), tmux=tmux),
            attempts=tuple(self.world.attempts.get(row.id, ())),
            dependents=self.world.dependents.get(row.id, 0),
            depends_on=self._rows(self.world.needs.get(row.id, ())),
            followers=self._rows(
                job for job, needed in self.world.needs.items() if row.id in needed
            ),
            usual=self.world.usual.get(row.id),
            seq=self.world.seq,
        )

    def _rows(self, ids: Iterable[int]) -> tuple[v.JobRow, ...]:
        return tuple(self.world.jobs[job] for job in sorted(ids))

    def explain(self, ask: m.Explain) -> v.Explanation:
        row = self._job(ask.id)
        if row.id in self.world.explanations:
            return self.world.explanations[row.id]
        usual = Gate(kind=GateKind.STATE, ok=row.state == "queued", text=f"it is {row.state}")
        gates = self.world.gates.get(row.id, (usual,))
        return v.Explanation(job=row.id, state=row.state, gates=gates, place=None)

    def list_events(self, ask: m.ListEvents) -> v.EventsPage:
        return fake_events.find(self.world.events, ask, self.world.clock.now())

    def count_events(self, ask: m.CountEvents) -> v.EventCounts:
        return fake_events.count(self.world.events, ask, self.world.clock.now())

    def read_log(self, ask: m.ReadLog) -> v.LogChunk:
        data = self.world.logs.get((ask.id, ask.stream), b"")
        start = max(0, len(data) + ask.offset) if ask.offset < 0 else ask.offset
        return v.LogChunk(
            data=data[start : start + ask.limit],
            offset=start,
            size=len(data),
            dropped=0,
            attempt=f"{ask.id}-1-1",
            final=self._job(ask.id).state in FINAL,
        )

    def list_reasons(self, ask: m.ListReasons) -> v.ReasonsView:
        found = [r for r in self.world.reasons if ask.queue in (None, r.queue)]
        waiting = sum(reason.count for reason in found)
        return v.ReasonsView(reasons=tuple(found), waiting=waiting, seq=self.world.seq)

    def what_if(self, ask: m.WhatIf) -> v.Preview:
        self.world.thought = ask
        return self.world.preview

    def apply(self, ask: m.Apply) -> v.Applied:
        if self.read_only:
            raise NotAllowed("this connection is read-only")
        assert ask.token == self.world.preview.token
        thought = self.world.thought
        assert thought is not None
        if thought.act == "limit":
            acted = self.set_queue(m.SetQueue(name=thought.name, limit=thought.limit))
        else:
            acted = self.act(m.SetPriority(targets=thought.targets, to=thought.to))
        preview = self.world.preview
        return v.Applied(act=preview.act, results=acted.results, preview=preview)

    def edit(self, ask: m.Edit) -> v.Acted:
        def edited(job: int) -> v.Result:
            changes = {k: to for k, to in ask.changes.items() if k in ("name", "priority")}
            self.world.change(job, **changes)
            return v.Result(id=job, ok=True)

        results = tuple(map(edited, ask.targets.ids))
        return v.Acted(results=results, matched=len(results))

    def clone(self, ask: m.Clone) -> v.Submitted:
        new = self.world.add(self._job(ask.id).name).id
        created = (v.CreatedJob(id=new, created=True),)
        return v.Submitted(count=1, ids=((new, new),), jobs=created)

    def list_workers(self, _: m.ListWorkers) -> v.WorkersView:
        return v.WorkersView(workers=tuple(self.world.workers), now_at=self.world.clock.now())

    def set_worker(self, ask: m.SetWorker) -> v.Acted:
        self.world.workers = [
            msgspec.structs.replace(each, draining=ask.drain) if each.name == ask.name else each
            for each in self.world.workers
        ]
        return v.Acted(results=(v.Result(id=ask.name, ok=True),), matched=1)

    def act_on_worker(self, ask: m.ActOnWorker) -> v.Acted:
        changes: dict[str, dict[str, Any]] = {
            "quarantine": {"quarantined": ask.why},
            "release": {"quarantined": ""},
            "reset": {"breaker": "closed", "permits": None},
        }
        self.world.workers = [
            msgspec.structs.replace(each, **changes.get(ask.act, {}))
            if each.name == ask.name
            else each
            for each in self.world.workers
            if ask.act != "remove" or each.name != ask.name
        ]
        return v.Acted(results=(v.Result(id=ask.name, ok=True),), matched=1)

    def act(self, ask: Any) -> v.Acted:
        if self.read_only:
            raise NotAllowed("this connection is read-only")
        ids = ask.targets.ids
        if ask.targets.where is not None:
            ids = tuple(row.id for row in self.world.matching(ask.targets.where))
        return v.Acted(results=tuple(self._do(ask, job) for job in ids), matched=len(ids))

    def feed(self, ask: m.Feed) -> v.Fed:
        if ask.id not in self.world.inputs:
            raise NotAllowed(f"#{ask.id} reads no input: submit with --stdin to send to it")
        room = self.world.inputs[ask.id]
        taken = len(ask.data) if len(ask.data) <= room else 0
        self.world.inputs[ask.id] = room - taken
        return v.Fed(id=ask.id, taken=taken, ended=ask.end)

    def _do(self, ask: Any, job: int) -> v.Result:
        row = self._job(job)
        try:
            fields = _effect(ask, row, self.world.clock.now())
        except NotAllowed as error:
            return v.Result(id=job, ok=False, was=row.state, error=error.message)
        new = self.world.change(job, **fields)
        if isinstance(ask, m.SetPriority):
            return v.Result(id=job, ok=True, was=row.priority, now=new.priority)
        return v.Result(id=job, ok=True, was=_standing(row), now=_standing(new))

    def set_queue(self, ask: m.SetQueue) -> v.Acted:
        if self.read_only:
            raise NotAllowed("this connection is read-only")
        old = self.world.queues[ask.name]
        fields: dict[str, Any] = {}
        if ask.pause is not None:
            fields["paused_by"] = "ana" if ask.pause else None
            fields["paused_why"] = ask.why
            fields["paused_at"] = self.world.clock.now() if ask.pause else None
        if ask.limit is not None or ask.no_limit:
            fields["limit"] = ask.limit
        if ask.weight is not None:
            fields["weight"] = ask.weight
        unset = ("limit", "weight") if ask.reset else ask.unset
        own = {*old.own, *(fields.keys() & {"limit", "weight"})} - set(unset)
        told = self.world.configured.get(ask.name, {})
        fields |= {field: told.get(field, BLANK[field]) for field in unset}
        fields["own"] = tuple(sorted(own))
        self.world.queues[ask.name] = msgspec.structs.replace(old, **fields)
        self.world.tell(None, EventType.QUEUE_LIMITED)
        return v.Acted(results=(v.Result(id=ask.name, ok=True),), matched=1)

    def _job(self, job: int) -> v.JobRow:
        if job not in self.world.jobs:
            raise NotFound(f"no job #{job}")
        return self.world.jobs[job]


ANSWERS: dict[type[Any], Callable[[Door, Any], Any]] = {
    m.GetTrends: lambda door, _: pulse.trends_of(door.world),
    m.ListMatters: lambda door, _: pulse.matters_of(door.world),
    m.Acknowledge: lambda door, ask: pulse.acknowledge(door.world, ask),
    m.SayHello: lambda door, _: door.hello,
    m.ListJobs: Door.jobs_page,
    m.ListArtifacts: lambda _, __: v.ArtifactsView(artifacts=()),
    m.ReadResult: lambda door, ask: v.ResultView(
        id=ask.id, state=door.world.jobs[ask.id].state
    ),
    m.ShowWorkflow: lambda _, ask: _no_run(ask.id),
    m.ListWorkflows: lambda door, _: v.FlowsView(flows=(), now_at=door.world.clock.now()),
    m.ListQueues: Door.queues_view,
    m.ShowJob: Door.show,
    m.Explain: Door.explain,
    m.ListEvents: Door.list_events,
    m.GroupJobs: lambda door, ask: fake_groups.group(
        door.world.matching(ask.where), ask, door.world.seq
    ),
    m.Suggest: lambda door, ask: fake_groups.suggest(door.world.matching(""), ask),
    m.CountEvents: Door.count_events,
    m.ListReasons: Door.list_reasons,
    m.WhatIf: Door.what_if,
    m.Edit: Door.edit,
    m.Clone: Door.clone,
    m.ListWorkers: Door.list_workers,
    m.SetWorker: Door.set_worker,
    m.ActOnWorker: Door.act_on_worker,
    m.Apply: Door.apply,
    m.ReadLog: Door.read_log,
    m.SetQueue: Door.set_queue,
    **dict.fromkeys(
        (m.Cancel, m.Uncancel, m.Hold, m.Release, m.SetPriority, m.Retry, m.Pause, m.Resume),
        Door.act,
    ),
    m.Feed: Door.feed,
}


def _no_run(job: int) -> v.FlowDetail:
    raise NotFound(f"#{job} is no run of a workflow")


def _holds(node: Node, job: v.JobRow) -> bool:
    """A small part of the filter's language, on rows."""
    match node:
        case And(parts):
            return all(_holds(part, job) for part in parts)
        case Or(parts):
            return any(_holds(part, job) for part in parts)
        case Not(part):
            return not _holds(part, job)
        case Text(value):
            return str(value).lower() in f"#{job.id} {job.name}".lower()
    if node.op is Op.OVER:  # of numbers, as in `id>0`
        return bool(getattr(job, node.field) > int(str(node.values[0])))
    found = str(getattr(job, NAMES.get(node.field, node.field), None))
    return any(str(value) in (found, found.split()[0]) for value in node.values)


def _sort_key(sort: str) -> Callable[[v.JobRow], Any]:
    def activity(row: v.JobRow) -> Any:
        if row.state in ORDER:
            return (ORDER.index(row.state), row.started_at or 0, row.id)
        return (len(ORDER), -(row.completed_at or 0), -row.id)

    if sort == "activity":
        return activity
    field = NAMES.get(sort, sort)
    return lambda row: (getattr(row, field, None) or 0, row.id)


def _effect(ask: Any, row: v.JobRow, now: int) -> dict[str, Any]:
    """The fields that an act changes; refuses as the engine would."""
    ended = row.state in FINAL
    match ask:
        case m.Cancel():
            if ended:
                raise NotAllowed(f"it has ended: {row.state}")
            if row.state == State.RUNNING:
                return {"stopping": True}
            if ask.undo_ms:
                return {"cancel_at": now + ask.undo_ms * 1000}
            return {"state": "canceled", "cancel_at": None, "completed_at": now}
        case m.Uncancel():
            if row.cancel_at is None:
                raise NotAllowed("it is not in its grace")
            return {"cancel_at": None}
        case m.Hold():
            return {"held_by": "ana"}
        case m.Release():
            return {"held_by": None}
        case m.Pause():
            if row.state != State.RUNNING:
                raise NotAllowed(f"it is {row.state}; only a running job can be paused")
            return {"paused_at": now, "paused_by": "ana"}
        case m.Resume():
            return {"paused_at": None, "paused_by": None}
        case m.SetPriority():
            level = parse_priority(row.priority)
            to = parse_priority(ask.to) if ask.to else level.raised(ask.raise_by)
            return {"priority": Priority(to).label}
        case m.Retry():
            if not ended or row.state == State.SUCCEEDED:
                raise NotAllowed(f"it is {row.state}")
            return {"state": "queued", "completed_at": None, "exit_code": None}
    raise AssertionError(f"no effect for {ask}")


def _standing(row: v.JobRow) -> str:
    """The state with its marks, as the engine's receipts tell it."""
    marks = {
        "stopping": row.stopping,
        "canceling": row.cancel_at is not None,
        "held": row.held_by is not None,
        "paused": row.paused_at is not None,
    }
    return ", ".join([row.state, *(mark for mark, is_set in marks.items() if is_set)])


def _in_full(row: v.JobRow) -> v.JobView:
    same = {f: getattr(row, f) for f in v.JobView.__struct_fields__ if hasattr(row, f)}
    ended, began = row.completed_at, row.started_at
    rest = {
        "parent_id": None,
        "kind": "command",
        "description": "",
        "payload": {"argv": ["sh", "-c", row.name], "cwd": "/tmp", "env": {}},
        "resources": {"cpu": 1},
        "constraints": {},
        "duration_ms": (ended - began) // 1000 if ended and began else None,
        "backend": "detached",
        "failures": 0,
        "losses": 0,
        "error": None,
        "held_why": "",
        "cancel_by": None,
        "cancel_why": "",
        "key": None,
        "trace_id": "0" * 32,
        "span_id": "0" * 16,
        "metadata": {},
    }
    return v.JobView(**{**rest, **same})
