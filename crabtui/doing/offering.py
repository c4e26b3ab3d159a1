"""Telling what the usual acts would do to what is marked, where there is room for it."""

from collections.abc import Iterable

from textual.widget import Widget

from crabtui.acts.action import Action
from crabtui.acts.offers import offers
from crabtui.acts.situation import Situation, objects
from crabtui.keymap import shown
from crabtui.views.body import Body
from crabtui.views.jobs.jobs import JobsView
from crabtui.views.split import ROOMY, TALL
from crabtui.widgets.panes.selection_pane import SelectionPane


def tell_offers(body: Body, actions: Iterable[Action], now: Situation) -> None:
    """Fill or hide the pane below the jobs."""
    if not isinstance(body, JobsView):
        return None
    marked = bool(body.table.marks) or body.all_matching is not None
    if not marked or not _is_roomy(body):
        return body.query_one(SelectionPane).show("", ())
    told = [
        (shown(offer.key) if offer.key else "", offer.title, offer.effect, offer.is_possible)
        for offer in offers(actions, now)
    ]
    return body.query_one(SelectionPane).show(f"marked: {objects(now)}", told)


def _is_roomy(body: Widget) -> bool:
    return body.size.width >= ROOMY and body.size.height >= TALL
