"""Job keys: at most one live job of a tenant has a given one."""

from collections.abc import Sequence

from engine.errors import KeyTaken
from engine.model.ids import JobId
from engine.store.protocol import NewJob


def given_twice(jobs: Sequence[NewJob], first: JobId) -> KeyTaken:
    """Two jobs of one submission have the key of the one with the id `first`."""
    spec = jobs[first - jobs[0].id].spec
    again = [job for job in jobs if job.id > first and has_key(job, spec.tenant, spec.key)]
    where = f"jobs[{again[0].id - jobs[0].id}].key"
    return KeyTaken(f"{where}: two jobs of this submission have {spec.key!r}", field=where)


def has_key(new: NewJob, tenant: str, key: str | None) -> bool:
    """Whether a new job has this key, as its tenant's."""
    return new.spec.tenant == tenant and new.spec.key == key
