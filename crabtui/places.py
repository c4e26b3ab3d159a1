"""The views that there are: each once, with its key. Nothing of Textual here.

To add a view: an entry here, its widget in `crabtui.views.makers`, what it shows in
`crabtui.topics`, its actions in `crabtui.acts.actions`.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A view that can be gone to."""

    name: str
    """Of its widget, its address and its command: `:jobs`."""
    key: str
    title: str
    help: str
    """One sentence, for the help and the README."""


PLACES: Final = (
    Place("pulse", "1", "Pulse", "Go to the pulse: how it goes, and what wants attention."),
    Place("queues", "2", "Queues", "Go to the queues."),
    Place("jobs", "3", "Jobs", "Go to the jobs."),
    Place("workers", "4", "Workers", "Go to the workers."),
    Place("events", "5", "Events", "Go to the events: what happened, and when."),
    Place("flows", "6", "Flows", "Go to the runs of workflows."),
    Place("stuck", "7", "Stuck", "Go to the jobs that wait, by what stands in their way."),
    Place("admin", "8", "Admin", "Go to the engine itself: health, limits, settings, acts."),
)
"""In the order of their keys."""

NAMES: Final = tuple(place.name for place in PLACES)
