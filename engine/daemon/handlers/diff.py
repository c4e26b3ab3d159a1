"""`diff`: what differs between two jobs, or two of their attempts."""

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.artifacts.trees import compared
from engine.control.messages import Diff
from engine.control.views import DiffSide, DiffView, FieldDiff, FileDiff
from engine.daemon.desk import Caller, Desk
from engine.errors import BlobCorrupt, NotFound
from engine.model.attempt import Attempt
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.redaction import line, run_text, words
from engine.model.secrets import HIDDEN, is_secret, without_values
from engine.model.spec import JobSpec
from engine.policy.differences import differences

_OUTCOME = ("verdict", "exit_code", "signal", "worker", "revision", "trouble")
_GIVEN = ("call", "params", "metadata")
"""Fields in which people choose the names."""
_NOT_SAID = ("trace_id", "span_id", "parent_id", "array_index", "item")


@dataclass(frozen=True, slots=True)
class Side:
    """A job, one of its attempts, and what it was given."""

    job: Job
    attempt: Attempt | None
    env: Mapping[str, str]

    @property
    def view(self) -> DiffSide:
        return DiffSide(
            id=self.job.id,
            attempt=self.attempt.id if self.attempt else "",
            name=self.job.spec.name or run_text(self.job.spec)[:200],
            state=self.job.now.state.value,
            frozen=self.job.spec.frozen,
        )

    @property
    def outcome(self) -> dict[str, Any]:
        if self.attempt is None:
            return {"state": self.job.now.state.value}
        said = {name: getattr(self.attempt, name) for name in _OUTCOME}
        found: dict[str, Any] = msgspec.to_builtins(said)
        return found


async def answer(desk: Desk, _: Caller, ask: Diff) -> DiffView:
    """What differs.

    Raises:
        NotFound: no such job or attempt.
    """
    a = await _side(desk, JobId(ask.a), ask.a_attempt)
    b = await _side(desk, JobId(ask.b), ask.b_attempt)
    parts = {
        "spec": (_said(a.job.spec), _said(b.job.spec)),
        "env": (without_values(a.env), without_values(b.env)),
        "outcome": (a.outcome, b.outcome),
    }
    fields = tuple(
        FieldDiff(part=part, path=path, a=_text(one), b=_text(other))
        for part, pair in parts.items()
        for path, one, other in differences(*pair)
        if _text(one) != _text(other)
    )
    files, note = await _files(desk, a.job.spec.frozen, b.job.spec.frozen)
    return DiffView(a=a.view, b=b.view, fields=fields, files=files, note=note)


async def _side(desk: Desk, id_: JobId, number: int | None) -> Side:
    job = await desk.store.job(id_)
    if job is None:
        raise NotFound(f"there is no job #{id_}")
    attempts = await desk.store.attempts(id_)
    chosen = [one for one in attempts if number is None or one.number == number]
    if number is not None and not chosen:
        raise NotFound(f"#{id_} has no attempt {number}; it has {len(attempts)}")
    around = await desk.store.surroundings(job.surroundings)
    env = {**around.env, **job.spec.command.env}
    return Side(job, chosen[-1] if chosen else None, env)


def _said(spec: JobSpec) -> dict[str, Any]:
    """What a spec says, without what is secret, and what no two jobs have alike."""
    said: dict[str, Any] = msgspec.to_builtins(spec)
    command = said.get("command", {})
    command.pop("env", None)
    if command.get("stdin"):
        command["stdin"] = f"{len(command['stdin'])} characters"
    return {
        name: _shown(value, given=name in _GIVEN)
        for name, value in said.items()
        if name not in _NOT_SAID
    }


def _shown(value: Any, name: str = "", *, given: bool = False) -> Any:
    """A value without what is said to be a secret; of what was given, by its name too."""
    if given and value and is_secret(name):
        return HIDDEN
    if isinstance(value, str):
        return line(value)
    if isinstance(value, Mapping):
        return {
            str(key): _shown(one, str(key), given=given or key == "env")
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        if all(isinstance(one, str) for one in value):
            return words(value)
        return [_shown(one, name, given=given) for one in value]
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def _files(desk: Desk, one: str, other: str) -> tuple[tuple[FileDiff, ...], str]:
    """The files of the frozen trees that differ, and what is to be said of that."""
    if one == other:
        return (), ""
    if not one or not other:
        return (), "only one of them ran in a frozen tree: files are not compared"
    try:
        paths = await desk.shelf.verified(one), await desk.shelf.verified(other)
        found, left_out = await desk.shelf.hands.do(lambda: compared(*paths))
    except (NotFound, BlobCorrupt, tarfile.TarError, OSError) as error:
        return (), f"files are not compared: {error}"
    views = tuple(FileDiff(path=f.path, change=f.change, diff=f.diff) for f in found)
    return views, f"{left_out} more files differ" if left_out else ""
