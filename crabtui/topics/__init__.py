"""Everything that the feed can look at for a view: one module for each kind of thing."""

from typing import Any, Final

from crabtui.topics.jobs import JOBS, STORY, JobsAim, JobStory
from crabtui.topics.places import QUEUES, REASONS, WORKERS, ReasonsAim
from crabtui.topics.topic import Topic

TOPICS: Final[tuple[Topic[Any, Any], ...]] = (
    JOBS,
    STORY,
    QUEUES,
    WORKERS,
    REASONS,
)
"""To add one: a module here, an entry here."""

__all__ = [
    "JOBS",
    "QUEUES",
    "REASONS",
    "STORY",
    "TOPICS",
    "WORKERS",
    "JobStory",
    "JobsAim",
    "ReasonsAim",
    "Topic",
]
