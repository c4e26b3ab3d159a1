"""What the end of an attempt says of the worker that it ran on, and not of its job."""

from enum import StrEnum
from typing import Final

from engine.errors import Category
from engine.model.attempt import Attempt
from engine.model.outcome import Verdict

NO_WORKSPACE: Final = "workspace"
"""Code of an attempt that got no workspace, which speaks of a repository or of where that is
fetched from."""

NOT_ITS_FAULT: Final = frozenset({"declared_dead", "lease_expired"})
"""Losses that say nothing of what happened on the worker: nobody could see it."""

ITS_FAULT: Final = frozenset({Category.RESOURCE, Category.BACKEND})
"""Why a command could not be started, where that is the host's doing."""


class Sign(StrEnum):
    """What an end says of its worker."""

    FAULT = "fault"  # it failed the attempt
    WORKED = "worked"  # it did its part, however the job ended
    NOTHING = "nothing"


def sign_of(attempt: Attempt) -> Sign:
    """What an attempt that has ended says of its worker."""
    code = attempt.trouble.code if attempt.trouble else ""
    match attempt.verdict:
        case Verdict.LOST:
            return Sign.NOTHING if code in NOT_ITS_FAULT else Sign.FAULT
        case Verdict.UNSPAWNED:
            is_its = attempt.trouble is not None and attempt.trouble.category in ITS_FAULT
            return Sign.FAULT if is_its and code != NO_WORKSPACE else Sign.NOTHING
        case Verdict.SUCCEEDED | Verdict.FAILED | Verdict.TIMEOUT:
            return Sign.WORKED
        case Verdict.CANCELED:
            return Sign.WORKED if attempt.started_at is not None else Sign.NOTHING
    return Sign.NOTHING
