"""`crabtui ls --by FIELD`: how many of the jobs that match have each value."""

from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.printing.output import say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.entry import enter
from crabtui.data.table.group_lines import states_text, value_text
from crabtui.data.wording import count
from engine.control.messages import GroupJobs


def say_groups(by: str, where: str, most: int, *, fold: bool) -> int:
    """Print the commonest values, with what lists their jobs."""
    with enter() as client:
        view = client.call(GroupJobs(by=by, where=where, fold=fold, count=min(most, 500)))
    if setting().as_json:
        say_json(view)
        return 0
    if not view.groups:
        complain(f"no job matches {where}" if where else "no jobs yet")
        return 0
    headings = ("JOBS", view.by.upper(), "STATES", "FILTER")
    rows = [
        (f"{group.count:,}", value_text(group.value), states_text(group.by_state), group.where)
        for group in view.groups
    ]
    say_lines(table(headings, rows, right=frozenset({"JOBS"})))
    if view.others:
        complain(f"{view.others:,} more values; -n shows more")
    if not view.is_exact:
        complain(f"only {count(view.jobs, exact=False)} jobs were counted")
    return 0
