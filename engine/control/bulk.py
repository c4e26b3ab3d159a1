"""Bulk submission: many jobs as NDJSON text, in pieces, all of them or none."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from engine.control.messages import (
    Request,
    SubmitBegin,
    SubmitChunk,
    SubmitCommit,
)
from engine.errors import InvalidSpec

CHUNK_BYTES: Final = 2**20
"""Most bytes of NDJSON in one chunk, and so in one job."""


def chunked(lines: Iterable[str], limit_bytes: int = CHUNK_BYTES) -> Iterator[str]:
    """The lines, each with its line end, joined into pieces of whole lines.

    Empty lines are left out.

    Raises:
        InvalidSpec: a line is longer than a piece may be; names it by its number from 1.
    """
    kept: list[str] = []
    size = 0
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        length = _bytes(text, number) + 1
        if length == 1 or text.isspace():
            continue
        if length > limit_bytes:
            raise InvalidSpec(
                f"line {number} has {length - 1} bytes; one job may have {limit_bytes - 1}",
                field=f"jobs[{number - 1}]",
            )
        if size + length > limit_bytes:
            yield "".join(kept)
            kept, size = [], 0
        kept.append(text + "\n")
        size += length
    if kept:
        yield "".join(kept)


def _bytes(text: str, number: int) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise InvalidSpec(
            f"line {number} has half a character and cannot travel as UTF-8",
            field=f"jobs[{number - 1}]",
        ) from None


def conversation(
    chunks: Sequence[str],
    *,
    request_key: str,
    cwd: str,
    env: dict[str, str],
    defaults: dict[str, Any] | None = None,
) -> Iterator[Request[Any]]:
    """The requests of one bulk submission; the answer to the last is `Submitted`.

    Repeating them under the same key, on a new connection, is safe and stores the jobs
    once, even if the answer to the first commit was lost.
    """
    yield SubmitBegin(
        count=sum(chunk.count("\n") for chunk in chunks),
        defaults=defaults or {},
        cwd=cwd,
        env=env,
        request_key=request_key,
    )
    for chunk in chunks:
        yield SubmitChunk(lines=chunk)
    yield SubmitCommit()
