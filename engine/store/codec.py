"""Rows and values: the one place where a database's columns become what the engine says.

Written for speed, because every change of a job passes here. Enumerations and booleans go
out as plain text and numbers: a driver asks about every subclass what it means.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec

from engine.model.array import Array
from engine.model.attempt import Attempt, Lease
from engine.model.events import Event, EventType
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Job, Progress, Shape
from engine.model.outcome import Trouble, Verdict
from engine.model.priority import Priority
from engine.model.spec import JobSpec, Surroundings
from engine.model.states import Phase, State
from engine.model.worker import Hand, Queue, Worker
from engine.store.protocol import Draft, NewJob

Row: TypeAlias = tuple[Any, ...]

PROGRESS: Final = Progress.__struct_fields__
"""Columns of a job that change, in the order of every row that has them."""

ATTEMPT: Final = (
    "job",
    "id",
    *(name for name in Attempt.__struct_fields__ if name not in ("job", "id")),
)
LEASE: Final = ("job", *(name for name in Lease.__struct_fields__ if name != "job"))
EVENT: Final = Event.__struct_fields__
QUEUE: Final = (
    "name",
    "limit",
    "weight",
    "own",
    "paused_by",
    "paused_why",
    "paused_at",
    "version",
)
"""What of a queue is stored; the rest comes from the configuration."""
ARRAY: Final = Array.__struct_fields__

_json = msgspec.json.Encoder()
_spec: msgspec.json.Decoder[JobSpec] = msgspec.json.Decoder(JobSpec)
_trouble: msgspec.json.Decoder[Trouble] = msgspec.json.Decoder(Trouble)
_object: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])
_shape: msgspec.json.Decoder[Shape] = msgspec.json.Decoder(Shape)
_place: msgspec.json.Decoder[Surroundings] = msgspec.json.Decoder(Surroundings)
_worker: msgspec.json.Decoder[Worker] = msgspec.json.Decoder(Worker)
_hands: msgspec.json.Decoder[tuple[str | Hand, ...]] = msgspec.json.Decoder(
    tuple[str | Hand, ...]
)
_rows: msgspec.json.Decoder[list[list[Any]]] = msgspec.json.Decoder(list[list[Any]])
_columns: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])
_numbers: msgspec.json.Decoder[tuple[int, ...]] = msgspec.json.Decoder(tuple[int, ...])

_STATES: Final = {state.value: state for state in State}
_PRIORITIES: Final = {int(priority): priority for priority in Priority}
_PHASES: Final = {phase.value: phase for phase in Phase}
_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}
_TYPES: Final = {kind.value: kind for kind in EventType}

COMMAND_CHARACTERS: Final = 200
"""How much of a command's text is kept beside the job for search."""


def encode(value: object) -> str:
    """JSON text of a value."""
    return _json.encode(value).decode()


def _trouble_text(trouble: Trouble | None) -> str | None:
    return None if trouble is None else encode(trouble)


_changing = attrgetter(*PROGRESS)
VERSION: Final = PROGRESS.index("version")
_STATE, _PRIORITY = PROGRESS.index("state"), PROGRESS.index("priority")
_STOPPING, _ASKS = PROGRESS.index("stopping"), PROGRESS.index("needs_operator")
_TROUBLE = PROGRESS.index("trouble")


_COLUMNS: Final[Mapping[int, Callable[[Any], Any]]] = {
    _STATE: attrgetter("_value_"),
    _PRIORITY: int,
    _STOPPING: int,
    _ASKS: int,
    _TROUBLE: _trouble_text,
}
"""How those values are written that a driver does not take as they are."""


def progress_row(now: Progress, version: int) -> list[Any]:
    """The changing columns, in the order of PROGRESS, with `version` in its place."""
    row = list(_changing(now))
    row[_STATE] = row[_STATE]._value_
    row[_PRIORITY] = int(row[_PRIORITY])
    row[VERSION] = version
    row[_STOPPING] = int(row[_STOPPING])
    row[_ASKS] = int(row[_ASKS])
    row[_TROUBLE] = _trouble_text(row[_TROUBLE])
    return row


def progress_change(
    was: Progress, now: Progress, version: int
) -> tuple[tuple[int, ...], list[Any]]:
    """The places in PROGRESS of the columns in which two moments differ, and their values.

    The version, which comes to be `version`, is always one of them.
    """
    before, after = _changing(was), _changing(now)
    changed = tuple(
        [
            place
            for place, value in enumerate(after)
            if (value is not before[place] and value != before[place]) or place == VERSION
        ]
    )
    return changed, [
        version if place == VERSION else _COLUMNS.get(place, _as_it_is)(after[place])
        for place in changed
    ]


def _as_it_is(value: Any) -> Any:
    return value


def progress(row: Sequence[Any]) -> Progress:
    """What `progress_row` was made from."""
    fields = dict(zip(PROGRESS, row, strict=True))
    fields["state"] = _STATES[fields["state"]]
    fields["priority"] = _PRIORITIES[fields["priority"]]
    fields["stopping"] = bool(fields["stopping"])
    fields["needs_operator"] = bool(fields["needs_operator"])
    if fields["trouble"] is not None:
        fields["trouble"] = _trouble.decode(fields["trouble"])
    return Progress(**fields)


def job(row: Row) -> Job:
    """A job from its id, spec, surroundings, shape, created_at and PROGRESS."""
    return job_with(row, progress(row[5:]))


def job_with(row: Row, now: Progress) -> Job:
    """A job from its id, spec, surroundings, shape and created_at, and its progress."""
    return Job(
        id=JobId(row[0]),
        spec=_spec.decode(row[1]),
        surroundings=row[2],
        shape=row[3],
        created_at=row[4],
        now=now,
    )


def decode_list(text: str) -> list[list[Any]]:
    """Rows that are kept as JSON."""
    return _rows.decode(text)


def job_row(new: NewJob, version: int) -> list[Any]:
    """A new job's columns: those that are fixed, then PROGRESS."""
    spec = new.spec
    return [
        new.id,
        spec.tenant,
        spec.namespace,
        spec.owner,
        spec.name,
        spec.kind._value_,
        spec.key,
        spec.parent_id,
        spec.trace_id,
        spec.span_id,
        encode(spec.tags) if spec.tags else "[]",
        new.surroundings,
        new.shape,
        new.created_at,
        spec.constraints.deadline_at,
        spec.retry.max_attempts,
        spec.text[:COMMAND_CHARACTERS],
        spec.array,
        spec.array_index,
        spec.constraints.goal,
        spec.constraints.session_id,
        spec.flow,
        spec.task or None,
        *progress_row(new.now, version),
    ]


def edit_row(spec: JobSpec, shape: int) -> list[Any]:
    """The fixed columns that an edit of a waiting job may change, in `edit_job`'s order."""
    return [
        spec.owner,
        spec.name,
        spec.key,
        encode(spec.tags) if spec.tags else "[]",
        spec.constraints.deadline_at,
        spec.retry.max_attempts,
        spec.text[:COMMAND_CHARACTERS],
        spec.constraints.goal,
        spec.constraints.session_id,
        shape,
    ]


def spec_bytes(spec: JobSpec) -> bytes:
    """A spec as it is kept."""
    return _json.encode(spec)


def attempt_row(attempt: Attempt) -> list[Any]:
    """An attempt's columns, in the order of ATTEMPT."""
    return [
        attempt.job,
        attempt.id,
        attempt.number,
        attempt.epoch,
        attempt.worker,
        attempt.phase._value_,
        attempt.intent_at,
        attempt.started_at,
        attempt.ended_at,
        attempt.pid,
        attempt.pid_start,
        attempt.ident,
        None if attempt.verdict is None else attempt.verdict._value_,
        attempt.exit_code,
        attempt.signal,
        _trouble_text(attempt.trouble),
        encode(attempt.gpus) if attempt.gpus else "[]",
        attempt.limits,
        attempt.revision,
        attempt.evidence_at,
        attempt.lease_ms,
    ]


def attempt(row: Row) -> Attempt:
    """What `attempt_row` was made from."""
    fields = dict(zip(ATTEMPT, row, strict=True))
    fields["phase"] = _PHASES[fields["phase"]]
    if fields["verdict"] is not None:
        fields["verdict"] = _VERDICTS[fields["verdict"]]
    if fields["trouble"] is not None:
        fields["trouble"] = _trouble.decode(fields["trouble"])
    fields["gpus"] = _numbers.decode(fields["gpus"])
    return Attempt(**fields)


def lease_row(lease: Lease) -> list[Any]:
    """A lease's columns, in the order of LEASE."""
    return [getattr(lease, name) for name in LEASE]


def lease(row: Row) -> Lease:
    """What `lease_row` was made from."""
    return Lease(**dict(zip(LEASE, row, strict=True)))


def event(draft: Draft, seq: int, at: int, now: Progress | None) -> Event:
    """A draft that has got its place; `now` is its job's image after it, if it moved it."""
    data: dict[str, object] = msgspec.to_builtins(dict(draft.data))
    if now is not None:
        data["now"] = {**msgspec.to_builtins(now), "version": seq}
    return Event(
        seq=Seq(seq),
        at=at,
        type=draft.type,
        job=draft.job,
        attempt=draft.attempt,
        worker=draft.worker,
        tenant=draft.tenant,
        actor=draft.actor,
        cause=draft.cause,
        data=data,
    )


def event_row(event: Event) -> Row:
    """An event's columns, in the order of EVENT."""
    return (
        event.seq,
        event.at,
        event.type._value_,
        event.job,
        event.attempt,
        event.worker,
        event.tenant,
        event.actor,
        event.cause,
        encode(event.data) if event.data else "{}",
    )


def read_event(row: Row) -> Event:
    """What `event_row` was made from."""
    return Event(
        seq=Seq(row[0]),
        at=row[1],
        type=_TYPES[row[2]],
        job=None if row[3] is None else JobId(row[3]),
        attempt=None if row[4] is None else AttemptId(row[4]),
        worker=row[5],
        tenant=row[6],
        actor=row[7],
        cause=row[8],
        data=_object.decode(row[9]),
    )


def queue_row(queue: Queue, version: int) -> Mapping[str, Any]:
    """A queue's stored columns by name."""
    row = {name: getattr(queue, name) for name in QUEUE}
    own = [queue.hand(field) or field for field in queue.own]
    return row | {"own": encode(own), "version": version}


def queue(row: Row) -> Queue:
    """A queue from its columns in the order of QUEUE."""
    fields = dict(zip(QUEUE, row, strict=True))
    own = _hands.decode(fields["own"])
    names = tuple(one.field if isinstance(one, Hand) else one for one in own)
    hands = tuple(one for one in own if isinstance(one, Hand))
    return Queue(**fields | {"own": names, "hands": hands})


def queue_of(body: str) -> Queue:
    """A queue from the JSON of its stored columns."""
    columns = _columns.decode(body)
    return queue(tuple(columns[name] for name in QUEUE))


def array_of(body: str) -> Array:
    """An array from the JSON of its columns."""
    columns = _columns.decode(body)
    return array(tuple(columns[name] for name in ARRAY))


def array_row(array: Array, version: int) -> Mapping[str, Any]:
    """An array's columns by name."""
    return {**msgspec.structs.asdict(array), "version": version}


def array(row: Row) -> Array:
    """An array from its columns in the order of ARRAY."""
    return Array(**dict(zip(ARRAY, row, strict=True)))


def worker(body: str) -> Worker:
    """A worker from its JSON."""
    return _worker.decode(body)


def shape(body: str) -> Shape:
    """A shape from its JSON."""
    return _shape.decode(body)


def surroundings(body: str) -> Surroundings:
    """Surroundings from their JSON."""
    return _place.decode(body)


def epoch(value: int) -> Epoch:
    """An epoch as it was stored."""
    return Epoch(value)
