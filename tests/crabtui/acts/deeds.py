"""What each action of the registry does, seen from the keyboard: one row for each."""

from dataclasses import dataclass
from typing import Final

from engine.control import messages as m


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An action that is taken by its first key, or from the menu if it has none."""

    action: str
    at: str
    """The address where it is taken."""
    before: tuple[str, ...] = ()
    """Keys that lead there; after `=` text that is typed, after `?` words to wait for."""
    then: tuple[str, ...] = ()
    """The same, after the action's own key."""
    reads: tuple[str, ...] = ()
    """What is on the screen in the end."""
    gone: str = ""
    """What was there before, and is not in the end."""
    sends: type | None = None
    """The kind of the request that changes something."""


def _deed(action: str, at: str, *reads: str, **more: object) -> Deed:
    return Deed(action=action, at=at, reads=reads, **more)  # type: ignore[arg-type]


JOBS, QUEUED, LOG, EVENTS, GPU = "jobs", "jobs?state=queued", "logs/1", "events", "queues/gpu"
SEARCHED = ("slash", "=step 39", "enter", "?11 found")
RUN = "flows/24"
CRONS = ("tab", "tab", "tab", "?4 schedules")
BACK = ("shift+left", "?◄ AT")

_ON_JOBS: Final = (
    _deed("show_log", JOBS, "[Log]", "stdout"),
    _deed("show_why", QUEUED, "[Why]", "queue gpu runs 2 of 2"),
    _deed("cancel", JOBS, "told to stop", then=("?Cancel #2", "y"), sends=m.Cancel),
    _deed("kill", JOBS, "#2 killed", then=("?Kill #2", "y"), sends=m.Cancel),
    _deed("retry", "jobs?state=failed", "0 of 16 jobs match", sends=m.Retry),
    _deed("raise_priority", QUEUED, "#5 is now high   u undoes", sends=m.SetPriority),
    _deed("lower_priority", QUEUED, "#5 is now low   u undoes", sends=m.SetPriority),
    _deed("pick_priority", QUEUED, "#5 is now", then=("enter",), sends=m.SetPriority),
    _deed("hold", QUEUED, "#5 held   u undoes", sends=m.Hold),
    _deed("pause_job", JOBS, "paused 0s", sends=m.Pause),
    _deed("send", JOBS, then=("=hi", "enter"), sends=m.Feed),
    _deed("session", JOBS, "on another machine than its daemon"),
    _deed("show_events", JOBS, "[Events]", "submitted"),
    _deed("show_detail", JOBS, "[Timeline]", "jobs › #2"),
    _deed("edit", QUEUED, "edited", then=("=name=other", "enter", "??", "y"), sends=m.Edit),
    _deed("clone", JOBS, "1-17 of 17", then=("?Clone", "enter"), sends=m.Clone),
    _deed("watch", JOBS, "you are told when #2 has ended"),
    _deed("new_job", JOBS, "new job", "make -j8, or a line for the shell"),
    _deed("what_if", "jobs/5", "254 as before", before=("w", "?what if")),
    _deed("open_attempt", "jobs/1", "[Log]", before=("tab", "tab", "?9ac1f00d")),
    _deed("open_kin", "jobs/10", "jobs › #1 ", before=("tab", "tab", "tab", "?[Graph]")),
    _deed(
        "open_artifact",
        "jobs/1?pane=artifacts",
        "report.xml of #1",
        "12 passed",
        before=("?cov.json",),
    ),
    _deed("show_raw", "jobs/1", "#1 as JSON", '"parent_id"'),
    _deed("next_pane", "jobs/1", "[Log]"),
    _deed("previous_pane", "jobs/1", "[Context]"),
)

_ON_PLACES: Final = (
    _deed("pause", GPU, "gpu paused   u undoes", then=("=why", "enter"), sends=m.SetQueue),
    _deed("pick_limit", GPU, "gpu limited to 9 ", then=("=9", "enter"), sends=m.SetQueue),
    _deed("raise_limit", GPU, "gpu limited to 3   u undoes", sends=m.SetQueue),
    _deed("lower_limit", GPU, "gpu limited to 1   u undoes", sends=m.SetQueue),
    _deed("set_weight", GPU, "gpu weight 5 ", then=("=5", "enter"), sends=m.SetQueue),
    _deed("reset_queue", GPU, "gpu", then=("y",), sends=m.SetQueue),
    _deed("drain", "workers/gpu-01", "gpu-01 drains", then=("?Drain", "y"), sends=m.SetWorker),
    _deed(
        "reconnect_worker",
        "workers/gpu-07",
        "gpu-07 reconnects",
        then=("y",),
        sends=m.ActOnWorker,
    ),
    _deed("shell", "workers/gpu-01", "on another machine than its daemon"),
    _deed(
        "quarantine",
        "workers/gpu-01",
        "gpu-01",
        then=("?Quarantine", "=hot", "enter"),
        sends=m.ActOnWorker,
    ),
    _deed("release_worker", "workers/cpu-04", "cpu-04", then=("y",), sends=m.ActOnWorker),
    _deed("reset_breaker", "workers/cpu-05", "cpu-05", then=("y",), sends=m.ActOnWorker),
    _deed("probe", "workers/gpu-01", "gpu-01", sends=m.ActOnWorker),
    _deed(
        "remove_worker",
        "workers/gpu-01",
        then=("?emove", "=gpu-01", "enter"),
        sends=m.ActOnWorker,
    ),
    _deed(
        "declare_dead",
        "workers/gpu-07",
        then=("?dead", "=gpu-07", "enter"),
        sends=m.ActOnWorker,
    ),
    _deed("show_group", "stuck", "[3 Jobs]", "⟨queue:gpu⟩ ⟨state:queued⟩ ⟨prio:normal⟩"),
    _deed("open_here", "pulse", "[4 Workers]"),
    _deed("acknowledge", "pulse", "known to ana", "u undoes", sends=m.Acknowledge),
    _deed("pick_range", "pulse", "How far back?"),
    _deed("admin_open", "admin", "theme", "crab-light", before=("tab",) * 6, then=("enter",)),
    _deed("pause_cron", "admin", "backup paused", before=CRONS, sends=m.ActOnCron),
    _deed(
        "run_cron",
        "admin",
        "backup run now",
        before=CRONS,
        then=("?Run cron backup now?", "y"),
        sends=m.ActOnCron,
    ),
)

_ON_FLOWS: Final = (
    _deed("pause_flow", "flows", "#24 paused   u undoes", then=("=why", "enter"), sends=m.Hold),
    _deed("pick_flow", "flows", "⟨nightly⟩", "1 run", then=("j", "j", "j", "enter")),
    _deed("critical_path", RUN, "only the critical path", gone="train a"),
    _deed("flow_near", RUN, "2 times as near"),
    _deed("flow_far", RUN, "1 times as near", before=("plus", "?2 times")),
    _deed("flow_back", RUN, "all of it is in sight"),
    _deed("flow_on", RUN, "all of it is in sight"),
    _deed("flow_all", RUN, "22:35", before=("plus", "plus", "?4 times")),
    _deed(
        "show_run",
        RUN,
        "flows › #24 sweep",
        before=("?train b", "enter", "?jobs › #24 ", "?attempt"),
    ),
    _deed("flow_jobs", RUN, "[3 Jobs]", "⟨flow:24⟩"),
)

_ON_TABLES: Final = (
    _deed("open", JOBS, "jobs › #2"),
    _deed("mark", JOBS, "1 marked"),
    _deed("mark_range", JOBS, "3 marked", before=("v", "j", "j")),
    _deed("mark_all", JOBS, "all marked"),
    _deed("only_marked", JOBS, "⟨2 marked⟩", "1-2 of 2", before=("space", "space")),
    _deed("unfold", JOBS, "only arrays unfold"),
    _deed("fold", JOBS, "no array is unfolded here"),
    _deed("filter", JOBS, "⟨state:failed⟩", "1-1 of 1", then=("=state:failed", "enter")),
    _deed("drop_chip", "jobs?state=failed", "1-16 of 16", gone="⟨state:failed⟩"),
    _deed("time_range", JOBS, "⟨since:5m⟩", then=("enter",)),
    _deed("group", JOBS, "⟨% queue⟩", "2 values", then=("enter",)),
    _deed("columns", JOBS, "columns", "● ID"),
    _deed("wide", JOBS, "TENANT", "wide;"),
    _deed("export", JOBS, "export as", "all rows that match"),
    _deed("problems", JOBS, "⟨! state:failed,timeout,retrying⟩", "1-3 of 3"),
    _deed("sort", JOBS, "sort by", "what needs a look first"),
    _deed("sort_before", JOBS, "sort ended▲"),
    _deed("sort_after", JOBS, "sort id▲"),
    _deed("invert", JOBS, "sort activity▼"),
    _deed("follow", JOBS, "following #2; f ends it"),
    _deed("preview", JOBS, "started  22:08:40"),
)

_ON_LOGS: Final = (
    _deed("search", LOG, "11 found", then=("=step 39", "enter")),
    _deed("next_match", LOG, "2/11 found", before=SEARCHED),
    _deed("previous_match", LOG, "11/11 found", before=SEARCHED),
    _deed("sift", LOG, "matches only (&)", gone="step 38 ", before=SEARCHED),
    _deed("sift_around", LOG, "matches only ±3 (&)", "step 38 ", before=SEARCHED),
    _deed("follow_log", LOG, "follow off (f)"),
    _deed("wrap", LOG, "wrap (W)"),
    _deed("stamp", LOG, "         step 399"),
    _deed("other_stream", LOG, "stderr", "a warning"),
    _deed("older_attempt", LOG, "attempt 1"),
    _deed("newer_attempt", LOG, "attempt 1"),
    _deed("open_line", LOG, "─ line "),
    _deed("copy_line", LOG, "sent to terminal: step"),
    _deed("set_mark", LOG, "marked; ' comes back here"),
    _deed("go_to_mark", LOG, "line 361", before=("m", "g", "?step 0 ")),
    _deed("full_log", "jobs/1", "jobs › #1 › logs"),
    _deed("save_log", LOG, "Save this log", "job-1.out"),
    _deed("page_log", LOG, "this terminal cannot be lent to a pager"),
    _deed(
        "open_found", JOBS, "jobs › #1 › logs", before=("colon", "=grep step", "enter", "?#1 ")
    ),
)

_ON_EVENTS: Final = (
    _deed("event_open", EVENTS, "[3 Jobs]", "#209"),
    _deed("scrub_back", EVENTS, "◄ AT 22:12:59Z (-20s)"),
    _deed("scrub_on", EVENTS, "◄ AT 22:08:59Z", before=BACK),
    _deed("scrub_far_back", EVENTS, "◄ AT 22:08:29Z"),
    _deed("scrub_far_on", EVENTS, "◄ AT 22:08:29Z", before=(*BACK, "shift+left", "?22:03:29Z")),
    _deed("go_live", EVENTS, "LIVE", "live again", gone="◄ AT", before=BACK),
    _deed("zoom_near", EVENTS, "bucket 10s"),
    _deed("zoom_far", EVENTS, "bucket 1m"),
    _deed("next_problem", EVENTS, "▌ 22:11:20.000 ✗"),
    _deed("previous_problem", EVENTS, "◄ AT 22:11:20Z", before=("n", "n", "?◄ AT 21:58:21Z")),
    _deed("filter_events", EVENTS, "⟨level:err⟩", then=("=level:err", "enter")),
    _deed("only_problems", EVENTS, "⟨! level>=warn⟩"),
    _deed("events_of", GPU, "[5 Events]", "⟨queue:gpu⟩"),
    _deed("event_range", EVENTS, "bucket 10s", then=("enter",)),
    _deed("event_clock", EVENTS, "ago ✗ #208"),
    _deed("copy_event", EVENTS, "sent to terminal: 209"),
    _deed("mark_event", EVENTS, "▌*22:12:45.000"),
    _deed("to_mark", EVENTS, "▌*22:12:45.000", before=("m", "j", "j")),
    _deed("export_events", EVENTS, "xport"),
)

_EVERYWHERE: Final = (
    *(
        _deed(f"view_{view}", "stuck" if view == "jobs" else JOBS, f"{view.title()}]")
        for view in ("pulse", "queues", "jobs", "workers", "events", "flows", "stuck", "admin")
    ),
    _deed("undo", QUEUED, "undone: #5 held", before=("H", "?u undoes"), sends=m.Release),
    _deed(
        "cancel_now", QUEUED, "#6 canceled now", before=("j", "x", "?u undoes"), sends=m.Cancel
    ),
    _deed("menu", JOBS, "x   cancel", "TERM, then KILL"),
    _deed("command", JOBS, ":", "the pulse: how it goes"),
    _deed("palette", JOBS, "Show the job's log."),
    _deed("help", JOBS, "type to search"),
    _deed("freeze", JOBS, "FROZEN at", "Z resumes"),
    _deed("refresh", JOBS, "refreshed"),
    _deed("reconnect", JOBS, "the connection is live"),
    _deed("utc", JOBS, "times in UTC"),
    _deed("copy_id", JOBS, "sent to terminal: 2"),
    _deed("copy_address", QUEUED, "sent to terminal: jobs?state=queued"),
    _deed("back", JOBS, "[3 Jobs]", before=("2", "?[2 Queues]")),
    _deed("forward", JOBS, "[2 Queues]", before=("2", "?[2 Q", "[", "?[3 Jobs]")),
    _deed("focus_next", "pulse", "P pause"),
    _deed("focus_previous", "pulse", "P pause"),
    _deed("zoom", "pulse", "z shows the other panes again", gone="done/s"),
    _deed("escape", JOBS, "1-16 of 16", gone="1 marked", before=("space", "?1 marked")),
    _deed("leave", "jobs/1", "1-16 of 16"),
    _deed("interrupt", JOBS, "ctrl+c once more quits"),
    _deed("settings", JOBS, "settings of this console", "theme"),
    _deed("contexts", JOBS, "look at"),
    _deed("audit", JOBS, "[Audit]", "bob (console)"),
    _deed("halt", JOBS, "no act goes on"),
)

DEEDS: Final = (
    *_ON_JOBS,
    *_ON_FLOWS,
    *_ON_PLACES,
    *_ON_TABLES,
    *_ON_LOGS,
    *_ON_EVENTS,
    *_EVERYWHERE,
)
