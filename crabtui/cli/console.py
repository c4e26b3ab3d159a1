"""`crabtui`, `crabtui jobs`, `crabtui ui VIEW[?QUERY]`: the console."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from crabtui.cli.frame.setting import at_terminal, setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.console import console_options, start_of
from crabtui.cli.reaching.entry import first_contact, wake
from crabtui.start import Start
from engine.errors import InvalidSpec

if TYPE_CHECKING:
    from engine.config import Context


def open_console(start: Start) -> int:
    """Show the console until it is left, on a daemon that is started if none runs.

    Returns: its exit code; 3 if it was to print a picture and none came in time.

    Raises:
        InvalidSpec: there is no terminal to show it on, or a flag names nothing that is there.
        NoDaemon: none runs, and none could be started.
    """
    if start.dump is None and not (at_terminal() or _is_in_page()):
        raise InvalidSpec(
            "the console needs a terminal; without one use `crabtui ls`, `crabtui events -f` "
            "or `crabtui stats` (all take --json), `crabtui --dump txt` for one picture, and "
            "`crabtui --help` for the rest"
        )
    while True:
        gone = _look(start)
        if isinstance(gone, int):
            return gone
        setting().go_to(gone)
        start = replace(start, address=None, lines=())


def _is_in_page() -> bool:
    """Whether what it draws goes to a browser: `crabtui web` started it."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def _look(start: Start) -> "int | Context":
    """Show it once: its exit code, or where to look instead."""
    from crabtui.running import Elsewhere, checked, run_console

    context = setting().context
    if context is not None and context.is_protected:
        start = replace(start, read_only=True)
    asked = checked(start)
    remote, first = setting().remote, None
    if remote is None:
        wake()
    else:
        first = first_contact(remote, read_only=start.is_guarded)
    try:
        return run_console(asked, where=setting().where, first=first, context=context)
    except Elsewhere as gone:
        return gone.context


@click.command(cls=Verb)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@console_options()
def jobs(words: tuple[str, ...], **flags: Any) -> int:
    """Open the console on the jobs, or on those that match FILTER."""
    return open_console(start_of(f"jobs {' '.join(words)}".strip(), **flags))


@click.command(cls=Verb)
@click.argument("address", metavar="VIEW[?QUERY]", required=False)
@console_options()
def ui(address: str | None, **flags: Any) -> int:
    """Open the console on a view: `jobs?state=running&queue=gpu`."""
    return open_console(start_of(address, **flags))
