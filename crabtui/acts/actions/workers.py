"""What can be done to workers."""

from typing import Final

from crabtui.acts import workers
from crabtui.acts.action import Action
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

WORKERS = Scope.WORKERS

ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "drain",
        "D",
        "drain",
        "Let a worker take no new jobs (asks first), or take them again.",
        WORKERS,
        why_not=workers.why_not_worker,
        plan=workers.plan_toggle_drain,
        rank=2,
    ),
    _a(
        "reconnect_worker",
        "R",
        "reconnect",
        "Connect with the worker's host anew (asks first); offline: with the daemon.",
        WORKERS,
        why_not=workers.why_not_reconnect,
        rank=3,
    ),
    _a(
        "shell",
        "S",
        "shell",
        "Open a shell on the worker in this terminal; leaving it comes back here.",
        WORKERS,
        why_not=workers.why_not_shell,
        rank=4,
    ),
    _a(
        "quarantine",
        "",
        "quarantine",
        "Keep the worker from all work until somebody releases it (asks why).",
        WORKERS,
        why_not=workers.why_not_quarantine,
    ),
    _a(
        "release_worker",
        "",
        "release",
        "End the worker's quarantine.",
        WORKERS,
        why_not=workers.why_not_release,
        plan=workers.plan_release,
    ),
    _a(
        "reset_breaker",
        "",
        "close breaker",
        "Close the worker's circuit breaker.",
        WORKERS,
        why_not=workers.why_not_reset,
        plan=workers.plan_reset_breaker,
    ),
    _a(
        "probe",
        "",
        "probe",
        "Look at the worker's host now: load, memory, disk, devices.",
        WORKERS,
        why_not=workers.why_not_worker,
        plan=workers.plan_probe,
    ),
    _a(
        "remove_worker",
        "",
        "remove",
        "Take the worker away (its name is typed first); nothing may run there.",
        WORKERS,
        why_not=workers.why_not_remove,
    ),
    _a(
        "declare_dead",
        "",
        "declare dead",
        "Say that a silent host will not come back (its name is typed first).",
        WORKERS,
        why_not=workers.why_not_declare_dead,
    ),
)
