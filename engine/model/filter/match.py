"""The filter as a predicate on a job, with the same answers as the compiled SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engine.model.filter.fields import FIELDS, Sort
from engine.model.filter.glob import fold, glob_matches
from engine.model.filter.percentiles import NONE, Percentiles
from engine.model.filter.regex import regex_found
from engine.model.filter.syntax import And, Node, Not, Op, Or, Query, Term, Text
from engine.model.filter.times import lower_bound, upper_bound
from engine.model.filter.values import (
    Duration,
    Glob,
    Number,
    Percentile,
    Regex,
    Span,
    Value,
    Word,
)
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.model.states import State

Found: TypeAlias = Sequence[str | int | float]


MAX_COMMAND: Final = 200
"""How much of a command can be searched."""


def command_head(spec: JobSpec) -> str:
    """The searchable beginning of the command."""
    return spec.text[:MAX_COMMAND]


def label_start(term: Term) -> str:
    """How the labels begin that `label.zone` is about: `zone=`."""
    return ".".join(term.path) + "="


def matches(query: Query, job: Job, now_at: int, percentiles: Percentiles = NONE) -> bool:
    """True if `job` passes; `now_at` (UTC microseconds) is what ages are measured from.

    A comparison with something that a job does not have is false, `!=` and `!~` included,
    except for tags and labels: a job without tags has none that equals `vip`. So is one
    with a percentile of which `percentiles` says nothing.
    """
    return query.root is None or _Match(job, now_at, percentiles).node(query.root)


@dataclass(frozen=True, slots=True)
class _Match:
    """One job that is asked about, and what does not depend on the question."""

    job: Job
    now_at: int
    percentiles: Percentiles

    def node(self, node: Node) -> bool:
        match node:
            case And(parts):
                return all(self.node(part) for part in parts)
            case Or(parts):
                return any(self.node(part) for part in parts)
            case Not(part):
                return not self.node(part)
            case Text(value):
                return _text(value, self.job)
        return self.term(node)

    def term(self, term: Term) -> bool:
        field = FIELDS[term.field]
        if field.sort is Sort.MOMENT:
            return _moment(term, self.job, self.now_at)
        of = _path if term.path else _plain
        found = of(term, self.job, self.now_at)
        values = [self.known(term.field, value) for value in term.values]
        hit = any(_compare(field.sort, term, one, value) for one in found for value in values)
        if not term.op.negative:
            return hit
        return not hit and (bool(found) or field.many)

    def known(self, field: str, value: Value) -> Value:
        """`value`, a percentile as what it is in the job's queue if that is known."""
        if not isinstance(value, Percentile):
            return value
        us = self.percentiles.get((field, value.number), {}).get(self.job.now.queue)
        return value if us is None else Duration(us)


def _text(value: Value, job: Job) -> bool:
    if isinstance(value, Word):
        digits = value.text.removeprefix("#")
        if digits.isascii() and digits.isdigit() and str(job.id).startswith(digits):
            return True
    texts = (job.spec.name, command_head(job.spec), *job.spec.tags)
    return any(in_text(text, value) for text in texts)


def in_text(text: str, value: Value) -> bool:
    """True if `value` is found in `text`, in any letter case."""
    match value:
        case Regex(pattern):
            return regex_found(pattern, text)
        case Glob(pattern):
            return glob_matches(fold(pattern), fold(text))
        case Word(word):
            return fold(word) in fold(text)
    return False


def _moment(term: Term, job: Job, now_at: int) -> bool:
    value = term.values[0]
    if term.field == "since":
        return job.now.state_at >= lower_bound(value, now_at)
    return job.now.state_at < upper_bound(value, now_at)


def _compare(sort: Sort, term: Term, found: str | int | float, value: Value) -> bool:
    if term.path and sort is not Sort.NAME:
        return _free(term.op, found, value)
    if isinstance(found, str):
        return compare_word(sort, term.op, found, value)
    return compare_number(term.op, found, value)


def compare_word(sort: Sort, op: Op, found: str, value: Value) -> bool:
    """True if the text `found` compares so with `value`; negative operators as `=`."""
    if isinstance(value, Word):
        if sort is Sort.TEXT and op is Op.HAS:
            return fold(value.text) in fold(found)
        return found == value.text
    if sort is Sort.NAME and isinstance(value, Glob):
        return glob_matches(value.text, found)
    return in_text(found, value)


def _free(op: Op, found: str | int | float, value: Value) -> bool:
    if isinstance(found, str):
        if isinstance(value, Number):
            return not op.ordered and found == str(value)
        return compare_word(Sort.TEXT, op, found, value)
    return isinstance(value, Number | Span) and compare_number(op, found, value)


def compare_number(op: Op, found: int | float, value: Value) -> bool:
    """True if the number `found` compares so with `value`; negative operators as `=`."""
    if isinstance(value, Span):
        low, high = _amount(value.low), _amount(value.high)
        return (low is None or found >= low) and (high is None or found <= high)
    wanted = _amount(value)
    if wanted is None:
        return False
    match op:
        case Op.OVER:
            return found > wanted
        case Op.FROM:
            return found >= wanted
        case Op.UNDER:
            return found < wanted
        case Op.UPTO:
            return found <= wanted
    return found == wanted


def _amount(value: Value | None) -> int | float | None:
    match value:
        case Number(number):
            return number
        case Duration(us):
            return us
    return None


def _some(value: str | int | None) -> Found:
    return () if value is None else (value,)


def _wait(job: Job, now_at: int) -> Found:
    now = job.now
    if now.queued_at is None:
        return ()
    if now.started_at is not None and now.started_at >= now.queued_at:
        return (now.started_at - now.queued_at,)
    return ((now_at if now.ended_at is None else now.ended_at) - now.queued_at,)


def _run(job: Job, now_at: int) -> Found:
    now = job.now
    if now.started_at is None:
        return ()
    end_at = now_at if now.state is State.RUNNING else now.ended_at
    return () if end_at is None else (end_at - now.started_at,)


_FOUND: Final[dict[str, Callable[[Job, int], Found]]] = {
    "id": lambda job, _: (job.id,),
    "state": lambda job, _: (job.now.state.value,),
    "queue": lambda job, _: (job.now.queue,),
    "name": lambda job, _: (job.spec.name or command_head(job.spec),),
    "worker": lambda job, _: _some(job.now.worker),
    "tag": lambda job, _: job.spec.tags,
    "prio": lambda job, _: (job.now.priority.label,),
    "attempt": lambda job, _: (job.now.attempts,),
    "age": lambda job, now_at: (now_at - job.created_at,),
    "wait": _wait,
    "run": _run,
    "reason": lambda job, _: (job.now.note,),
    "exit": lambda job, _: _some(job.now.exit_code),
    "fp": lambda job, _: _some(job.now.trouble.fp or None) if job.now.trouble else (),
    "owner": lambda job, _: (job.spec.owner,),
    "key": lambda job, _: _some(job.spec.key),
    "kind": lambda job, _: (job.spec.kind.value,),
    "tenant": lambda job, _: (job.spec.tenant,),
    "namespace": lambda job, _: (job.spec.namespace,),
    "held": lambda job, _: ("no" if job.now.held_by is None else "yes",),
    "paused": lambda job, _: ("no" if job.now.paused_at is None else "yes",),
    "unreachable": lambda job, _: ("no" if job.now.unreachable_at is None else "yes",),
    "unmet": lambda job, _: (job.now.unmet,),
    "shape": lambda job, _: (job.shape,),
    "flow": lambda job, _: _some(job.spec.flow),
    "task": lambda job, _: _some(job.spec.task or None),
    "array": lambda job, _: _some(job.spec.array),
    "label": lambda job, _: job.spec.constraints.required_labels,
    "args": lambda job, _: (command_head(job.spec),),
}


def _plain(term: Term, job: Job, now_at: int) -> Found:
    return _FOUND[term.field](job, now_at)


def _path(term: Term, job: Job, _: int) -> Found:
    command = job.spec.command
    if term.field == "args":
        if term.path[0] == "env":
            return _some(command.env.get(term.path[1]))
        return _some(getattr(command, term.path[0]))
    if term.field == "label":
        start = label_start(term)
        labels = job.spec.constraints.required_labels
        return [label[len(start) :] for label in labels if label.startswith(start)]
    here: Any = job.spec.metadata
    for key in term.path:
        here = here.get(key) if isinstance(here, dict) else None
    if isinstance(here, bool):
        return ("true" if here else "false",)
    return (here,) if isinstance(here, str | int | float) else ()
