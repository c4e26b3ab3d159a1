"""The verb that changes how the console looks and behaves: `:set`."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.data.suggest import Suggestion
from crabtui.options import BY_NAME, OPTIONS
from crabtui.verbs.verb import CarryOut, Command, Verb, offer
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _set(app: "Desk", command: Command) -> CarryOut:
    name, value = command.words[:2]
    option = BY_NAME.get(name)
    if option is None:
        raise unknown("setting", name, BY_NAME)
    option.check(value)
    return partial(option.change, app, value)


def _complete(app: "Desk", rest: str) -> Sequence[Suggestion]:
    name, space, _ = rest.partition(" ")
    if not space:
        told = [(f"{each.name} ", f"{each.help}; now {each.now(app)}") for each in OPTIONS]
        return offer(told, rest)
    option = BY_NAME.get(name)
    return offer([(value, "") for value in option.values], rest, place=1) if option else ()


VERBS: Final = (
    Verb(
        name="set",
        use="NAME VALUE",
        help=f"change {', '.join(option.name for option in OPTIONS)}",
        prepare=_set,
        complete=_complete,
        wants=2,
    ),
)
