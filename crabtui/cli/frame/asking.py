"""Asking before an act that would hit more than its author may think."""

import sys

from crabtui.data.sanitize import sanitize
from engine.control.blocking import BlockingClient
from engine.control.messages import ListJobs, Targets
from engine.errors import InvalidSpec


def may_go_on(client: BlockingClient, verb: str, targets: Targets, *, yes: bool) -> bool:
    """Whether to act: at once, or because somebody at the terminal said yes.

    A filter, and more than one running job, are asked about; without a terminal a filter
    needs `--yes`.

    Raises:
        InvalidSpec: a filter, no terminal and no `--yes`.
    """
    if yes:
        return True
    if targets.where is None and (len(targets.ids) < 2 or not at_terminal()):
        return True
    if not at_terminal():
        raise InvalidSpec(f"without a terminal, {verb} by filter needs --yes", field="yes")
    chosen = targets.where or "id:" + ",".join(map(str, targets.ids))
    running = _count(client, f"({chosen}) state:running")
    if targets.where is None and running < 2:
        return True
    total = _count(client, chosen)
    return total == 0 or says_yes(f"{verb} {_objects(total, running)}?")


def _count(client: BlockingClient, where: str) -> int:
    return client.call(ListJobs(where=where, count=1)).total


def _objects(total: int, running: int) -> str:
    jobs = "1 job" if total == 1 else f"{total:,} jobs"
    return f"{jobs} ({running:,} running)" if running else jobs


def at_terminal() -> bool:
    """Whether somebody is there who could answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def must_type(word: str, stake: str, verb: str) -> None:
    """Return if somebody at the terminal types `word`, told what is at stake.

    Raises:
        InvalidSpec: nobody is there, or something else was typed.
    """
    if not at_terminal():
        raise InvalidSpec(f"{stake}; without a terminal, {verb} needs --yes", field="yes")
    sys.stderr.write(f"{sanitize(stake)}\ntype {sanitize(word)} to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != word:
        raise InvalidSpec("that is not its name; nothing was done", field="name")


def says_yes(question: str) -> bool:
    """Whether somebody at the terminal says yes."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
