"""What clients ask: one tagged request for each verb, typed by its answer.

A request travels as `{"id": N, "ask": {"verb": …, …}}`. The answer is `{"id": N, "ok": …}`
or `{"id": N, "error": {code, message, field, nearest, retry_after_s, details}}`. A
`Stream` request is answered by any number of `{"id": N, "item": …}` before `ok` (an empty
`Done`) or `error`; `{"id": N, "drop": true}` from the client ends it early.
"""

from typing import Union

from engine.control.messages.acting import (
    Apply,
    Cancel,
    Edit,
    Feed,
    Hold,
    Pause,
    Release,
    Resume,
    Retry,
    SetArray,
    SetPriority,
    Uncancel,
    WhatIf,
)
from engine.control.messages.auditing import FollowAct, ListActs, ReadReceipt, StopAct
from engine.control.messages.calling import ListTools, ReadResult
from engine.control.messages.counting import CountEvents
from engine.control.messages.entering import (
    Clone,
    Submit,
    SubmitArray,
    SubmitBegin,
    SubmitChunk,
    SubmitCommit,
)
from engine.control.messages.flows import (
    GrowWorkflow,
    ListWorkflows,
    PlanWorkflow,
    ReadDefinition,
    ReportWorkflow,
    ShowWorkflow,
    SubmitWorkflow,
)
from engine.control.messages.grouping import GroupJobs, Suggest
from engine.control.messages.keeping import (
    ClearCache,
    Diff,
    HasBlob,
    ListArtifacts,
    PutBlob,
    ReadArtifact,
    ShowCache,
)
from engine.control.messages.looking import (
    Explain,
    FollowEvents,
    FollowLog,
    ListEvents,
    ListJobs,
    ListReasons,
    Pulse,
    ReadLog,
    ShowJob,
    ShowUsage,
    Wait,
    Watch,
)
from engine.control.messages.minding import Acknowledge, GetTrends, ListMatters
from engine.control.messages.past import FindMoment
from engine.control.messages.places import (
    ListGoals,
    ListQueues,
    ListTenants,
    SetQueue,
)
from engine.control.messages.recurring import (
    ActOnCron,
    AddCron,
    ListCrons,
    ListHooks,
    ShowCron,
)
from engine.control.messages.request import (
    PROTOCOL,
    VERSION,
    Ms,
    Request,
    Stream,
    Targets,
    Whole,
    answer_type,
)
from engine.control.messages.searching import SearchLog, SearchLogs
from engine.control.messages.talking import (
    Check,
    GetStats,
    Reload,
    SayHello,
    ShowConfig,
    Stop,
)
from engine.control.messages.telemetry import FollowTelemetry
from engine.control.messages.workers import (
    ActOnWorker,
    AddWorker,
    AuthorizeKey,
    ListWorkers,
    SetWorker,
)

AnyRequest = Union[(*Request.__subclasses__(), *Stream.__subclasses__())]  # type: ignore[valid-type]
"""All verbs, for decoding."""

__all__ = [
    "PROTOCOL",
    "VERSION",
    "Acknowledge",
    "ActOnCron",
    "ActOnWorker",
    "AddCron",
    "AddWorker",
    "AnyRequest",
    "Apply",
    "AuthorizeKey",
    "Cancel",
    "Check",
    "ClearCache",
    "Clone",
    "CountEvents",
    "Diff",
    "Edit",
    "Explain",
    "Feed",
    "FindMoment",
    "FollowAct",
    "FollowEvents",
    "FollowLog",
    "FollowTelemetry",
    "GetStats",
    "GetTrends",
    "GroupJobs",
    "GrowWorkflow",
    "HasBlob",
    "Hold",
    "ListActs",
    "ListArtifacts",
    "ListCrons",
    "ListEvents",
    "ListGoals",
    "ListHooks",
    "ListJobs",
    "ListMatters",
    "ListQueues",
    "ListReasons",
    "ListTenants",
    "ListTools",
    "ListWorkers",
    "ListWorkflows",
    "Ms",
    "Pause",
    "PlanWorkflow",
    "Pulse",
    "PutBlob",
    "ReadArtifact",
    "ReadDefinition",
    "ReadLog",
    "ReadReceipt",
    "ReadResult",
    "Release",
    "Reload",
    "ReportWorkflow",
    "Request",
    "Resume",
    "Retry",
    "SayHello",
    "SearchLog",
    "SearchLogs",
    "SetArray",
    "SetPriority",
    "SetQueue",
    "SetWorker",
    "ShowCache",
    "ShowConfig",
    "ShowCron",
    "ShowJob",
    "ShowUsage",
    "ShowWorkflow",
    "Stop",
    "StopAct",
    "Stream",
    "Submit",
    "SubmitArray",
    "SubmitBegin",
    "SubmitChunk",
    "SubmitCommit",
    "SubmitWorkflow",
    "Suggest",
    "Targets",
    "Uncancel",
    "Wait",
    "Watch",
    "WhatIf",
    "Whole",
    "answer_type",
]
