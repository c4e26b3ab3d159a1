"""What the feed tells the app: one message for each thing that may have changed."""

from dataclasses import dataclass

from textual.message import Message

from crabtui.link import Link
from engine.control.messages import Pulse
from engine.control.views import (
    EventsPage,
    Explanation,
    JobDetail,
    JobsPage,
    QueuesView,
    ReasonsView,
    WorkersView,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsAim:
    """The window of jobs that a table shows, and where it looks."""

    where: str = ""
    sort: str = "activity"
    descending: bool = False
    at: int = 0
    count: int = 60
    around: int | None = None
    """Id to find instead of `at`."""
    fold: bool = False
    """Members of arrays only of those in `unfolded`."""
    unfolded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsAim:
    """Whose waiting jobs are counted by reason; None: of all queues."""

    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStory:
    """Everything that the detail of one job shows, as of one moment."""

    detail: JobDetail
    why: Explanation
    events: EventsPage


class LinkChanged(Message):
    """The connection came, went, or tries again."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class PulseCame(Message):
    """The daemon was heard."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self.pulse = pulse


class JobsCame(Message):
    """A window of jobs; `error` instead of `page` if the query was refused."""

    def __init__(self, aim: JobsAim, page: JobsPage | None, error: Exception | None) -> None:
        super().__init__()
        self.aim = aim
        self.page = page
        self.error = error


class StoryCame(Message):
    """The job that a detail or a preview looks at; `error` if it cannot be shown."""

    def __init__(self, job: int, story: JobStory | None, error: Exception | None) -> None:
        super().__init__()
        self.job = job
        self.story = story
        self.error = error


class QueuesCame(Message):
    """All queues."""

    def __init__(self, queues: QueuesView | None, error: Exception | None) -> None:
        super().__init__()
        self.queues = queues
        self.error = error


class WorkersCame(Message):
    """All workers."""

    def __init__(self, workers: WorkersView | None, error: Exception | None) -> None:
        super().__init__()
        self.workers = workers
        self.error = error


class ReasonsCame(Message):
    """Why jobs wait; `error` instead if that cannot be told."""

    def __init__(
        self, aim: ReasonsAim, reasons: ReasonsView | None, error: Exception | None
    ) -> None:
        super().__init__()
        self.aim = aim
        self.reasons = reasons
        self.error = error


class ReasonsAimed(Message):
    """A view wants to know why jobs wait; None: it does not any more."""

    def __init__(self, aim: ReasonsAim | None) -> None:
        super().__init__()
        self.aim = aim


class JobsAimed(Message):
    """A table wants this window of jobs; None: it is not looked at."""

    def __init__(self, aim: JobsAim | None) -> None:
        super().__init__()
        self.aim = aim


class JobAimed(Message):
    """A detail or a preview looks at this job; None: at none."""

    def __init__(self, job: int | None) -> None:
        super().__init__()
        self.job = job


class QueuesAimed(Message):
    """Queues are looked at, or no longer."""

    def __init__(self, *, looked_at: bool) -> None:
        super().__init__()
        self.looked_at = looked_at


class WorkersAimed(Message):
    """Workers are looked at, or no longer."""

    def __init__(self, *, looked_at: bool) -> None:
        super().__init__()
        self.looked_at = looked_at


class Said(Message):
    """Something for the status line; `bad` if it did not work."""

    def __init__(self, text: str, *, bad: bool = False) -> None:
        super().__init__()
        self.text = text
        self.bad = bad


class Wanted(Message):
    """A click or a row asks for the action of this id."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action


class SituationChanged(Message):
    """Other actions may be possible now."""
