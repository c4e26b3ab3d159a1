"""`crabtui session`: tmux sessions of agents, runners and people, here and on workers."""

import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from crabtui.cli.completion import complete_workers
from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.cli.tmux import Listed, Tmux
from engine.control.messages import ListWorkers
from engine.control.views import WorkerView
from engine.errors import InvalidSpec, NotFound, Unreachable
from engine.model.durations import parse_duration
from engine.model.sessions import read_role, session_name
from engine.model.words import nearest

HOME: Final = "engineering/code/clone-base"
"""Where repositories are, below the home folder, unless --cwd says otherwise."""


NONE: Final = "no session: `crabtui session attach --work NAME` makes one"


HERE: Final = WorkerView(
    name="local",
    backend="local",
    health="healthy",
    draining=False,
    slots=0,
    slots_taken=0,
    capacity={},
    taken={},
    seen_at=None,
)
"""This machine, for which no daemon is asked."""


def named(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name one session."""
    for option in (
        click.option(
            "--worker",
            metavar="NAME",
            shell_complete=complete_workers,
            help="On its host.  [default: here]",
        ),
        click.option("--role", default="agent", metavar="ROLE", help="agent, runner or human."),
        click.option("--work", required=True, metavar="NAME", help="Of this piece of work."),
        click.option("--repo", metavar="NAME", help="Of this repository.  [default: here]"),
    ):
        command = option(command)
    return command


@click.group(cls=VerbGroup)
def session() -> None:
    """Sessions of tmux in which people, agents and jobs can be watched."""


@session.command("attach")
@named
@click.option("--cwd", metavar="DIR", help="Where a new one begins.")
def attach(repo: str | None, work: str, role: str, worker: str | None, cwd: str | None) -> int:
    """Open a session in this terminal; it is made if it is not there.

    Without a terminal it is made, and nothing else.
    """
    name, tmux = _name(repo, work, role), Tmux(_worker(worker))
    is_new = tmux.make(name, cwd or _folder(repo, tmux))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say(f"{name} {'made' if is_new else 'is there'}")
        return 0
    argv = tmux.attach_argv(name)
    os.execvp(argv[0], argv)  # noqa: S606
    return 0


@session.command("list")
@click.option(
    "--worker", metavar="NAME", shell_complete=complete_workers, help="Only on its host."
)
def list_sessions(worker: str | None) -> int:
    """List our sessions with their ages, here and on all workers."""
    found, now_s = _everywhere(worker), time.time()
    if setting().as_json:
        say_json({"sessions": [msgspec.to_builtins(one) for one in found]})
        return 0
    rows = [(one.name, one.worker, one.role, _age(now_s - one.created_s),
             _age(now_s - one.active_s), str(one.attached)) for one in found]  # fmt: skip
    headings = ("session", "worker", "role", "age", "idle", "attached")
    say_lines(table(headings, rows) if rows else [NONE])
    return 0


@session.command("kill")
@click.argument("name")
@click.option(
    "--worker",
    metavar="NAME",
    shell_complete=complete_workers,
    help="On its host.  [default: here]",
)
def kill(name: str, worker: str | None) -> int:
    """End the session of exactly this name; a person's own is never touched."""
    Tmux(_worker(worker)).kill(name)
    say(f"{name} ended")
    return 0


@session.command("prune")
@click.option("--older-than", required=True, metavar="H", help="Hours, or a time as in 2d.")
@click.option(
    "--worker", metavar="NAME", shell_complete=complete_workers, help="Only on its host."
)
def prune(older_than: str, worker: str | None) -> int:
    """End sessions of agents and runners that were not used for so long, unless attached."""
    oldest_s = time.time() - age_s(older_than)
    ended = [one.name for one in _everywhere(worker) if _is_old(one, oldest_s) and _end(one)]
    say_lines([f"{name} ended" for name in ended] or ["none is that old"])
    return 0


def _is_old(one: Listed, oldest_s: float) -> bool:
    return one.role != "human" and not one.attached and one.active_s <= oldest_s


def _end(one: Listed) -> bool:
    """End it, unless it is gone by now: workers of one host list the same sessions."""
    try:
        Tmux(_worker(one.worker)).kill(one.name)
    except NotFound:
        return False
    return True


@session.command("exec", context_settings={"allow_interspersed_args": False})
@named
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(
    repo: str | None, work: str, role: str, worker: str | None, words: tuple[str, ...]
) -> int:
    """Type a command into a session, and enter it. One word is typed as it is."""
    name, tmux = _name(repo, work, role), Tmux(_worker(worker))
    line = words[0] if len(words) == 1 else shlex.join(words)
    if not line.isprintable():
        raise InvalidSpec("only what can be typed: no line breaks or control characters")
    tmux.type(name, line)
    say(f"typed into {name}")
    return 0


def _name(repo: str | None, work: str, role: str) -> str:
    return session_name(repo or Path.cwd().name, work, read_role(role))


def _folder(repo: str | None, tmux: Tmux) -> str | None:
    """Where a new session begins; None: at home, as always on other machines."""
    if tmux.worker.address:
        return None
    if repo is None:
        return str(Path.cwd())
    folder = Path.home() / HOME / repo
    return str(folder) if folder.is_dir() else None


def _worker(name: str | None) -> WorkerView:
    """The worker of that name; this machine if none is named.

    Raises:
        NotFound: there is none of that name.
    """
    setting().must_be_here()
    if name is None or name == "local":
        return HERE
    found = {one.name: one for one in _workers()}
    if name not in found:
        near = nearest(name, found)
        raise NotFound(f"there is no worker {name!r}", field="worker", nearest=near)
    return found[name]


def _workers() -> tuple[WorkerView, ...]:
    with enter() as client:
        return client.call(ListWorkers()).workers


def _everywhere(worker: str | None) -> list[Listed]:
    """Sessions of one worker, or of this machine and all others that can be reached."""
    if worker is not None:
        return Tmux(_worker(worker)).listed()
    found = Tmux(_worker(None)).listed()
    for one in _workers():
        if one.address:
            try:
                found += Tmux(one).listed()
            except Unreachable as trouble:
                complain(trouble.message)
    return found


def age_s(text: str) -> float:
    """Seconds in hours without a unit, or in a time as in `2d`.

    Raises:
        InvalidSpec: it is neither.
    """
    if text.replace(".", "", 1).isdigit():
        return float(text) * 3600
    found_us = parse_duration(text)
    if found_us is None:
        raise InvalidSpec(
            f"--older-than {text!r}: hours, or a time as in 2d", field="older_than"
        )
    return found_us / 1_000_000


def _age(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"
