"""Submitting the jobs of a file: few in one request, many as a stream of lines."""

import sys
from typing import Any, Final

import msgspec

from crabtui.cli.submitting.sending import Deliver, send_jobs, send_lines
from crabtui.data.files.jobfile import JobFile, load
from engine.control.bulk import chunked
from engine.control.views import Submitted
from engine.errors import InvalidSpec

FEW: Final = 1_000
"""Jobs that may travel in one request, if they are not larger than a chunk."""

KEYED: Final = 100
"""Jobs whose keys the daemon looks up one by one; the keys of more must all be free."""


def send_file(
    path: str, flags: dict[str, Any], *, on_key: str | None, deliver: Deliver | None = None
) -> Submitted:
    """Submit every job of the file `path`, all or none; `-` is standard input.

    Args:
        path: NDJSON, JSON, YAML or TOML.
        flags: Defaults that win over those of the file, not over its jobs.
        on_key: As `--on-key`, if it was given; only for files of few jobs.
        deliver: How they are sent.

    Raises:
        InvalidSpec: it cannot be read, is no job file, or one of its jobs is none; nothing
            was stored.
    """
    found = _loaded(path)
    defaults = found.defaults | flags
    lines = _lines(found)
    if on_key is not None and (found.ndjson is not None or len(lines) > KEYED):
        raise InvalidSpec(
            f"--on-key {on_key} takes a JSON, YAML or TOML file of at most {KEYED} jobs",
            field="on_key",
        )
    if found.ndjson is None and len(lines) <= FEW and sum(map(len, lines)) < 2**20:
        key = on_key or "return"
        return send_jobs(found.jobs, defaults=defaults, on_key=key, deliver=deliver)
    return send_lines(list(chunked(lines)), defaults, deliver)


def _loaded(path: str) -> JobFile:
    try:
        return load(path, sys.stdin.buffer)
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="file") from None


def _lines(found: JobFile) -> list[str]:
    if found.ndjson is not None:
        return found.ndjson.split("\n")
    return [msgspec.json.encode(job).decode() for job in found.jobs]
