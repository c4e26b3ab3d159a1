"""Jobs counted by what they have in common."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic, by_jobs
from engine.control.messages import GroupJobs
from engine.control.views import GroupsView

MOST: Final = 300
"""Values that a table shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsAim:
    """Which jobs, by which field."""

    by: str
    where: str = ""
    fold: bool = False


async def _groups(feed: Calls, aim: GroupsAim) -> GroupsView:
    return await feed.call(GroupJobs(by=aim.by, where=aim.where, fold=aim.fold, count=MOST))


GROUPS: Final = Topic[GroupsAim, GroupsView](
    name="groups", fetch=_groups, stirred=by_jobs, gap_s=1.0
)
