"""A job in full as the row of a table, so that the same acts work on both."""

from crabtui.views.job_facts import command
from engine.control.views import JobRow, JobView

SAME = tuple(set(JobRow.__struct_fields__) & set(JobView.__struct_fields__))


def row_of(job: JobView) -> JobRow:
    """The row that a table would show for this job."""
    same = {name: getattr(job, name) for name in SAME}
    return JobRow(**same | {"name": job.name or command(job.payload)[:200]})
