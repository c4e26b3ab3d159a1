"""What tables do: opening, marking, narrowing, sorting."""

from typing import Final

from crabtui.acts.action import Action, no_job, only_looks
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

GROUPS = Scope.GROUPS
JOBS = Scope.JOBS
QUEUES = Scope.QUEUES
STUCK = Scope.STUCK
FLOWS = Scope.FLOWS
FLOW = Scope.FLOW
WORKERS = Scope.WORKERS
LISTED = (JOBS, GROUPS)
SORTED = (JOBS, WORKERS)

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "open",
        "enter",
        "open",
        "Open the row under the cursor.",
        JOBS,
        GROUPS,
        QUEUES,
        STUCK,
        WORKERS,
        FLOWS,
        FLOW,
        rank=1,
        why_not=no_job,
    ),
    _a("mark", "space", "mark", "Mark the row and move down.", JOBS, rank=7, why_not=no_job),
    _a("mark_range", "v", "range", "Mark a range: once at each end.", JOBS, why_not=no_job),
    _a("mark_all", "asterisk", "all", "Mark all that match the filter.", JOBS),
    _a("only_marked", "M", "marked", "Show only marked jobs; again: all.", JOBS),
    _a(
        "unfold",
        "right",
        "unfold",
        "Show what is inside: of an array, of a workflow.",
        JOBS,
        FLOW,
    ),
    _a("fold", "left", "fold", "Fold it away; from inside, go to what it is in.", JOBS, FLOW),
    _a("filter", "slash", "filter", "Filter the table.", JOBS, GROUPS, rank=6),
    _a(
        "drop_chip",
        "backspace",
        "unfilter",
        "Take the last part of the filter away.",
        *LISTED,
        FLOWS,
    ),
    _a("time_range", "t", "range", "Pick how far back the list goes.", *LISTED),
    _a("group", "percent_sign", "group", "Count jobs by a field; again: list them.", *LISTED),
    _a("columns", "C", "columns", "Choose columns, their order and width.", JOBS),
    _a("wide", "W", "wide", "Show as many columns as have room.", JOBS),
    _a(
        "export",
        "E",
        "export",
        "Write all rows that match, or this screen, to a file.",
        why_not=only_looks,
    ),
    _a("problems", "exclamation_mark", "problems", "Show only what went wrong.", *LISTED),
    _a("sort", "s", "sort", "Pick the sort column.", JOBS),
    _a("sort_before", "less_than_sign", "sort ←", "Sort by the column before.", *SORTED),
    _a("sort_after", "greater_than_sign", "sort →", "Sort by the next column.", *SORTED),
    _a("invert", "I", "invert", "Turn the sort order round.", *SORTED),
    _a("follow", "f", "follow", "Keep the cursor on this job, wherever it moves.", JOBS),
    _a("preview", "o", "preview", "Preview: off, right, below.", JOBS),
)
