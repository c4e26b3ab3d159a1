"""The address of a view: `jobs?q=state:running&sort=name`, to share and to come back to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from crabtui.places import NAMES
from engine.errors import InvalidSpec
from engine.model.event_filter import EVENT_FIELDS, parse_events
from engine.model.filter import FIELDS, And, Op, Query, Term, parse
from engine.model.sorts import SORTS
from engine.model.when import parse_when
from engine.model.words import unknown

SORT: Final = "sort"
LOGS: Final = "logs"
NAMED: Final = frozenset({"workers", "queues"})
"""Views whose rows have names: `workers/gpu-07`."""
AT: Final = "at"
PANE: Final = "pane"
PANES: Final = (
    "timeline",
    "log",
    "attempts",
    "graph",
    "why",
    "args",
    "events",
    "artifacts",
    "context",
)
"""Of a job; the first unless it is said."""
LOOKS: Final = ("gantt", "tree", "graph")
"""Of a run of a workflow; the first unless it is said."""
FLOWS: Final = "flows"
EVENTS: Final = "events"
"""The view whose list is filtered by fields of its own."""
_FIELDS: Final = frozenset(FIELDS) | frozenset(EVENT_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A view, or one job, and how the view looks at its list."""

    view: str = "jobs"
    job: int | None = None
    pane: str = ""
    """Of the job; empty: the first."""
    name: str = ""
    """Of the worker or queue that the cursor is to stand on."""
    logs: tuple[int, ...] = ()
    """Jobs whose logs fill the screen."""
    where: str = ""
    sort: str = ""
    descending: bool = False
    at: str = ""
    """A moment of the past, as `:at` takes it; empty: whichever is looked at."""


def parse_address(text: str) -> Address:
    """The place named: `jobs`, `jobs/12`, `jobs?state=running`, `jobs state:failed`.

    Raises:
        InvalidSpec: no such view, no job number, no filter, or no such sort.
    """
    path, _, query = text.partition("?")
    path, _, words = path.strip().partition(" ")
    view, _, job = path.strip("/").partition("/")
    view = view or "jobs"
    if view == LOGS:
        return Address(logs=_job_numbers(job))
    if view not in NAMES:
        raise unknown("view", view, (*NAMES, LOGS))
    name = unquote(job) if view in NAMED else ""
    job = "" if name else job
    if job and not (job.isascii() and job.isdigit() and len(job) < 19):
        raise InvalidSpec(f"{job[:20]!r} is no job number")
    terms, sort, at, pane = ([words.strip()] if words.strip() else []), "", "", ""
    for key, value in parse_qsl(query, keep_blank_values=True, max_num_fields=100):
        if key == SORT:
            sort = _checked_sort(value)
        elif key == AT:
            at = _checked_moment(value)
        elif key == PANE and job:
            pane = _checked_pane(value, LOOKS if view == FLOWS else PANES)
        else:
            terms.append(value if key == "q" else f"{key}:{value}")
    where = " ".join(terms)
    _filter(view, where)
    return Address(
        view=view,
        job=int(job) if job else None,
        pane=pane,
        name=name,
        where=where,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        at=at,
    )


def _filter(view: str, where: str) -> Query:
    """The filter of a view's list. Raises: InvalidSpec."""
    return parse_events(where) if view == EVENTS else parse(where)


def _job_numbers(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        raise InvalidSpec(f"{text[:40]!r} are no job numbers: logs/12 or logs/12,15")
    return tuple(dict.fromkeys(map(int, words)))


def _checked_sort(text: str) -> str:
    column = text.removeprefix("-")
    if column not in SORTS:
        raise unknown("sort", column, SORTS, field=SORT)
    return text


def _checked_pane(text: str, panes: Sequence[str]) -> str:
    if text not in panes:
        raise unknown("pane", text, panes, field=PANE)
    return "" if text == panes[0] else text


def _checked_moment(text: str) -> str:
    parse_when(text, 0)
    return text


def format_address(address: Address) -> str:
    """The text that `parse_address` reads back."""
    if address.logs:
        return f"{LOGS}/{','.join(map(str, address.logs))}"
    path = address.view if address.job is None else f"{address.view}/{address.job}"
    path = f"{path}/{quote(address.name)}" if address.name else path
    pairs = _pairs(address) if address.where else []
    if address.sort:
        pairs.append((SORT, "-" * address.descending + address.sort))
    if address.pane and address.pane not in (PANES[0], LOOKS[0]):
        pairs.append((PANE, address.pane))
    if address.at:
        pairs.append((AT, address.at))
    query = "&".join(f"{name}={quote(value, safe=':,*<>/')}" for name, value in pairs)
    return f"{path}?{query}" if query else path


def _pairs(address: Address) -> list[tuple[str, str]]:
    """One pair a field where the filter is a plain list of them, else the whole as `q`."""
    where, root = address.where, _filter(address.view, address.where).root
    terms = root.parts if isinstance(root, And) else (root,)
    plain = [t for t in terms if isinstance(t, Term) and t.op is Op.HAS and not t.path]
    names = {term.field for term in plain}
    if len(plain) != len(terms) or len(names) != len(terms) or not names <= _FIELDS:
        return [("q", where)]
    return [(term.field, ",".join(str(value) for value in term.values)) for term in plain]
