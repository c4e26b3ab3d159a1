"""The line's first words: options of the whole program, then a verb or the console."""

from collections.abc import Mapping
from typing import Any, Final

import click
from click.core import ParameterSource

from crabtui.cli.frame.setting import Setting, setting
from crabtui.cli.frame.verb import LazyGroup
from crabtui.cli.options.console import console_options, start_of
from engine.control.messages import VERSION
from engine.errors import InvalidSpec

CONSOLES: Final = frozenset({"ui", "jobs"})
"""The verbs that open a console, and so have its flags."""


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
@console_options(about="Console: ")
@click.version_option(VERSION, "-V", "--version", message="crabtui %(version)s")
@click.pass_context
def root(
    context: click.Context,
    /,
    as_daemon: bool,
    detach: bool,
    flags: tuple[str, ...],
    **console: Any,
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
        _pass_on(context, context.invoked_subcommand, console)
        return 0
    from crabtui.cli.console import open_console

    return open_console(start_of(**console))


def _pass_on(context: click.Context, verb: str, console: Mapping[str, Any]) -> None:
    """Let flags of the console that stand before a verb that opens it count as behind it.

    Raises:
        InvalidSpec: the verb opens no console; dropping them might let it act.
    """
    given = {
        name: value
        for name, value in console.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if not given:
        return
    if verb not in CONSOLES:
        flags = [p.opts[0] for p in context.command.params if p.name in given]
        raise InvalidSpec(
            f"{', '.join(flags)}: of the console alone, and `{verb}` opens none; "
            "a flag of the verb stands behind it"
        )
    context.default_map = {verb: given}
