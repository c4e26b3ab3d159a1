"""The names of things: one type for each kind of id, and how people write them."""

import re
from typing import NewType

from engine.errors import InvalidSpec

JobId = NewType("JobId", int)
"""A job's number; people type it `1423` or `#1423`."""

AttemptId = NewType("AttemptId", str)
"""`JOB-N-EPOCH`: never used twice, safe as a file name."""

Epoch = NewType("Epoch", int)
"""Grows by one at each start of the daemon; the larger one is in the right."""

Seq = NewType("Seq", int)
"""Place of an event in the one global order, from 1."""

ATTEMPT_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")
MAX_ID = 2**63 - 1
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}")
"""What a queue, tenant, namespace or worker may be called."""


def attempt_id(job: JobId, number: int, epoch: Epoch) -> AttemptId:
    """The id of a job's `number`-th attempt, minted under `epoch`."""
    return AttemptId(f"{job}-{number}-{epoch}")


def parse_job_id(text: str) -> JobId:
    """The id in `1423` or `#1423`.

    Raises:
        InvalidSpec: anything else.
    """
    digits = text[1:] if text.startswith("#") else text
    if digits.isascii() and digits.isdigit() and 0 < int(digits[:20]) <= MAX_ID:
        return JobId(int(digits))
    raise InvalidSpec(f"{text!r} is not a job id; ids look like 1423 or #1423", field="id")


def check_name(kind: str, text: str) -> str:
    """`text`, if it may name a `kind` (queue, tenant, namespace, worker).

    Raises:
        InvalidSpec: it is empty, too long, or has characters that would need quoting.
    """
    if NAME.fullmatch(text):
        return text
    raise InvalidSpec(
        f"{kind} {text!r}: use 1 to 100 of a-z, A-Z, 0-9, '_', '-' and '.', "
        "the first a letter, digit or '_'",
        field=kind,
    )
