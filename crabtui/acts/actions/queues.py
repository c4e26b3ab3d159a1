"""What can be done to queues."""

from typing import Final

from crabtui.acts import queues
from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

JOBS = Scope.JOBS
QUEUES = Scope.QUEUES
STUCK = Scope.STUCK

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "pause",
        "P",
        "pause",
        "Pause a queue (asks for a reason), or resume it; in Jobs and Stuck: the row's queue.",
        JOBS,
        QUEUES,
        STUCK,
        why_not=queues.why_not_queue,
        rank=9,
    ),
    _a(
        "pick_limit",
        "p",
        "limit",
        "Set how many of the queue's jobs may run at once.",
        QUEUES,
        why_not=queues.why_not_queue,
        rank=3,
    ),
    _a(
        "raise_limit",
        "plus equals_sign",
        "limit up",
        "Let one more of the queue's jobs run at once.",
        QUEUES,
        why_not=queues.why_not_queue,
        rank=4,
    ),
    _a(
        "lower_limit",
        "minus underscore",
        "limit down",
        "Let one less of the queue's jobs run at once.",
        QUEUES,
        why_not=queues.why_not_queue,
    ),
    _a(
        "set_weight",
        "",
        "weight",
        "Set the queue's share of starts against the others (`:weight QUEUE N`).",
        QUEUES,
        why_not=queues.why_not_queue,
    ),
    _a(
        "reset_queue",
        "",
        "reset",
        "Set limit and weight of the queue back to what the configuration says.",
        QUEUES,
        why_not=queues.why_not_queue,
        plan=queues.plan_reset,
    ),
)
