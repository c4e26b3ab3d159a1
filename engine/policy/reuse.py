"""The key of a result: what must be the same for an earlier one to stand in for a run.

A key is the SHA-256 of its parts, each with its name and preceded by its length, so that no
two lists of parts ever run into the same bytes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from engine.model.job import Job
from engine.model.keeping import Memo
from engine.model.spec import JobSpec

Part = tuple[str, bytes]
"""The name of a part, and what it is."""

_VERSION: Final = b"1"
_encode: Final = msgspec.json.Encoder(order="deterministic").encode

_SAME: Final = (
    "kind",
    "command",
    "call",
    "gate",
    "frozen",
    "workspace",
    "params",
    "item",
    "outputs",
    "wants_result",
)
"""Fields of a spec that say what runs and what it leaves."""


def cache_key(parts: Iterable[Part]) -> bytes:
    """The SHA-256 of parts, in order: other parts, another key."""
    digest = hashlib.sha256()
    for name, value in parts:
        for piece in (name.encode(), value):
            digest.update(len(piece).to_bytes(8, "big"))
            digest.update(piece)
    return digest.digest()


def memo_key(
    job: Job,
    memo: Memo,
    *,
    cwd: str,
    env: Mapping[str, str],
    inputs: Mapping[str, str],
    results: Sequence[bytes] = (),
) -> bytes:
    """The key under which a job's result is reused.

    Args:
        job: It.
        memo: What it says of that.
        cwd: Where it would run.
        env: What its submission brought along; only what `memo` names belongs to the key.
        inputs: What its inputs contain, by path.
        results: What the jobs said that it depends on, in their order.
    """
    named = {name: env.get(name) for name in memo.env}
    parts: list[Part] = [
        ("format", _VERSION),
        ("tenant", job.spec.tenant.encode()),
        ("code", _code(job.spec)),
        ("cwd", (job.spec.command.cwd or cwd).encode()),
        ("toolchain", memo.version.encode()),
        ("environment", _encode(named)),
        ("inputs", _encode(dict(inputs))),
        *(("result", one) for one in results),
    ]
    return cache_key(parts)


def _code(spec: JobSpec) -> bytes:
    """What runs: command with its own environment and stdin, and the tree that it runs in."""
    said = {name: getattr(spec, name, None) for name in _SAME}
    return _encode({name: one for name, one in said.items() if one is not msgspec.UNSET})


def is_reusable(job: Job, memo: Memo, now_at: int) -> bool:
    """Whether a job that succeeded is young enough to stand in for another's run."""
    ended_at = job.now.ended_at
    return ended_at is not None and now_at - ended_at <= memo.ttl_ms * 1000
