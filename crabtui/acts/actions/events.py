"""What can be done with events: going through time, and to what they are about."""

from typing import Final

from crabtui.acts.action import Action, only_looks
from crabtui.acts.action import an_action as _a
from crabtui.acts.situation import Scope

EVENTS = Scope.EVENTS

ACTIONS: Final[tuple[Action, ...]] = (
    _a("event_open", "enter", "open", "Open what the event is about.", EVENTS, rank=1),
    _a(
        "scrub_back",
        "left",
        "earlier",
        "Go back in time by one bucket; fold what is unfolded under the cursor.",
        EVENTS,
        rank=2,
    ),
    _a(
        "scrub_on",
        "right",
        "later",
        "Go on in time by one bucket; unfold repeats under the cursor.",
        EVENTS,
        rank=3,
    ),
    _a("scrub_far_back", "shift+left", "earlier x10", "Go back by ten buckets.", EVENTS),
    _a("scrub_far_on", "shift+right", "later x10", "Go on by ten buckets.", EVENTS),
    _a("go_live", "0", "now", "Go to now; everything moves again.", EVENTS, rank=5),
    _a(
        "zoom_near",
        "plus equals_sign",
        "zoom",
        "Zoom the axis of time nearer.",
        EVENTS,
    ),
    _a("zoom_far", "minus underscore", "zoom out", "Zoom the axis of time out.", EVENTS),
    _a("next_problem", "n", "next error", "Go to the next older error.", EVENTS, rank=4),
    _a("previous_problem", "N", "newer error", "Go to the next newer error.", EVENTS),
    _a("filter_events", "slash", "filter", "Filter the events.", EVENTS, rank=6),
    _a(
        "only_problems",
        "exclamation_mark",
        "problems",
        "Show only warnings and errors; again: all.",
        EVENTS,
        rank=7,
    ),
    _a("events_of", "e", "events", "Show what happened to it.", Scope.WORKERS, Scope.QUEUES),
    _a("event_range", "t", "range", "Pick how much time is on the screen.", EVENTS),
    _a("event_clock", "T", "times", "Times of here, of UTC, and as ages, in turn.", EVENTS),
    _a("copy_event", "y", "copy", "Copy the number of the event's job.", EVENTS),
    _a("mark_event", "m", "mark", "Mark the event under the cursor.", EVENTS),
    _a("to_mark", "apostrophe", "to mark", "Go to the next mark.", EVENTS),
    _a(
        "export_events",
        "E",
        "export",
        "Write these events to a file.",
        EVENTS,
        why_not=only_looks,
    ),
)
