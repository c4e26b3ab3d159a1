"""From what a host says about the end of an attempt to what that end was."""

from signal import Signals
from typing import Final

from engine.errors import Category
from engine.model.ids import JobId
from engine.model.outcome import Outcome, Trouble, Verdict
from engine.policy.jobs.timeouts import duration_text

UNSPAWNED: Final = (
    # what the system said last, in lower case; what that is called; whose fault it is
    ("argument list too long", "too_long", Category.VALIDATION),
    ("permission denied", "not_executable", Category.VALIDATION),
    ("exec format error", "not_executable", Category.VALIDATION),
    ("is a directory", "not_executable", Category.VALIDATION),
    ("not executable", "not_executable", Category.VALIDATION),
    ("not found", "not_found", Category.VALIDATION),
    ("no such file", "not_found", Category.VALIDATION),
    ("cannot allocate memory", "no_resources", Category.RESOURCE),
    ("temporarily unavailable", "no_resources", Category.RESOURCE),
    ("too many open files", "no_resources", Category.RESOURCE),
    ("no space left", "no_resources", Category.RESOURCE),
)

NO_CWD: Final = ("cannot enter ", "can't cd to ")
"""How a complaint about the working directory begins."""

LONGEST_GATE: Final = 100
"""Characters of a gate that are told when it was not passed."""

BY_SHELL_CODE: Final = {126: "not_executable", 127: "not_found"}


def outcome_of(
    ended: str,
    *,
    code: int | None = None,
    signal: int | None = None,
    why: str | None = None,
    message: str = "",
    trouble: Trouble | None = None,
    cancel_acknowledged: bool = False,
    displaced_for: JobId | None = None,
    hard_ms: int | None = None,
    soft_ms: int | None = None,
    gate: str = "",
) -> Outcome:
    """The outcome of an attempt that its host reports as ended.

    Args:
        ended: The host's word: `exited`, `void`, `lost`, `rebooted`, `gone` or `absent`.
        code: Exit code; None if it did not exit by itself.
        signal: The signal that ended it.
        why: Why the runner ended it, or `nospawn`, or `nostart` if its host could not take
            it, or `workspace` or `fetch` if its workspace could not be made; of one that is
            lost `declared_dead`, if that is all that is known; None if it ended by itself.
        message: For `nospawn`, `nostart`, `workspace` and `fetch`: what the system said; for
            `declared_dead`: who said so.
        trouble: What a call that failed, or whose pool lost it, says of that.
        cancel_acknowledged: We promised somebody that it is canceled; then it is, even if
            the process exited 0 before the signal came. Its true code is kept.
        displaced_for: It was told to end to make room for this job, and for nothing else.
        hard_ms: The hard timeout it ran under, for the words.
        soft_ms: The soft timeout it ran under, for the words.
        gate: Its gate as a person may see it, for the words.

    Raises:
        ValueError: the attempt has not ended.
    """
    if ended == "void" or (ended == "exited" and why == "fenced"):
        return _void()
    if ended == "lost" and trouble is not None:
        return Outcome(verdict=Verdict.LOST, trouble=trouble)
    if ended in ("lost", "rebooted", "gone", "absent"):
        return _lost("declared_dead", message) if why == "declared_dead" else _lost(ended)
    if ended != "exited":
        raise ValueError(f"an attempt that is {ended} has not ended")
    if displaced_for is not None and why == "stop":
        return _displaced(displaced_for, code, signal)
    if cancel_acknowledged or why == "stop":
        word = Trouble(category=Category.CANCELED, code="canceled", message="canceled")
        return Outcome(verdict=Verdict.CANCELED, exit_code=code, signal=signal, trouble=word)
    match why:
        case "nospawn":
            return _unspawned(code, message)
        case "nostart":
            return _not_started(message)
        case "workspace" | "fetch":
            return _no_workspace(message, may_come=why == "fetch")
        case "lease":
            return _lost("lease_expired")
        case "timeout":
            return _timeout(code, signal, "timeout", hard_ms)
        case "soft" if code != 0:
            return _timeout(code, signal, "soft_timeout", soft_ms)
        case "logcap":
            return _over_log_cap(code, signal)
        case "tokens":
            return _over_budget(code, signal)
        case "oom":
            return _out_of_memory(code, signal)
        case "gpuoom":
            return _out_of_gpu_memory(code, signal)
        case "gate":
            return _not_passed(code, signal, gate)
    if trouble is not None:
        return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)
    return _by_itself(code, signal)


def signal_name(number: int) -> str:
    """`SIGKILL` for 9; `signal 77` if it has no name."""
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _displaced(for_job: JobId, code: int | None, signal: int | None) -> Outcome:
    trouble = Trouble(
        category=Category.CANCELED, code="displaced", message=f"it made room for #{for_job}"
    )
    return Outcome(verdict=Verdict.CANCELED, exit_code=code, signal=signal, trouble=trouble)


def _by_itself(code: int | None, signal: int | None) -> Outcome:
    if signal is not None:
        name = signal_name(signal)
        message = f"ended by {name}, which did not come from here"
        details: dict[str, object] = {"signal": signal, "name": name}
        trouble = Trouble(
            category=Category.INTERNAL, code="signal", message=message, details=details
        )
        return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)
    if code is None:
        return _lost("no_status")
    if code == 0:
        return Outcome(verdict=Verdict.SUCCEEDED, exit_code=0)
    trouble = Trouble(
        category=Category.INTERNAL, code="exit", message=f"the command exited with {code}"
    )
    return Outcome(verdict=Verdict.FAILED, exit_code=code, trouble=trouble)


def _timeout(code: int | None, signal: int | None, kind: str, limit_ms: int | None) -> Outcome:
    limit = f" of {duration_text(limit_ms)}" if limit_ms is not None else ""
    which = "soft" if kind == "soft_timeout" else "hard"
    trouble = Trouble(
        category=Category.TIMEOUT,
        code=kind,
        message=f"it ran longer than its {which} timeout{limit}",
        details={} if limit_ms is None else {"limit_ms": limit_ms},
    )
    return Outcome(verdict=Verdict.TIMEOUT, exit_code=code, signal=signal, trouble=trouble)


def _over_log_cap(code: int | None, signal: int | None) -> Outcome:
    trouble = Trouble(
        category=Category.RESOURCE, code="log_cap", message="its log grew past the cap"
    )
    return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)


def _over_budget(code: int | None, signal: int | None) -> Outcome:
    trouble = Trouble(
        category=Category.QUOTA,
        code="token_budget",
        message="it reported more tokens than its budget, max_tokens",
    )
    return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)


def _out_of_memory(code: int | None, signal: int | None) -> Outcome:
    trouble = Trouble(
        category=Category.RESOURCE,
        code="out_of_memory",
        message="it ran out of memory"
        + (": the kernel ended it" if signal is not None else ", as it says itself"),
    )
    return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)


def _out_of_gpu_memory(code: int | None, signal: int | None) -> Outcome:
    trouble = Trouble(
        category=Category.RESOURCE,
        code="out_of_gpu_memory",
        message="a device ran out of memory, as it says itself",
    )
    return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)


def _not_passed(code: int | None, signal: int | None, gate: str) -> Outcome:
    name = f"its gate `{gate[:LONGEST_GATE]}`" if gate else "its gate"
    how = f"exited with {code}" if signal is None else f"was ended by {signal_name(signal)}"
    trouble = Trouble(category=Category.INTERNAL, code="gate", message=f"{name} {how}")
    return Outcome(verdict=Verdict.FAILED, exit_code=code, signal=signal, trouble=trouble)


def _unspawned(code: int | None, message: str) -> Outcome:
    kind, category = _kind_of_unspawned(code, message.lower())
    trouble = Trouble(
        category=category,
        code=kind,
        message=message or "the command could not be started",
        retryable=category is Category.RESOURCE,
    )
    return Outcome(verdict=Verdict.UNSPAWNED, trouble=trouble)


def _no_workspace(message: str, *, may_come: bool) -> Outcome:
    trouble = Trouble(
        category=Category.BACKEND if may_come else Category.VALIDATION,
        code="workspace",
        message=message or "its workspace could not be made",
        retryable=may_come,
    )
    return Outcome(verdict=Verdict.UNSPAWNED, trouble=trouble)


def _not_started(message: str) -> Outcome:
    trouble = Trouble(
        category=Category.BACKEND,
        code="start_failed",
        message=message or "its host could not start it",
        retryable=True,
    )
    return Outcome(verdict=Verdict.UNSPAWNED, trouble=trouble)


def _kind_of_unspawned(code: int | None, said: str) -> tuple[str, Category]:
    if said.startswith(NO_CWD):
        return "cwd_missing", Category.VALIDATION
    reason = said.rpartition(": ")[2]
    for words, kind, category in UNSPAWNED:
        if words in reason:
            return kind, category
    return BY_SHELL_CODE.get(code or 0, "not_startable"), Category.VALIDATION


def _void() -> Outcome:
    trouble = Trouble(
        category=Category.BACKEND, code="void", message="it was made sure that it never starts"
    )
    return Outcome(verdict=Verdict.VOID, trouble=trouble)


LOST_TEXT: Final = {
    "rebooted": "its host was started anew",
    "declared_dead": "an operator declared its worker dead",
    "lease_expired": "its runner lost contact and stopped it when the lease ran out",
    "no_status": "it ended, but nobody recorded how",
    "gone": "its host has cleaned it up; how it ended is not known here",
    "absent": "its host has never heard of it",
}


def _lost(kind: str, message: str = "") -> Outcome:
    text = LOST_TEXT.get(kind, "the process and its supervisor are gone without a record")
    trouble = Trouble(category=Category.LOST, code=kind, message=message or text)
    return Outcome(verdict=Verdict.LOST, trouble=trouble)
