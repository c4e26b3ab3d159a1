"""The closed table of fields that a filter of events may speak of."""

from collections.abc import Mapping
from typing import Final

from engine.model.filter.fields import Field, Sort
from engine.model.filter.scanner import bad
from engine.model.words import nearest

_TABLE: Final = (
    Field("level", Sort.CHOICE, "err, warn, info or debug; level>=warn is both of the first"),
    Field("type", Sort.CHOICE, "its kind: type:job.failed, type:failed, type:worker.*"),
    Field("kind", Sort.CHOICE, "what it is about: job, attempt, queue, worker, daemon"),
    Field("seq", Sort.NUMBER, "its place in the log: seq:88000..88214"),
    Field("job", Sort.NUMBER, "the job's number: job:1423"),
    Field("attempt", Sort.NAME, "the attempt's id"),
    Field("worker", Sort.NAME, "the worker it happened on or to"),
    Field("queue", Sort.NAME, "the queue it names"),
    Field("tenant", Sort.NAME, "whose job it is"),
    Field("actor", Sort.NAME, "who caused it: engine, or a user"),
    Field("cause", Sort.TEXT, "why, in words"),
    Field("since", Sort.MOMENT, "then or later"),
    Field("until", Sort.MOMENT, "before then"),
)

EVENT_FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _TABLE}
"""By the name that the canonical text uses."""

OTHER_NAMES: Final[Mapping[str, str]] = {"host": "worker", "by": "actor", "id": "job"}
"""Further names that are understood."""


def event_field(name: str, path: tuple[str, ...], at: int) -> Field:
    """The field of this name.

    Raises:
        InvalidSpec: there is none; the nearest name is in it.
    """
    field = EVENT_FIELDS.get(OTHER_NAMES.get(name, name))
    if field is None:
        near = nearest(name, [*EVENT_FIELDS, *OTHER_NAMES])
        hint = f"did you mean {near!r}?" if near else f"fields are {', '.join(EVENT_FIELDS)}"
        message = f'events have no field {name!r}: {hint} (or put "…" around text)'
        raise bad(message, at, nearest=near)
    if path:
        raise bad(f"{name} has no parts; write {name}: alone", at, nearest=name)
    return field
