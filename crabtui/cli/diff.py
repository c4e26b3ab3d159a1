"""`crabtui diff`: what differs between two jobs, or two of their attempts."""

import re
from collections.abc import Iterator
from typing import Final

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.reaching.entry import enter
from crabtui.data.sanitize import sanitize
from engine.control.messages import Diff
from engine.control.views import DiffSide, DiffView, FieldDiff
from engine.errors import InvalidSpec
from engine.model.ids import parse_job_id

_NAME: Final = re.compile(r"#?(\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)
_SIGN: Final = {"added": "A", "removed": "D", "changed": "M", "mode": "m"}
DIFFER: Final = 1


@click.command(cls=Verb)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--names", is_flag=True, help="Of files, their names only.")
def diff(a: str, b: str, names: bool) -> int:
    """Say what differs between two jobs (12 13) or attempts (12.1 12.2).

    Compared are specs, environments, outcomes, and the files of frozen trees.
    Returns 1 if something differs.
    """
    (one, first), (other, second) = _read(a), _read(b)
    with enter() as client:
        view = client.call(Diff(a=one, b=other, a_attempt=first, b_attempt=second))
    if setting().as_json:
        say_json(view)
    else:
        _say(view, names)
    return DIFFER if view.fields or view.files else 0


def _read(word: str) -> tuple[int, int | None]:
    found = _NAME.fullmatch(word)
    if found is None:
        raise InvalidSpec(f"{word!r} is no job like 12, and no attempt like 12.2", field="id")
    return parse_job_id(found[1]), int(found[2]) if found[2] else None


def _say(view: DiffView, names: bool) -> None:
    say(f"a  {_side(view.a)}")
    say(f"b  {_side(view.b)}")
    part = ""
    for one in view.fields:
        if one.part != part:
            part = one.part
            say()
            say(part)
        say_lines(_field(one))
    if view.files:
        say()
        say("files")
        for file in view.files:
            say(f"  {_SIGN.get(file.change, '?')} {file.path}")
            if file.diff and not names:
                say_lines(f"    {sanitize(line)}" for line in file.diff.splitlines())
    if view.note:
        say()
        say(view.note)
    if not (view.fields or view.files or view.note):
        say("nothing differs")


def _side(side: DiffSide) -> str:
    which = side.attempt or f"#{side.id}"
    frozen = f", frozen {side.frozen[:12]}" if side.frozen else ""
    return f"{which} {side.name} ({side.state}{frozen})"


def _field(one: FieldDiff) -> Iterator[str]:
    name = sanitize(one.path)
    if one.a:
        yield f"  - {name}: {sanitize(one.a)}"
    if one.b:
        yield f"  + {name}: {sanitize(one.b)}"
    if not (one.a or one.b):
        yield f"  {name}"
