"""Completing a filter after a verb."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crabtui.data.events.suggest import suggest_events
from crabtui.data.suggest import Suggestion, suggest

if TYPE_CHECKING:
    from crabtui.desk import Desk


def filters(app: "Desk", rest: str) -> Sequence[Suggestion]:
    """Fields and values for the filter being typed."""
    return suggest(rest, len(rest), app.filtering.values(rest))


def event_filters(app: "Desk", rest: str) -> Sequence[Suggestion]:
    """Fields and values for the filter of events being typed."""
    return suggest_events(rest, len(rest), app.happenings.values())
