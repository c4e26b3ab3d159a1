"""`suggest`: values that a field of the filter could be compared with, commonest first."""

from collections.abc import Mapping
from typing import Final

from engine.control.messages import Suggest
from engine.control.views import Suggestions, ValueCount
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import moment
from engine.errors import InvalidSpec
from engine.model.filter import FIELDS
from engine.model.filter.choices import WORDS
from engine.model.filter.fields import OTHER_NAMES
from engine.model.words import unknown
from engine.store.values import GROUPS, Grouping

MOST: Final = 100
NEWEST: Final = 10_000
"""Jobs that are looked at where no counter has the answer."""


async def answer(desk: Desk, _: Caller, ask: Suggest) -> Suggestions:
    """Values by how many jobs have them; those that no job has are left out.

    Raises:
        InvalidSpec: there is no such field.
    """
    field = OTHER_NAMES.get(ask.field, ask.field)
    if field not in FIELDS:
        raise unknown("field", ask.field, FIELDS, field="field")
    if not 0 <= ask.count <= MOST:
        raise InvalidSpec(f"count {ask.count}: at most {MOST} values", field="count")
    if field not in GROUPS:
        return Suggestions(field=field, values=(), is_exact=True)
    when = await moment(desk, ask.as_of)
    grouped = await when.reads.grouped(Grouping(by=field, limit=NEWEST, newest=True))
    counts = {value: sum(states.values()) for value, states in grouped.values.items()}
    return Suggestions(
        field=field,
        values=tuple(_ranked(counts, ask.begun.lower(), field)[: ask.count]),
        is_exact=grouped.is_exact,
    )


def _ranked(counts: Mapping[str, int], begun: str, field: str) -> list[ValueCount]:
    words = WORDS.get(field, ())

    def rank(value: str) -> tuple[bool, int, int, str]:
        place = words.index(value) if value in words else 0
        return not value.lower().startswith(begun), -counts[value], place, value

    fitting = (value for value in counts if value and begun in value.lower())
    return [ValueCount(value=value, count=counts[value]) for value in sorted(fitting, key=rank)]
