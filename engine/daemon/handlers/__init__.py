"""One verb, one file: what the daemon does when it is asked."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from engine.control import messages as ask
from engine.daemon.acts.accounts import recorded
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers import (
    artifacts,
    attention,
    audit,
    blobs,
    cache,
    cancel,
    check,
    clone,
    config,
    cron_acts,
    cron_adding,
    crons,
    definition,
    density,
    diff,
    edit,
    events,
    explain,
    feed,
    goals,
    group,
    hello,
    hold,
    hooks,
    jobs,
    list_workflows,
    logs,
    moment,
    pause,
    plan_workflow,
    priority,
    queues,
    reasons,
    report_workflow,
    result,
    retry,
    search_log,
    search_logs,
    set_array,
    show,
    show_workflow,
    stats,
    stop,
    submit,
    submit_array,
    submit_workflow,
    suggest,
    telemetry,
    tenants,
    tools,
    trends,
    usage,
    wait,
    watch,
    whatif,
    worker_acts,
    worker_adding,
    workers,
)
from engine.errors import EngineError, Refused

Answer = Callable[[Desk, Caller, Any], Awaitable[Any]]

ACTS: Mapping[type[Any], Answer] = {
    ask.SetArray: set_array.answer,
    ask.Cancel: cancel.answer,
    ask.Uncancel: cancel.withdraw,
    ask.Hold: hold.answer,
    ask.Release: hold.let_go,
    ask.Pause: pause.answer,
    ask.Resume: pause.go_on,
    ask.Feed: feed.answer,
    ask.SetPriority: priority.answer,
    ask.Retry: retry.answer,
    ask.Edit: edit.answer,
    ask.SetWorker: workers.change,
    ask.AddWorker: worker_adding.add,
    ask.ActOnWorker: worker_acts.act,
    ask.AuthorizeKey: worker_acts.authorize,
    ask.SetQueue: queues.change,
    ask.AddCron: cron_adding.answer,
    ask.ActOnCron: cron_acts.answer,
    ask.Acknowledge: attention.acknowledge,
    ask.ClearCache: cache.clear,
    ask.Reload: config.reload,
    ask.StopAct: audit.stop,
}
"""Acts of operators: each leaves one event that says who did what, and what it changed.

Jobs that come in have events of their own with all that; `apply` does one of these acts.
"""

ANSWERS: Mapping[type[Any], Answer] = {
    **{kind: recorded(answer) for kind, answer in ACTS.items()},
    ask.SayHello: hello.answer,
    ask.Submit: submit.answer,
    ask.SubmitArray: submit_array.answer,
    ask.SubmitBegin: submit.begin,
    ask.SubmitChunk: submit.chunk,
    ask.SubmitCommit: submit.commit,
    ask.SubmitWorkflow: submit_workflow.answer,
    ask.GrowWorkflow: submit_workflow.grow,
    ask.ListJobs: jobs.answer,
    ask.ShowJob: show.answer,
    ask.ShowUsage: usage.answer,
    ask.ListArtifacts: artifacts.answer,
    ask.ReadArtifact: artifacts.read,
    ask.HasBlob: blobs.answer,
    ask.PutBlob: blobs.put,
    ask.ShowCache: cache.answer,
    ask.Diff: diff.answer,
    ask.GroupJobs: group.answer,
    ask.Suggest: suggest.answer,
    ask.Explain: explain.answer,
    ask.ListReasons: reasons.answer,
    ask.WhatIf: whatif.answer,
    ask.Apply: whatif.apply,
    ask.ReadLog: logs.answer,
    ask.Clone: clone.answer,
    ask.ListGoals: goals.answer,
    ask.ListWorkers: workers.answer,
    ask.ListWorkflows: list_workflows.answer,
    ask.ShowWorkflow: show_workflow.answer,
    ask.PlanWorkflow: plan_workflow.answer,
    ask.ReportWorkflow: report_workflow.answer,
    ask.ReadDefinition: definition.answer,
    ask.ListTools: tools.answer,
    ask.ReadResult: result.answer,
    ask.ListQueues: queues.answer,
    ask.ListCrons: crons.answer,
    ask.ShowCron: crons.show,
    ask.ListHooks: hooks.answer,
    ask.ListTenants: tenants.answer,
    ask.ShowConfig: config.answer,
    ask.FindMoment: moment.answer,
    ask.ListEvents: events.answer,
    ask.CountEvents: density.answer,
    ask.GetStats: stats.answer,
    ask.GetTrends: trends.answer,
    ask.ListMatters: attention.answer,
    ask.Wait: wait.answer,
    ask.Check: check.answer,
    ask.ListActs: audit.answer,
    ask.ReadReceipt: audit.receipt,
    ask.Stop: stop.answer,
}
"""The verbs with one answer."""

STREAMS: Mapping[type[Any], Callable[[Desk, Caller, Any], AsyncIterator[Any]]] = {
    ask.FollowLog: logs.follow,
    ask.SearchLog: search_log.stream,
    ask.SearchLogs: search_logs.stream,
    ask.FollowEvents: events.follow,
    ask.FollowTelemetry: telemetry.follow,
    ask.Watch: watch.follow,
    ask.FollowAct: audit.follow,
}
"""The verbs with many."""


SUBMISSIONS = frozenset(
    {"submit", "submit_array", "submit_begin", "submit_workflow", "grow_workflow", "clone"}
)
"""The verbs with which jobs come in."""


def turn_away(desk: Desk, caller: Caller, verb: str | None, refused: EngineError) -> None:
    """A request could not be read: of a submission it is written down that it was refused."""
    may_submit = caller.version and not caller.read_only
    if may_submit and verb in SUBMISSIONS and isinstance(refused, Refused):
        desk.reception.turn_away(refused, caller.user)


async def hang_up(caller: Caller) -> None:
    """A connection has ended: what it began and did not finish leaves no trace."""
    if caller.batch is not None:
        await caller.batch.drop()
    blobs.hang_up(caller)
