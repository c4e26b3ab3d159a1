"""What the words before and after a verb have in common: where, and how it is printed."""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.control import place
from engine.control.remote import PROGRAM_VARIABLE, Remote, read_remote
from engine.errors import InvalidSpec

if TYPE_CHECKING:
    from engine.config import Context


@dataclass
class Setting:
    """Options that all verbs share; filled in while the line is read."""

    given_state: str | None = None
    as_json: bool = False
    given_host: str | None = None
    given_program: str | None = None
    given_context: str | None = None
    _context: "Context | None" = None

    @property
    def context(self) -> "Context | None":
        """The context that was named; None: none was.

        Raises:
            InvalidSpec: the configuration has none of this name, or a place was given too.
        """
        if self.given_context is None or self._context is not None:
            return self._context
        if self.given_host is not None or self.given_state is not None:
            other = "--host" if self.given_host is not None else "--state"
            raise InvalidSpec(
                f"--context says where, and so does {other}: give one of them", field="context"
            )
        from engine.config import read_client_config  # most commands need none

        self._context = read_client_config().context(self.given_context)
        return self._context

    def go_to(self, context: "Context") -> None:
        """Be about this place from now on."""
        self.given_context, self._context = context.name, context
        self.given_state = self.given_host = None

    @property
    def state(self) -> Path:
        """The state directory that this command is about.

        Raises:
            InvalidSpec: it is about another machine's daemon.
        """
        self.must_be_here()
        return place.state_dir(self.context.state if self.context else self.given_state)

    @property
    def remote(self) -> Remote | None:
        """The other machine that this command is about; None: it is about this one.

        Raises:
            InvalidSpec: what was given names no machine.
        """
        host = self.context.host if self.context else self.given_host
        if host is None:
            return None
        program = self.given_program or os.environ.get(PROGRAM_VARIABLE)
        return read_remote(host, program=program, state=self.given_state)

    @property
    def where(self) -> Path | Remote:
        """Whose daemon is asked: that of a state directory, or of another machine."""
        return self.remote or self.state

    def must_be_here(self, what: str | None = None) -> None:
        """Refuse what is about this machine itself when another one was named.

        Raises:
            InvalidSpec: it was; says how to do it there.
        """
        if (remote := self.remote) is None:
            return
        verb = what or _verb()
        there = shlex.join([*remote.program, *verb.split()])
        port = f"-p {remote.port} " if remote.port else ""
        raise InvalidSpec(
            f"{verb} is about the machine that it runs on, so --host does not go with it: "
            f"`ssh -t {port}{remote.host} {there}`",
            field="host",
        )


def setting() -> Setting:
    """The setting of the command that is running."""
    found = click.get_current_context().find_object(Setting)
    assert found is not None
    return found


def _verb() -> str:
    """The verb that is running, with those that it is one of: `session list`."""
    context: click.Context | None = click.get_current_context()
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name or "")
        context = context.parent
    return " ".join(names)


def _set_state(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Setting).given_state = value


def _set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Setting).as_json = True


def _set_host(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Setting).given_host = value


def _set_context(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Setting).given_context = value


def _set_program(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Setting).given_program = value


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def common_options() -> list[click.Parameter]:
    """Fresh options of every verb that write into the `Setting`."""
    return [
        click.Option(
            ["--state"],
            metavar="DIR",
            expose_value=False,
            callback=_set_state,
            help="State directory.  [env: CRABTUI_STATE]",
        ),
        click.Option(
            ["--host"],
            metavar="USER@MACHINE",
            expose_value=False,
            callback=_set_host,
            help="Ask the daemon of another machine, over ssh.",
        ),
        click.Option(
            ["--context"],
            metavar="NAME",
            expose_value=False,
            callback=_set_context,
            help="A place that the configuration names.",
        ),
        click.Option(
            ["--remote-command"],
            metavar="WORDS",
            expose_value=False,
            callback=_set_program,
            help="With --host: crabtui there.  [env: CRABTUI_REMOTE]",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print JSON; errors too.",
        ),
    ]
