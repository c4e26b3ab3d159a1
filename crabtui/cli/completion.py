"""`crabtui completion`: what a shell needs to complete our words."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from crabtui.cli.frame.setting import Setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say_styled
from engine.control.messages import ListWorkers, Suggest
from engine.errors import EngineError, InvalidSpec

if TYPE_CHECKING:
    from crabtui.data.suggest import Typed

SIGNS: Final = ":="
"""Where bash ends a word."""

VARIABLE = "_CRABTUI_COMPLETE"
"""Set by the script when the shell asks which words could follow."""


@click.command(cls=Verb)
@click.argument("shell", metavar="bash|zsh|fish")
def completion(shell: str) -> int:
    """Print the completion script of a shell: `eval "$(crabtui completion bash)"`."""
    from click.shell_completion import get_completion_class

    from crabtui.cli.frame.root import root

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
    from crabtui.cli.reaching.entry import enter

    context.ensure_object(Setting)
    try:
        with context.scope(cleanup=False), enter(start=False) as client:
            workers = client.call(ListWorkers()).workers
    except (EngineError, OSError):
        return []
    return [worker.name for worker in workers if worker.name.startswith(begun)]


def complete_filter(
    context: click.Context, parameter: click.Parameter, begun: str
) -> list[str]:
    """Fields of a filter, then values of the field with what begins so."""
    from crabtui.data.suggest import field_typed, suggest

    before = _word_before(context.params.get(parameter.name or "") or (), begun)
    text = before + begun.lstrip(SIGNS) if before else begun
    typed = field_typed(text, len(text))
    values = {} if typed is None else {typed.field: _values(context, typed)}
    offers = suggest(text, len(text), values)
    return [text[len(before) : each.start] + each.text for each in offers]


def _word_before(words: Sequence[str], begun: str) -> str:
    """What bash took off the word that is typed: it ends words at `:` and `=`."""
    if begun in SIGNS and begun and words:
        return words[-1] + begun
    if len(words) > 1 and words[-1] and words[-1] in SIGNS:
        return words[-2] + words[-1]
    return ""


def _values(context: click.Context, typed: "Typed") -> dict[str, int]:
    """Values with how many jobs have them; none if no daemon runs."""
    from crabtui.cli.reaching.entry import enter

    context.ensure_object(Setting)
    try:
        with context.scope(cleanup=False), enter(start=False) as client:
            found = client.call(Suggest(field=typed.field, begun=typed.begun))
    except (EngineError, OSError):
        return {}
    return {each.value: each.count for each in found.values}


def complete_if_asked() -> None:
    """Answer a shell that asks which words could follow, and end; else do nothing."""
    instruction = os.environ.get(VARIABLE)
    if not instruction:
        return
    from click.shell_completion import shell_complete

    from crabtui.cli.frame.root import root

    raise click.exceptions.Exit(shell_complete(root, {}, "crabtui", VARIABLE, instruction))
