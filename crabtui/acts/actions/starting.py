"""Jobs that begin, and being told when they have ended."""

from typing import Final

from crabtui.acts.action import Action, no_job
from crabtui.acts.action import an_action as _a
from crabtui.acts.plan import why_not_act
from crabtui.acts.situation import Scope

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "new_job",
        "n",
        "new job",
        "Submit a new job: a form, and the command line that does the same.",
        Scope.JOBS,
        Scope.QUEUES,
        Scope.STUCK,
        Scope.WORKERS,
        why_not=why_not_act,
    ),
    _a(
        "watch",
        "b",
        "watch",
        "Be told when these jobs have ended: a note, the bell, the terminal's title.",
        Scope.JOBS,
        Scope.DETAIL,
        Scope.FLOWS,
        why_not=no_job,
    ),
)
