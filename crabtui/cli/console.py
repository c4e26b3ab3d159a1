"""`crabtui`, `crabtui jobs`, `crabtui ui VIEW[?QUERY]`: the console."""

import click

from crabtui.cli.entry import first_contact, wake
from crabtui.cli.setting import at_terminal, setting
from crabtui.cli.verb import Verb
from engine.errors import InvalidSpec


def open_console(
    address: str | None,
    *,
    read_only: bool = False,
    theme: str | None = None,
    in_ascii: bool = False,
) -> int:
    """Show the console until it is left, on a daemon that is started if none runs.

    Returns: its exit code.

    Raises:
        InvalidSpec: there is no terminal to show it on.
        NoDaemon: none runs, and none could be started.
    """
    if not at_terminal():
        raise InvalidSpec(
            "the console needs a terminal; without one use `crabtui ls`, `crabtui events -f` "
            "or `crabtui stats` (all take --json), and `crabtui --help` for the rest"
        )
    remote, first = setting().remote, None
    if remote is None:
        wake()
    else:
        first = first_contact(remote, read_only=read_only)
    from crabtui.app import run_console

    return run_console(
        where=setting().where,
        first=first,
        read_only=read_only,
        ascii=in_ascii,
        theme=theme,
        address=address,
    )


_LOOK = (
    click.option("--read-only", is_flag=True, help="Look, never act."),
    click.option("--theme", metavar="NAME", help="Its colours."),
    click.option("--ascii", "in_ascii", is_flag=True, help="Draw with ASCII only."),
)


@click.command(cls=Verb)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@_LOOK[0]
@_LOOK[1]
@_LOOK[2]
def jobs(words: tuple[str, ...], read_only: bool, theme: str | None, in_ascii: bool) -> int:
    """Open the console on the jobs, or on those that match FILTER."""
    address = f"jobs {' '.join(words)}".strip()
    return open_console(address, read_only=read_only, theme=theme, in_ascii=in_ascii)


@click.command(cls=Verb)
@click.argument("address", metavar="VIEW[?QUERY]", required=False)
@_LOOK[0]
@_LOOK[1]
@_LOOK[2]
def ui(address: str | None, read_only: bool, theme: str | None, in_ascii: bool) -> int:
    """Open the console on a view: `jobs?state=running&queue=gpu`."""
    return open_console(address, read_only=read_only, theme=theme, in_ascii=in_ascii)
