"""Starting an attempt: claim it, spawn its supervisor, understand what that answers."""

from dataclasses import dataclass

from engine.runner import identity, verbs
from engine.runner.faults import NotStartedError, in_words
from engine.runner.records import Status
from engine.runner.spool import Spool
from engine.runner.supervisors import spawn_supervisor


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt whose supervisor was just spawned."""

    attempt: str
    epoch: int
    owner: int
    """The supervisor's pid, a child of ours."""


def begin(
    spool: Spool,
    attempt: str,
    epoch: int,
    spec: bytes,
    *,
    lease: bool,
    sh: str,
    session: str,
    answer: int,
) -> Begun:
    """Claim and spawn; the supervisor answers on the descriptor `answer`.

    Raises:
        TakenError: it was claimed before; look at its status.
        StaleError: a newer epoch has been here.
        NotStartedError: nothing of it is left that could run.
        BadRequestError: its name, or the epoch, cannot be.
    """
    try:
        folder = verbs.claim(spool, attempt, epoch, spec, lease)
        try:
            owner = spawn_supervisor(
                spool, folder, epoch, sh=sh, session=session, answer=answer
            )
        except NotStartedError:
            verbs.unclaim(folder)
            raise
    except OSError as error:
        raise NotStartedError(
            f"the spool {spool.root} cannot be used: {in_words(error)}"
        ) from error
    return Begun(attempt, epoch, owner)


def started(begun: Begun, answer: str) -> Status | None:
    """Its state, if its supervisor says that the job is on record; waits for no disk."""
    match answer.split(" "):
        case ["STARTED", job, start]:
            return Status(
                attempt=begun.attempt,
                state="running",
                pid=int(job),
                pid_start=start,
                ident=identity.ident(),
                owner=begun.owner,
            )
    return None


def not_started(spool: Spool, begun: Begun, answer: str) -> Status:
    """What became of one whose supervisor did not say that.

    Raises:
        NotStartedError: it gave up, and nothing of the attempt is left.
        OSError: the spool does not answer; nothing is known.
    """
    now = verbs.status(spool, begun.attempt)
    if now.state in ("claimed", "void") and answer.startswith("ERR"):
        verbs.unclaim(spool.folder(begun.attempt))
        raise NotStartedError(f"its supervisor gave up: {answer[4:]}")
    if now.state == "claimed":
        return verbs.void(spool, begun.attempt, begun.epoch)
    return now
