"""Every action once: its keys, words, scope, and when it is allowed.

Bindings, footer, help, palette, action menu and the README's key table all read `ACTIONS`.
An action without a plan is carried out by the method `do_<id>` of the view, the screen or
the app; one with a plan changes something, and everything about it is in `crabtui.acts`,
`crabtui.change_acts`, `crabtui.place_acts`, `crabtui.process_acts` and `crabtui.worker_acts`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from crabtui import acts, change_acts, place_acts, process_acts, worker_acts
from crabtui.action import Action, no_job
from crabtui.action import an_action as _a
from crabtui.situation import Scope, Situation

GLOBAL, TABLE, JOBS = Scope.GLOBAL, Scope.TABLE, Scope.JOBS
QUEUES, DETAIL, LOG = Scope.QUEUES, Scope.DETAIL, Scope.LOG
STUCK, WHY, WORKERS = Scope.STUCK, Scope.WHY, Scope.WORKERS
SORTED = (JOBS, WORKERS)


ACTIONS: Final[tuple[Action, ...]] = (
    _a(
        "open",
        "enter",
        "open",
        "Open the row under the cursor.",
        JOBS,
        QUEUES,
        STUCK,
        WORKERS,
        rank=1,
        why_not=no_job,
    ),
    _a("show_log", "l", "log", "Show the job's log.", JOBS, DETAIL, rank=2, why_not=no_job),
    _a(
        "show_why",
        "w",
        "why",
        "Show why the job waits, gate by gate; in Stuck: the first job of the group.",
        JOBS,
        DETAIL,
        STUCK,
        rank=3,
        why_not=no_job,
    ),
    _a(
        "cancel",
        "x",
        "cancel",
        "Cancel: what runs gets TERM, then KILL; what waits can be had back for 5 s.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_cancel,
        plan=acts.plan_cancel,
        rank=4,
    ),
    _a(
        "kill",
        "X",
        "kill",
        "Kill what runs at once, without time to clean up.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_kill,
        plan=acts.plan_kill,
    ),
    _a(
        "retry",
        "r",
        "retry",
        "Run failed, timed out, canceled or skipped jobs again: same id, next attempt.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_retry,
        plan=acts.plan_retry,
        rank=5,
    ),
    _a(
        "raise_priority",
        "plus equals_sign",
        "priority up",
        "Raise the priority by one level.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_priority,
        plan=acts.plan_raise(1),
    ),
    _a(
        "lower_priority",
        "minus underscore",
        "priority down",
        "Lower the priority by one level.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_priority,
        plan=acts.plan_raise(-1),
    ),
    _a(
        "pick_priority",
        "p",
        "priority",
        "Pick one of the four priorities.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_priority,
    ),
    _a(
        "hold",
        "H",
        "hold",
        "Hold waiting jobs, or release held ones.",
        JOBS,
        DETAIL,
        why_not=acts.why_not_hold,
        plan=acts.plan_hold,
    ),
    _a(
        "pause_job",
        "K",
        "pause",
        "Keep running jobs still, or let them go on if all are; they keep their place.",
        JOBS,
        DETAIL,
        why_not=process_acts.why_not_pause,
        plan=process_acts.plan_pause,
    ),
    _a(
        "send",
        "i",
        "send",
        "Send a line to the input of a running job that was submitted with --stdin.",
        JOBS,
        DETAIL,
        why_not=process_acts.why_not_send,
    ),
    _a(
        "session",
        "S",
        "session",
        "Open the job's tmux session, or a shell on its worker, in this terminal.",
        JOBS,
        DETAIL,
        why_not=process_acts.why_not_session,
    ),
    _a(
        "show_events",
        "e",
        "events",
        "Show what happened to the job.",
        JOBS,
        DETAIL,
        why_not=no_job,
    ),
    _a("show_detail", "d", "detail", "Show everything about the job.", JOBS, why_not=no_job),
    _a(
        "pause",
        "P",
        "pause",
        "Pause a queue (asks for a reason), or resume it; in Jobs and Stuck: the row's queue.",
        JOBS,
        QUEUES,
        STUCK,
        why_not=place_acts.why_not_queue,
        rank=9,
    ),
    _a(
        "pick_limit",
        "p",
        "limit",
        "Set how many of the queue's jobs may run at once.",
        QUEUES,
        why_not=place_acts.why_not_queue,
        rank=3,
    ),
    _a(
        "raise_limit",
        "plus equals_sign",
        "limit up",
        "Let one more of the queue's jobs run at once.",
        QUEUES,
        why_not=place_acts.why_not_queue,
        rank=4,
    ),
    _a(
        "lower_limit",
        "minus underscore",
        "limit down",
        "Let one less of the queue's jobs run at once.",
        QUEUES,
        why_not=place_acts.why_not_queue,
    ),
    _a(
        "edit",
        "",
        "edit",
        "Edit jobs that have not started (`:edit KEY=VALUE …`).",
        JOBS,
        DETAIL,
        why_not=change_acts.why_not_edit,
    ),
    _a(
        "clone",
        "",
        "clone",
        "Submit a copy of the job (`:clone [KEY=VALUE …]`).",
        JOBS,
        DETAIL,
        why_not=change_acts.why_not_clone,
    ),
    _a(
        "set_weight",
        "",
        "weight",
        "Set the queue's share of starts against the others (`:weight QUEUE N`).",
        QUEUES,
        why_not=place_acts.why_not_queue,
    ),
    _a(
        "reset_queue",
        "",
        "reset",
        "Set limit and weight of the queue back to what the configuration says.",
        QUEUES,
        why_not=place_acts.why_not_queue,
        plan=place_acts.plan_reset,
    ),
    _a(
        "drain",
        "D",
        "drain",
        "Let a worker take no new jobs (asks first), or take them again.",
        WORKERS,
        why_not=worker_acts.why_not_worker,
        plan=worker_acts.plan_toggle_drain,
        rank=2,
    ),
    _a(
        "reconnect_worker",
        "R",
        "reconnect",
        "Connect with the worker's host anew (asks first); offline: with the daemon.",
        WORKERS,
        why_not=worker_acts.why_not_reconnect,
        rank=3,
    ),
    _a(
        "shell",
        "S",
        "shell",
        "Open a shell on the worker in this terminal; leaving it comes back here.",
        WORKERS,
        why_not=worker_acts.why_not_shell,
        rank=4,
    ),
    _a(
        "quarantine",
        "",
        "quarantine",
        "Keep the worker from all work until somebody releases it (asks why).",
        WORKERS,
        why_not=worker_acts.why_not_quarantine,
    ),
    _a(
        "release_worker",
        "",
        "release",
        "End the worker's quarantine.",
        WORKERS,
        why_not=worker_acts.why_not_release,
        plan=worker_acts.plan_release,
    ),
    _a(
        "reset_breaker",
        "",
        "close breaker",
        "Close the worker's circuit breaker.",
        WORKERS,
        why_not=worker_acts.why_not_reset,
        plan=worker_acts.plan_reset_breaker,
    ),
    _a(
        "probe",
        "",
        "probe",
        "Look at the worker's host now: load, memory, disk, devices.",
        WORKERS,
        why_not=worker_acts.why_not_worker,
        plan=worker_acts.plan_probe,
    ),
    _a(
        "remove_worker",
        "",
        "remove",
        "Take the worker away (its name is typed first); nothing may run there.",
        WORKERS,
        why_not=worker_acts.why_not_remove,
    ),
    _a(
        "declare_dead",
        "",
        "declare dead",
        "Say that a silent host will not come back (its name is typed first).",
        WORKERS,
        why_not=worker_acts.why_not_declare_dead,
    ),
    _a("undo", "u", "undo", "Take back the last act, while that is possible."),
    _a("cancel_now", "U", "cancel now", "End the grace of canceled jobs: cancel now."),
    _a("menu", "a", "actions", "All actions for the selection, with their effects.", rank=8),
    _a("mark", "space", "mark", "Mark the row and move down.", JOBS, rank=7, why_not=no_job),
    _a("mark_range", "v", "range", "Mark a range: once at each end.", JOBS, why_not=no_job),
    _a("mark_all", "asterisk", "all", "Mark all that match the filter.", JOBS),
    _a("only_marked", "M", "marked", "Show only marked jobs; again: all.", JOBS),
    _a("show_group", "slash", "jobs", "Show the jobs that wait for this.", STUCK, rank=6),
    _a("unfold", "right", "unfold", "Show the members of the array below it.", JOBS),
    _a("fold", "left", "fold", "Fold the members of the array away.", JOBS),
    _a("filter", "slash", "filter", "Filter the table.", JOBS, rank=6),
    _a("problems", "exclamation_mark", "problems", "Show only what went wrong.", JOBS),
    _a("sort", "s", "sort", "Pick the sort column.", JOBS),
    _a("sort_before", "less_than_sign", "sort ←", "Sort by the column before.", *SORTED),
    _a("sort_after", "greater_than_sign", "sort →", "Sort by the next column.", *SORTED),
    _a("invert", "I", "invert", "Turn the sort order round.", *SORTED),
    _a("follow", "f", "follow", "Keep the cursor on this job, wherever it moves.", JOBS),
    _a("preview", "o", "preview", "Preview: off, right, below.", JOBS),
    _a(
        "what_if",
        "enter",
        "what if",
        "Preview the chosen what-if: who would start earlier or later; then it asks.",
        WHY,
        rank=1,
    ),
    _a("search", "slash", "search", "Search the log.", LOG, rank=2),
    _a("next_match", "n", "next", "Go to the next match.", LOG, rank=3),
    _a("previous_match", "N", "previous", "Go to the match before.", LOG),
    _a("follow_log", "f", "follow", "Follow the log's end as it grows.", LOG, rank=1),
    _a("wrap", "W", "wrap", "Wrap long lines.", LOG, rank=4),
    _a("other_stream", "O", "out/err", "Show stderr instead of stdout, and back.", LOG, rank=5),
    _a("next_pane", "tab", "pane", "Go to the next pane.", DETAIL, rank=1),
    _a("previous_pane", "shift+tab", "pane before", "Go to the pane before.", DETAIL),
    _a("view_queues", "2", "Queues", "Go to the queues."),
    _a("view_jobs", "3", "Jobs", "Go to the jobs."),
    _a("view_workers", "4", "Workers", "Go to the workers."),
    _a("view_stuck", "7", "Stuck", "Go to the jobs that wait, by what stands in their way."),
    _a("command", "colon", "command", "Open the command bar.", rank=9),
    _a("palette", "ctrl+p", "palette", "Search all actions that are possible now."),
    _a("help", "question_mark", "help", "Show all keys.", rank=10),
    _a("freeze", "Z", "freeze", "Freeze what is shown; again: go on."),
    _a("refresh", "ctrl+r", "refresh", "Look at everything again now."),
    _a("reconnect", "R", "reconnect", "Try the connection again now."),
    _a("utc", "T", "utc", "Show times in UTC, or local again."),
    _a("copy_id", "y", "copy", "Send the ids to the terminal's clipboard."),
    _a("copy_address", "Y", "copy address", "Send this view's address to the clipboard."),
    _a("back", "left_square_bracket", "back", "Go back to where you were."),
    _a("escape", "escape", "esc", "Close, unmark, unfilter or go up: one thing a press."),
    _a("leave", "q", "quit", "Go back; at the top, quit. Jobs keep running."),
    _a("quit", "ctrl+q", "quit", "Quit at once. Jobs keep running."),
    _a("interrupt", "ctrl+c", "quit", "Quit, when pressed twice within a second."),
)

BY_ID: Final = {action.id: action for action in ACTIONS}


def works_in(action: Action, scopes: Iterable[Scope]) -> bool:
    """Whether the action exists in any of these scopes."""
    return not action.scopes.isdisjoint(scopes)


def possible(actions: Sequence[Action], now: Situation) -> list[Action]:
    """Those that exist here and are allowed now, in the order given."""
    return [a for a in actions if works_in(a, now.scopes) and a.why_not(now) is None]


def for_footer(now: Situation, most: int = 8) -> list[Action]:
    """The few to teach now: of the nearest scopes first, each key once."""
    near = {scope: place for place, scope in enumerate(now.scopes)}
    ranked = [a for a in possible(ACTIONS, now) if a.rank]
    ranked.sort(key=lambda a: (a.scopes == {GLOBAL}, _nearest(a, near), a.rank))
    first = {action.keys[0]: action for action in reversed(ranked)}
    chosen = [action for action in ranked if first[action.keys[0]] is action]
    always_there = [a for a in chosen if a.id in ("command", "help")]
    others = [a for a in chosen if a not in always_there]
    return others[: most - len(always_there)] + always_there


def _nearest(action: Action, near: dict[Scope, int]) -> int:
    return min(near[scope] for scope in action.scopes if scope in near)
