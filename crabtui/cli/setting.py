"""What the words before and after a verb have in common: `--state`, `--json`."""

from dataclasses import dataclass
from pathlib import Path

import click

from engine.control import place


@dataclass
class Setting:
    """Options that all verbs share; filled in while the line is read."""

    given_state: str | None = None
    as_json: bool = False

    @property
    def state(self) -> Path:
        """The state directory that this command is about."""
        return place.state_dir(self.given_state)


def setting() -> Setting:
    """The setting of the command that is running."""
    found = click.get_current_context().find_object(Setting)
    assert found is not None
    return found


def _set_state(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Setting).given_state = value


def _set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Setting).as_json = True


def common_options() -> list[click.Parameter]:
    """Fresh `--state` and `--json` options that write into the `Setting`."""
    return [
        click.Option(
            ["--state"],
            metavar="DIR",
            expose_value=False,
            callback=_set_state,
            help="State directory.  [env: CRABTUI_STATE]",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print JSON; errors too.",
        ),
    ]
