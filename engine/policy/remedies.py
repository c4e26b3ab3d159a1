"""The command that would open a gate, as a person can type it."""

import shlex

from engine.model.job import Job


def release(job: Job) -> str:
    """Take it off hold."""
    return f"crabtui release {job.id}"


def uncancel(job: Job) -> str:
    """Withdraw a cancel that is in its grace."""
    return f"crabtui cancel {job.id} --withdraw"


def again(job: Job) -> str:
    """Run it now, or once more."""
    return f"crabtui retry {job.id}"


def look(job: Job) -> str:
    """See what is with it."""
    return f"crabtui show {job.id}"


def resume(queue: str) -> str:
    """Let a paused queue go on."""
    return f"crabtui queues resume {shlex.quote(queue)}"


def widen(queue: str, limit: int) -> str:
    """Let more of a queue's jobs run at once."""
    return f"crabtui queues limit {shlex.quote(queue)} {limit}"


def workers() -> str:
    """See what the workers have."""
    return "crabtui stats"
