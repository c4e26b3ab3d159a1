"""Submitting the jobs of a file: few in one request, many as a stream of lines."""

import sys
from typing import Any, Final

import msgspec

from crabtui.cli.sending import send_jobs, send_lines
from crabtui.data.jobfile import JobFile, load
from engine.control.bulk import chunked
from engine.control.views import Submitted
from engine.errors import InvalidSpec

FEW: Final = 1_000
"""Jobs that may travel in one request, if they are not larger than a chunk."""


def send_file(path: str, flags: dict[str, Any], *, on_key: str) -> Submitted:
    """Submit every job of the file `path`, all or none; `-` is standard input.

    Args:
        path: NDJSON, JSON, YAML or TOML.
        flags: Defaults that win over those of the file, not over its jobs.
        on_key: As `--on-key`; other than `return` only for files of few jobs.

    Raises:
        InvalidSpec: it is no job file, or one of its jobs is none; nothing was stored.
        OSError: it cannot be read.
    """
    found = load(path, sys.stdin.buffer)
    defaults = found.defaults | flags
    lines = _lines(found)
    if found.ndjson is None and len(lines) <= FEW and sum(map(len, lines)) < 2**20:
        return send_jobs(found.jobs, defaults=defaults, on_key=on_key)
    if on_key != "return":
        raise InvalidSpec(
            f"--on-key {on_key} takes at most {FEW} jobs, and no NDJSON", field="on_key"
        )
    return send_lines(list(chunked(lines)), defaults)


def _lines(found: JobFile) -> list[str]:
    if found.ndjson is not None:
        return found.ndjson.split("\n")
    return [msgspec.json.encode(job).decode() for job in found.jobs]
