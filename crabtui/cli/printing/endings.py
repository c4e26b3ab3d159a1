"""How a job's end becomes an exit code, and a few words."""

from typing import Final

from crabtui.data.wording import exit_text
from engine.control.views import Finished
from engine.model.states import State

TIMEOUT: Final = 124
OURS: Final = 125
CANCELED: Final = 130
SIGNALED: Final = 128

_OWN: Final = (None, "exit", "signal", "canceled")
"""Codes of ends that are the process's own, or asked for."""


def exit_code(finished: Finished) -> int:
    """What `run` exits with: the job's own code wherever it has one.

    128 + the signal that ended it, 124 for a timeout, 130 if it was canceled, and 125 if
    it ended in a way that is the engine's.
    """
    if finished.state == State.TIMEOUT:
        return TIMEOUT
    if finished.state == State.CANCELED:
        return CANCELED
    if finished.signal is not None:
        return SIGNALED + finished.signal
    if finished.state == State.SUCCEEDED:
        return 0
    return finished.exit_code or OURS


def ending(finished: Finished) -> str:
    """`succeeded`, `failed (exit 3)`, `failed (its gate `make check` exited with 1)`."""
    if finished.state == State.SUCCEEDED:
        return finished.state
    how = exit_text(finished.exit_code, finished.signal)
    why = str((finished.error or {}).get("message") or "")
    detail = (how or why) if is_its_own(finished) else (why or how)
    return f"{finished.state} ({detail})" if detail else finished.state


def is_its_own(finished: Finished) -> bool:
    """Whether its code or signal says all that there is to say about its end."""
    return (finished.error or {}).get("code") in _OWN
