"""Verbs that show how it works, and what it looks like: `:demo`, `:shot`."""

from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.verbs.verb import CarryOut, Command, Verb, may_write

if TYPE_CHECKING:
    from crabtui.desk import Desk


def _demo(app: "Desk", _: Command) -> CarryOut:
    return app.visiting.show_demo


def _shot(app: "Desk", command: Command) -> CarryOut:
    may_write(app)
    return partial(app.starting.shoot, app.starting.picture_path(command.rest))


def _new(app: "Desk", _: Command) -> CarryOut:
    return partial(app.start, app.key_map.action("new_job"))


VERBS: Final = (
    Verb(name="new", use="", help="submit a new job: a form", prepare=_new),
    Verb(name="demo", use="", help="see it work, in a place of its own", prepare=_demo),
    Verb(
        name="shot",
        use="[FILE]",
        help="a picture of the screen: FILE.svg, or .txt for its text",
        prepare=_shot,
    ),
)
