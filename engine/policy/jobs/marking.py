"""Failures get their fingerprint, so that those that are alike can be found and counted."""

from dataclasses import replace
from typing import Final

import msgspec

from engine.model.fingerprint import fingerprint
from engine.model.outcome import Outcome, Verdict
from engine.model.spec import JobSpec

MARKED: Final = frozenset({Verdict.FAILED, Verdict.TIMEOUT, Verdict.UNSPAWNED, Verdict.LOST})
"""The verdicts that say that something went wrong."""


def marked(outcome: Outcome, spec: JobSpec, said: str = "") -> Outcome:
    """The outcome with the fingerprint of its trouble, if it is one that anybody looks for.

    Args:
        outcome: How it ended.
        spec: Of the job.
        said: The last line of its stderr, which tells more than how it ended; if known.
    """
    trouble = outcome.trouble
    if trouble is None or outcome.verdict not in MARKED:
        return outcome
    if said:
        details = {**trouble.details, "stderr": said}
        trouble = msgspec.structs.replace(trouble, details=details)
    fp = fingerprint(_kind_of_job(spec), trouble, outcome.exit_code, outcome.signal)
    return replace(outcome, trouble=msgspec.structs.replace(trouble, fp=fp))


def _kind_of_job(spec: JobSpec) -> str:
    """What the job is called, or the first two words of what it runs."""
    return spec.name or " ".join(spec.text.split()[:2])
