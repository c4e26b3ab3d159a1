"""Judged: what makes a backlog deeper has to be admitted, by whatever act."""

from msgspec.structs import replace

from engine.daemon.desk import Desk
from engine.ledger.deciding import Decide
from engine.model.job import Job
from engine.policy.jobs.change import Change


def judged(desk: Desk, decide: Decide) -> Decide:
    """The same decision, if there is room for what it makes of the job.

    It raises NotAdmitted, in the words of a submission, for a job that is run again or moved
    to another queue where nothing more may wait.
    """

    def judge(job: Job) -> Change | None:
        change = decide(job)
        if change is not None:
            changed = replace(job, now=change.now, spec=change.spec or job.spec)
            desk.reception.admission.must_take(job, changed)
        return change

    return judge
