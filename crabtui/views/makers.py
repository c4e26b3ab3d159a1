"""How each view is made, at its first visit."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.widget import Widget

from crabtui.views.admin.admin import AdminView
from crabtui.views.events.events import EventsView
from crabtui.views.flows.flows import FlowsPane
from crabtui.views.jobs.jobs import JobsView
from crabtui.views.pulse.pulse import PulseView
from crabtui.views.queues import QueuesPane
from crabtui.views.stuck import StuckView
from crabtui.views.workers import WorkersPane

if TYPE_CHECKING:
    from crabtui.desk import Desk


def makers(desk: "Desk") -> Mapping[str, Callable[[], Widget]]:
    """By the name of a place, what makes its view."""
    ascii_only = desk.ascii_only
    return {
        "pulse": lambda: PulseView(ascii_only=ascii_only),
        "queues": lambda: QueuesPane(ascii_only=ascii_only),
        "jobs": lambda: JobsView(desk.clock, ascii_only=ascii_only),
        "workers": lambda: WorkersPane(ascii_only=ascii_only),
        "events": lambda: EventsView(ascii_only=ascii_only, now_at=desk.now_at),
        "flows": lambda: FlowsPane(ascii_only=ascii_only),
        "stuck": lambda: StuckView(ascii_only=ascii_only),
        "admin": lambda: AdminView(desk.administering.around(), ascii_only=ascii_only),
    }
