"""Verbs that lead somewhere: the views, the keys, and out."""

from functools import partial
from typing import TYPE_CHECKING, Final

from crabtui.addresses import EVENTS, FLOWS, parse_address
from crabtui.places import NAMES, PLACES
from crabtui.verbs.filters import event_filters, filters
from crabtui.verbs.verb import CarryOut, Command, Verb, nothing

if TYPE_CHECKING:
    from crabtui.desk import Desk


FILTERED: Final = ("jobs", EVENTS)
COMPLETE: Final = {EVENTS: event_filters, FLOWS: nothing}


def _visit(app: "Desk", command: Command) -> CarryOut:
    if not command.rest:
        return partial(app.travel.go, command.verb)
    if command.verb == FLOWS and command.rest.lstrip("#").isdecimal():
        return partial(app.travel.visit, parse_address(f"flows/{command.rest.lstrip('#')}"))
    return partial(app.travel.visit, parse_address(f"{command.verb} {_filter(app, command)}"))


def _filter(app: "Desk", command: Command) -> str:
    """What the list is narrowed by, with its times of day in the zone that is shown."""
    if command.verb == EVENTS:
        return app.happenings.in_zone(command.rest)
    return app.filtering.in_zone(command.rest) if command.verb == "jobs" else command.rest


def _go(app: "Desk", command: Command) -> CarryOut:
    return partial(app.travel.visit, parse_address(command.rest))


def _quit(app: "Desk", _: Command) -> CarryOut:
    return app.travel.do_quit


def _keys(app: "Desk", _: Command) -> CarryOut:
    return app.looking.do_help


def _view(name: str, title: str) -> Verb:
    return Verb(
        name=name,
        use="[NAME | RUN]" if name == FLOWS else "[FILTER]",
        help=f"{title}, or those that match" if name in FILTERED else title,
        prepare=_visit,
        complete=COMPLETE.get(name, filters),
        aliases=(name.removesuffix("s"),) if name.endswith("s") else (),
    )


VERBS: Final = (
    *(_view(place.name, place.help.removeprefix("Go to ").rstrip(".")) for place in PLACES),
    Verb(
        name="go",
        use="ADDRESS",
        help=f"an address, as Y copies it: {NAMES[0]}, jobs/12, jobs?state=failed",
        prepare=_go,
        wants=1,
    ),
    Verb(name="keys", use="", help="all keys, and the file that changes them", prepare=_keys),
    Verb(name="q", use="", help="quit; jobs keep running", prepare=_quit, aliases=("quit",)),
)
