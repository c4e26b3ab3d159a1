"""The command that would open a gate, as a person can type it."""

import shlex
from collections.abc import Mapping

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority


def release(job: Job) -> str:
    """Take it off hold."""
    return f"crabtui release {job.id}"


def uncancel(job: Job) -> str:
    """Withdraw a cancel that is in its grace."""
    return f"crabtui cancel {job.id} --withdraw"


def again(job: Job) -> str:
    """Run it now, or once more."""
    return f"crabtui retry {job.id}"


def look(job: JobId) -> str:
    """See what is with it."""
    return f"crabtui show {job}"


def why(job: JobId) -> str:
    """See what another job waits for."""
    return f"crabtui explain {job}"


def resume(queue: str) -> str:
    """Let a paused queue go on."""
    return f"crabtui queues resume {shlex.quote(queue)}"


def widen(queue: str, limit: int) -> str:
    """Let more of a queue's jobs run at once."""
    return f"crabtui queues limit {shlex.quote(queue)} {limit}"


def widen_array(array: JobId, limit: int) -> str:
    """Let more members of an array run at once."""
    return f"crabtui array {array} --limit {limit}"


def raise_to(job: Job, priority: Priority) -> str:
    """Let it wait in a lane where nobody is before it."""
    return f"crabtui priority {priority.label} {job.id}"


def shrink(job: Job, amounts: Mapping[str, int]) -> str:
    """Ask for less of what is short; empty if no flag says so."""
    flags = [_flag(name, amount) for name, amount in amounts.items()]
    if not flags or not all(flags):
        return ""
    return f"crabtui edit {job.id} {' '.join(flags)}"


def _flag(name: str, amount: int) -> str:
    match name:
        case "cpu_milli":
            return f"--cpus {amount / 1000:g}" if amount else ""
        case "memory_mb":
            return f"--memory {amount}"
        case "storage_mb":
            return f"--storage {amount}"
        case "gpu":
            return f"--gpus {amount}"
        case _:
            return f"--need {shlex.quote(name)}={amount}"


def reopen(worker: str) -> str:
    """Let a draining worker take work again."""
    return f"crabtui workers resume {shlex.quote(worker)}"


def workers() -> str:
    """See what the workers have."""
    return "crabtui workers"


def tenants() -> str:
    """See what tenants have against their quotas."""
    return "crabtui tenants"


def doctor() -> str:
    """Look for what is wrong with the place and the daemon."""
    return "crabtui doctor"
