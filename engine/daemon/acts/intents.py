"""Intents: what a preview was asked about, with what it was based on, as a token."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from engine.daemon.desk import Desk
from engine.errors import InvalidSpec
from engine.model.job import Job

K = TypeVar("K", bound=str | int)


class Intent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One act, and the versions of everything that it was previewed against.

    Other jobs that come and go are not among them: they do not change what is done.
    """

    act: str
    jobs: dict[int, int] = {}
    """Version of each target."""
    name: str = ""
    to: str | None = None
    limit: int | None = None
    changes: dict[str, Any] = {}
    """Of `edit`."""
    queues: dict[str, int] = {}
    workers: dict[str, str] = {}
    arrays: dict[int, int] = {}
    rules: str = ""

    def token(self) -> str:
        """The intent in letters that a shell takes as they are."""
        return base64.urlsafe_b64encode(_canonical(self)).decode().rstrip("=")


def read_token(token: str) -> Intent:
    """The intent in a token. Raises: InvalidSpec: it is no token of ours."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.json.decode(data, type=Intent)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise InvalidSpec("this is no token of a preview", field="token") from None


def based_on(desk: Desk, intent: Intent, jobs: Sequence[Job]) -> Intent:
    """The intent with the versions of its targets, limits, workers and rules as of now."""
    known = desk.working_set
    named = {intent.name, str(intent.changes.get("queue", ""))}
    queues = {job.now.queue for job in jobs} | named & set(known.queues)
    arrays = {job.spec.array for job in jobs if job.spec.array is not None}
    return msgspec.structs.replace(
        intent,
        jobs={job.id: job.now.version for job in jobs},
        queues={
            name: queue.version
            for name in queues
            if (queue := known.stored_queues.get(name)) is not None
        },
        workers={
            worker.name: _digest(msgspec.structs.replace(worker, seen_at=None))
            for worker in known.workers.values()
        },
        arrays={
            array: known.arrays[array].version for array in arrays if array in known.arrays
        },
        rules=_digest(known.rules),
    )


def moved(was: Intent, now: Intent) -> list[str]:
    """What is not as it was when the preview was made, in words; empty if all is."""
    return [
        *(f"#{job} has changed" for job in _changed(was.jobs, now.jobs)),
        *(f"queue `{queue}` has changed" for queue in _changed(was.queues, now.queues)),
        *(f"worker `{worker}` has changed" for worker in _changed(was.workers, now.workers)),
        *(f"array #{array} has changed" for array in _changed(was.arrays, now.arrays)),
        *(["the configuration has changed"] if was.rules != now.rules else []),
    ]


def _changed(was: Mapping[K, object], now: Mapping[K, object]) -> list[K]:
    return [key for key in {**was, **now} if was.get(key) != now.get(key)]


def _digest(value: object) -> str:
    return sha256(_canonical(value)).hexdigest()[:12]


def _canonical(value: object) -> bytes:
    """As JSON that is the same for equal values."""
    plain = msgspec.to_builtins(value, str_keys=True)
    return msgspec.json.encode(plain, order="deterministic")
