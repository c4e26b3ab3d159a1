"""The line's first words: options of the whole program, then a verb or the console."""

import click

from crabtui.cli.setting import Setting, setting
from crabtui.cli.verb import LazyGroup
from engine.control.messages import VERSION


@click.group(cls=LazyGroup, name="crabtui", invoke_without_command=True)
@click.option("--daemon", "as_daemon", is_flag=True, help="Be the daemon, in the foreground.")
@click.option("--detach", is_flag=True, help="With --daemon: in the background.")
@click.option(
    "--set",
    "flags",
    multiple=True,
    metavar="KEY=VALUE",
    help="With --daemon: a setting, over files and environment.",
)
@click.option("--read-only", is_flag=True, help="Console: look, never act.")
@click.option("--theme", metavar="NAME", help="Console: its colours.")
@click.option("--ascii", "in_ascii", is_flag=True, help="Console: draw with ASCII only.")
@click.version_option(VERSION, "-V", "--version", message="crabtui %(version)s")
@click.pass_context
def root(
    context: click.Context,
    as_daemon: bool,
    detach: bool,
    flags: tuple[str, ...],
    read_only: bool,
    theme: str | None,
    in_ascii: bool,
) -> int:
    """Submit jobs, watch them, steer them; whatever dies, nothing is lost.

    Without a command the console opens. The daemon starts by itself when none runs.
    """
    context.ensure_object(Setting)
    if as_daemon:
        setting().must_be_here("--daemon")
        from crabtui.cli.daemon import run_daemon

        return run_daemon(setting().state, detach=detach, flags=flags)
    if context.invoked_subcommand is not None:
        return 0
    from crabtui.cli.console import open_console

    return open_console(None, read_only=read_only, theme=theme, in_ascii=in_ascii)
