"""Lines of the Pulse's queues: what is pending is not called queued."""

from crabtui.views.pulse.queues import ROOMY, PulseQueues
from engine.control.views import QueueView

QUEUE = QueueView(
    name="gpu",
    limit=None,
    weight=1,
    paused_by=None,
    paused_why="",
    paused_at=None,
    running=1,
    queued=3,
    pending=4,
    retrying=0,
)


def _words(width: int) -> dict[str, str]:
    table = PulseQueues(ascii_only=True)
    text = "".join(cell for cell, _ in table.line(QUEUE, width, here=False))
    head = table.head(width)
    return {
        title: text[: head.index(title) + len(title)].rsplit(" ", 1)[-1]
        for title in ("QUEUED", "PENDING")
        if title in head
    }


def test_pending_jobs_are_not_counted_as_queued() -> None:
    assert _words(60) == {"QUEUED": "3"}


def test_where_there_is_room_they_have_a_column_of_their_own() -> None:
    assert _words(ROOMY) == {"QUEUED": "3", "PENDING": "4"}
