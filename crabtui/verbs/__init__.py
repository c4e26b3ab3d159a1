"""The command bar's verbs: each once, with its words, what completes them, and what it does.

To add verbs: a module with a tuple `VERBS` of `Verb`, and a line here.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from crabtui.data.suggest import Suggestion
from crabtui.verbs import (
    admin,
    going,
    jobs,
    logs,
    looks,
    past,
    queues,
    rights,
    showing,
    views,
    workers,
)
from crabtui.verbs.verb import CarryOut, Command, Verb, offer
from engine.errors import InvalidSpec
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk

VERBS: Final[tuple[Verb, ...]] = (
    *going.VERBS,
    *jobs.VERBS,
    *queues.VERBS,
    *workers.VERBS,
    *rights.VERBS,
    *showing.VERBS,
    *looks.VERBS,
    *logs.VERBS,
    *past.VERBS,
    *views.VERBS,
    *admin.VERBS,
)

BY_NAME: Final = {name: verb for verb in VERBS for name in (verb.name, *verb.aliases)}


def read(line: str) -> tuple[Verb, Command]:
    """The verb that a line names, and the line parted.

    Raises:
        InvalidSpec: no such verb, named with the nearest; or its words are missing.
    """
    name, _, rest = line.strip().partition(" ")
    verb = BY_NAME.get(name)
    if verb is None:
        raise unknown("command", name, [each.name for each in VERBS])
    command = Command(verb.name, rest.strip())
    if len(command.words) < verb.wants:
        raise InvalidSpec(f"use it so: {verb.line}")
    return verb, command


def prepare(app: "Desk", line: str) -> CarryOut:
    """What carries out one line of the command bar. Raises InvalidSpec: it means nothing."""
    verb, command = read(line)
    return verb.prepare(app, command)


def complete(app: "Desk", line: str) -> Sequence[Suggestion]:
    """What may stand next in `line`, the likeliest first; a verb comes with its use."""
    name, space, rest = line.partition(" ")
    if not space:
        return [
            Suggestion(each.text + " " * bool(BY_NAME[each.text].use), *_span(each), each.hint)
            for each in offer([(verb.name, verb.line) for verb in VERBS], line)
        ]
    verb = BY_NAME.get(name)
    if verb is None:
        return ()
    before = len(line) - len(rest)
    return [
        replace(each, start=each.start + before, end=each.end + before)
        for each in verb.complete(app, rest)
    ]


def _span(each: Suggestion) -> tuple[int, int]:
    return each.start, each.end
