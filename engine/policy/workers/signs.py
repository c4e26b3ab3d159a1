"""What the end of an attempt says of the worker that it ran on, and not of its job."""

from enum import StrEnum
from typing import Final

from engine.model.attempt import Attempt
from engine.model.outcome import Trouble, Verdict

NO_WORKSPACE: Final = "workspace"
"""Code of an attempt that got no workspace, which speaks of a repository or of where that is
fetched from."""

NOT_ITS_FAULT: Final = frozenset({"declared_dead", "lease_expired"})
"""Losses that say nothing of what happened on the worker: nobody could see it."""

NOT_SERVED: Final = frozenset({"start_failed", "no_resources"})
"""Why a command could not be started, where that is the worker's doing: a full disk, say."""


class Sign(StrEnum):
    """What an end says of its worker."""

    FAULT = "fault"  # it failed the attempt
    WORKED = "worked"  # it did its part, however the job ended
    NOTHING = "nothing"


def could_not_start(trouble: Trouble | None) -> bool:
    """Whether an attempt never ran for want of something that its worker should have."""
    return trouble is not None and trouble.code in NOT_SERVED


def sign_of(attempt: Attempt) -> Sign:
    """What an attempt that has ended says of its worker."""
    code = attempt.trouble.code if attempt.trouble else ""
    match attempt.verdict:
        case Verdict.LOST:
            return Sign.NOTHING if code in NOT_ITS_FAULT else Sign.FAULT
        case Verdict.UNSPAWNED:
            return Sign.FAULT if could_not_start(attempt.trouble) else Sign.NOTHING
        case Verdict.SUCCEEDED | Verdict.FAILED | Verdict.TIMEOUT:
            return Sign.WORKED
        case Verdict.CANCELED:
            return Sign.WORKED if attempt.started_at is not None else Sign.NOTHING
    return Sign.NOTHING
