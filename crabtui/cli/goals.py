"""`crabtui goals`: who has the lock of each goal, and who suffers from locks."""

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter, now_at
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age
from engine.control.messages import ListGoals
from engine.control.views import GoalsView, GoalView, InversionView

HEADINGS = ("GOAL", "HOLDERS", "SINCE", "WAITING", "FIRST")


@click.command(cls=Verb)
def goals() -> int:
    """List the locks of goals, and urgent jobs that wait for less urgent ones."""
    with enter() as client:
        view = client.call(ListGoals())
        now = now_at(client)
    if setting().as_json:
        say_json(view)
    else:
        _say(view, now)
    return 0


def _say(view: GoalsView, now: int) -> None:
    if view.goals:
        say_lines(table(HEADINGS, [_row(goal, now) for goal in view.goals]))
    else:
        say("no goal is locked: `crabtui submit --goal NAME` keeps others of that goal waiting")
    for one in view.inversions:
        say(_inversion(one, now))


def _row(goal: GoalView, now: int) -> tuple[str, ...]:
    return (
        goal.goal,
        " ".join(f"#{job}" for job in goal.holders),
        age(goal.since_at, now),
        str(goal.waiting),
        "" if goal.first_waiter is None else f"#{goal.first_waiter}",
    )


def _inversion(one: InversionView, now: int) -> str:
    return (
        f"#{one.waiter} ({one.waiter_priority}) has waited {age(one.since_at, now)} for "
        f"#{one.holder} ({one.holder_priority}), which holds {sanitize(one.lock)}"
    )
