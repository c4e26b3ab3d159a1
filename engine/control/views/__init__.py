"""What the daemon answers: values made for reading, in the names that scripts rely on.

Field names and units are those of the documented JSON output. Instants (`*_at`) are UTC
microseconds, durations `*_ms`; None means that it has not happened.
"""

from engine.control.views.auditing import ActProgress, ActsPage, ActView, ReceiptPage
from engine.control.views.counting import EventCounts
from engine.control.views.daemon import (
    Checked,
    ConfigView,
    DaemonView,
    Done,
    EngineStats,
    EventsPage,
    Hello,
    JobCounts,
    LogChunk,
    Reloaded,
    SettingView,
    Stats,
)
from engine.control.views.grouping import GroupsView, GroupView, Suggestions, ValueCount
from engine.control.views.jobs import (
    Acted,
    ArrayView,
    AttemptView,
    CreatedJob,
    Fed,
    Finished,
    JobDetail,
    JobRow,
    JobsPage,
    JobView,
    Result,
    Submitted,
    Waited,
)
from engine.control.views.minding import AttentionView, RecentView, TrendsView, Vitals
from engine.control.views.past import MomentView
from engine.control.views.places import (
    LinkView,
    QueuesView,
    QueueView,
    TenantsView,
    TenantView,
    WorkersView,
    WorkerView,
)
from engine.control.views.reasons import (
    Applied,
    Explanation,
    GoalsView,
    GoalView,
    HolderView,
    InversionView,
    MovedView,
    Preview,
    ReasonsView,
    ReasonView,
    ShortView,
)
from engine.control.views.searching import LogFound, LogHit, LogsFound, SearchTotal
from engine.control.views.usage import JobUsage, UsageView
from engine.control.views.usual import UsualTimes
from engine.control.views.view import View

__all__ = [
    "ActProgress",
    "ActView",
    "Acted",
    "ActsPage",
    "Applied",
    "ArrayView",
    "AttemptView",
    "AttentionView",
    "Checked",
    "ConfigView",
    "CreatedJob",
    "DaemonView",
    "Done",
    "EngineStats",
    "EventCounts",
    "EventsPage",
    "Explanation",
    "Fed",
    "Finished",
    "GoalView",
    "GoalsView",
    "GroupView",
    "GroupsView",
    "Hello",
    "HolderView",
    "InversionView",
    "JobCounts",
    "JobDetail",
    "JobRow",
    "JobUsage",
    "JobView",
    "JobsPage",
    "LinkView",
    "LogChunk",
    "LogFound",
    "LogHit",
    "LogsFound",
    "MomentView",
    "MovedView",
    "Preview",
    "QueueView",
    "QueuesView",
    "ReasonView",
    "ReasonsView",
    "ReceiptPage",
    "RecentView",
    "Reloaded",
    "Result",
    "SearchTotal",
    "SettingView",
    "ShortView",
    "Stats",
    "Submitted",
    "Suggestions",
    "TenantView",
    "TenantsView",
    "TrendsView",
    "UsageView",
    "UsualTimes",
    "ValueCount",
    "View",
    "Vitals",
    "Waited",
    "WorkerView",
    "WorkersView",
]
