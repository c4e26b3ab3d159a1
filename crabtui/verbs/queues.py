"""Verbs that change queues."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from crabtui.acts.queues import plan_limit, plan_pause
from crabtui.commands import parse_limit
from crabtui.data.suggest import Suggestion
from crabtui.verbs.verb import CarryOut, Command, Verb, offer
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk


def queue_names(app: "Desk", rest: str) -> Sequence[Suggestion]:
    """The queues, each with how many of its jobs wait and run."""
    told = [(queue.name, f"{queue.queued:,} queued") for queue in app.queues]
    return offer(told, rest)


def known_queue(app: "Desk", name: str) -> str:
    """The name of a queue that there is: a slip of the finger makes no new one.

    Raises:
        InvalidSpec: there is no such queue.
    """
    names = [queue.name for queue in app.queues]
    if name not in names:
        raise unknown("queue", name, names)
    return name


def _limit(app: "Desk", command: Command) -> CarryOut:
    name, text = command.words[:2]
    limit = parse_limit(text)
    return app.command_bar.change_queue(plan_limit(known_queue(app, name), limit))


def _weight(app: "Desk", command: Command) -> CarryOut:
    name, text = command.words[:2]
    return app.command_bar.change_queue(app.changing.weight_line(name, text))


def _pause(app: "Desk", command: Command) -> CarryOut:
    name, _, why = command.rest.partition(" ")
    pause = command.verb == "pause"
    plan = plan_pause(known_queue(app, name), pause=pause, why=why.strip())
    return app.command_bar.change_queue(plan)


VERBS: Final = (
    Verb(
        name="limit",
        use="QUEUE N",
        help="how many may run at once; `none` lifts it",
        prepare=_limit,
        complete=queue_names,
        wants=2,
    ),
    Verb(
        name="weight",
        use="QUEUE N",
        help="its share of starts against the other queues",
        prepare=_weight,
        complete=queue_names,
        wants=2,
    ),
    Verb(
        name="pause",
        use="QUEUE [REASON]",
        help="nothing new starts from it",
        prepare=_pause,
        complete=queue_names,
        wants=1,
    ),
    Verb(
        name="resume",
        use="QUEUE",
        help="end its pause",
        prepare=_pause,
        complete=queue_names,
        wants=1,
    ),
)
