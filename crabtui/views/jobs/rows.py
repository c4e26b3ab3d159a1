"""A job in full as the row of a table, so that the same acts work on both."""

import shlex
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from crabtui.data import redaction
from engine.control.views import JobDetail, JobRow, JobView
from engine.model.states import FINAL

SAME = tuple(set(JobRow.__struct_fields__) & set(JobView.__struct_fields__))


def row_of(job: JobView) -> JobRow:
    """The row that a table would show for this job."""
    same = {name: getattr(job, name) for name in SAME}
    return JobRow(**same | {"name": job.name or command(job.payload)[:200]})


def row_of_detail(detail: JobDetail) -> JobRow:
    """As `row_of`, with what is known of its members and of what it still waits for."""
    unmet = sum(row.state not in FINAL for row in detail.depends_on)
    return replace(row_of(detail.job), members=detail.members, unmet=unmet)


def command(payload: Mapping[str, Any]) -> str:
    """The command as one would type it."""
    if isinstance(argv := payload.get("argv"), list | tuple):
        return " ".join(map(_quoted, redaction.words([str(word) for word in argv])))
    return redaction.line(str(payload.get("shell", "-")))


def _quoted(word: str) -> str:
    """As a shell would need it; what stands for a secret is left as it is."""
    return word if redaction.SHORT in word else shlex.quote(word)
