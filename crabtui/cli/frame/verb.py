"""Commands as this program has them: common options, and help that ends at 96 columns."""

import importlib
from typing import Any

import click

from crabtui.cli.frame.setting import common_options
from crabtui.cli.frame.verbs import HIDDEN, module_of, verbs
from engine.model.words import unknown

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 96}


class Verb(click.Command):
    """A command with `--state` and `--json`. Its callback returns the exit code.

    A common option whose name it has itself stands before the verb: `--context` of a place.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("context_settings", SETTINGS)
        super().__init__(*args, **options)
        own = {word for param in self.params for word in param.opts}
        self.params.extend(one for one in common_options() if own.isdisjoint(one.opts))


class CommandVerb(Verb):
    """A verb whose words are somebody else's command: after the first, none is our option."""

    allow_interspersed_args = False


class VerbGroup(click.Group):
    """A verb with verbs of its own, such as `queues pause`."""

    command_class = Verb

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("context_settings", SETTINGS)
        super().__init__(*args, **options)
        self.params.extend(common_options())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            raise unknown("command", name, self.list_commands(ctx))
        return super().resolve_command(ctx, args)


class LazyGroup(VerbGroup):
    """The verbs of the table; a verb's module is imported when the verb is used.

    A first word with a `?` is an address of the console.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(verbs())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in verbs() and cmd_name not in HIDDEN:
            return None
        command = getattr(importlib.import_module(module_of(cmd_name)), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if "?" in args[0] and not args[0].startswith("-"):
            args = ["ui", *args]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(verbs().items()))
