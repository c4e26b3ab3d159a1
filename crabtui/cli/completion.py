"""`crabtui completion`: what a shell needs to complete our words."""

import os

import click

from crabtui.cli.output import say_styled
from crabtui.cli.setting import Setting
from crabtui.cli.verb import Verb
from engine.control.messages import ListWorkers, Suggest
from engine.errors import EngineError, InvalidSpec

VARIABLE = "_CRABTUI_COMPLETE"
"""Set by the script when the shell asks which words could follow."""


@click.command(cls=Verb)
@click.argument("shell", metavar="bash|zsh|fish")
def completion(shell: str) -> int:
    """Print the completion script of a shell: `eval "$(crabtui completion bash)"`."""
    from click.shell_completion import get_completion_class

    from crabtui.cli.root import root

    kind = get_completion_class(shell)
    if kind is None:
        raise InvalidSpec(f"no completion for {shell!r}: bash, zsh or fish", field="shell")
    script = kind(root, {}, "crabtui", VARIABLE)
    say_styled(script.source_template % script.source_vars())
    return 0


def complete_workers(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[str]:
    """Names of workers that begin so; none if no daemon runs, for none is started for it."""
    from crabtui.cli.entry import enter

    context.ensure_object(Setting)
    try:
        with context.scope(cleanup=False), enter(start=False) as client:
            workers = client.call(ListWorkers()).workers
    except (EngineError, OSError):
        return []
    return [worker.name for worker in workers if worker.name.startswith(begun)]


def complete_filter(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[str]:
    """Fields of a filter, then values of the field with what begins so."""
    from crabtui.cli.entry import enter
    from crabtui.data.suggest import field_typed, suggest

    context.ensure_object(Setting)
    values: dict[str, dict[str, int]] = {}
    if (typed := field_typed(begun, len(begun))) is not None:
        try:
            with context.scope(cleanup=False), enter(start=False) as client:
                found = client.call(Suggest(field=typed.field, begun=typed.begun))
        except (EngineError, OSError):
            return []
        values[typed.field] = {each.value: each.count for each in found.values}
    offers = suggest(begun, len(begun), values)
    return [begun[: offer.start] + offer.text + begun[offer.end :] for offer in offers]


def complete_if_asked() -> None:
    """Answer a shell that asks which words could follow, and end; else do nothing."""
    instruction = os.environ.get(VARIABLE)
    if not instruction:
        return
    from click.shell_completion import shell_complete

    from crabtui.cli.root import root

    raise click.exceptions.Exit(shell_complete(root, {}, "crabtui", VARIABLE, instruction))
