"""What can go wrong on a spool, by what the caller can do about it.

RunnerError
├── BadRequestError     the order itself cannot be carried out; ask for something else
├── StaleError          a newer epoch has been here; `newest` says which
├── UnusableError       the spool cannot be used as it is; a person must look
├── NotStartedError     it certainly did not start and never will; safe to try anew
└── TakenError          an attempt of this name was claimed before; look at its status
"""


class RunnerError(Exception):
    """Root of the tree; the text is a sentence for people."""


class BadRequestError(RunnerError):
    """The order contradicts itself or the rules."""


class StaleError(RunnerError):
    """Somebody newer owns the spool."""

    def __init__(self, epoch: int, newest: int, text: str = "") -> None:
        super().__init__(text or f"epoch {epoch} is over: epoch {newest} has been here")
        self.newest = newest


class UnusableError(RunnerError):
    """Nothing can be done with this spool."""


class NotStartedError(RunnerError):
    """Nothing of the attempt is left that could run."""


class TakenError(RunnerError):
    """The claim was made before."""


def in_words(error: OSError) -> str:
    """What the system says, and about which file: no number of Python's, no class."""
    why = error.strerror or str(error)
    return f"{why}: {error.filename}" if error.filename else why
