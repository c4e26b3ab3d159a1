"""What could stand at the cursor of a filter of events: fields, then their words."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from crabtui.data.suggest import MOST, Suggestion
from engine.model.event_filter import CHOICES, EVENT_FIELDS
from engine.model.event_filter.fields import OTHER_NAMES
from engine.model.filter import Sort
from engine.model.filter.values import Word

_VALUE: Final = re.compile(r"([A-Za-z_]+)(?::|!=|>=|<=|=|>|<)(?:[^\s\",|()]*,)*([^\s\",|()]*)$")
_WORD: Final = re.compile(r"(?:^|(?<=[\s|(!-]))([A-Za-z_]*)$")
_TIMES: Final = ("10m", "1h", "1d", "00:00")


def suggest_events(
    text: str, cursor: int, values: Mapping[str, Sequence[str]]
) -> list[Suggestion]:
    """What could stand at `cursor`, at most ten; `values` are known values by field."""
    before = text[:cursor]
    if before.count('"') % 2:
        return []
    if (value := _VALUE.search(before)) is not None:
        return _values(value, cursor, values)
    word = _WORD.search(before)
    if word is None:
        return []
    typed = word[1].lower()
    found = [field for name, field in EVENT_FIELDS.items() if name.startswith(typed)]
    return [
        Suggestion(f"{field.name}:", word.start(1), cursor, field.hint)
        for field in found[: MOST if typed else len(found)]
        if field.name != typed
    ]


def _values(
    term: re.Match[str], cursor: int, values: Mapping[str, Sequence[str]]
) -> list[Suggestion]:
    name = OTHER_NAMES.get(term[1].lower(), term[1].lower())
    field = EVENT_FIELDS.get(name)
    if field is None:
        return []
    typed = term[2].lower()
    own = _TIMES if field.sort is Sort.MOMENT else CHOICES.get(name, ())
    known = list(dict.fromkeys([*own, *values.get(name, ())]))
    found = [word for word in known if typed in word.lower() and word.lower() != typed]
    found.sort(key=lambda word: not word.lower().startswith(typed))
    plain = field.sort in (Sort.CHOICE, Sort.MOMENT)
    return [
        Suggestion(word if plain else str(Word(word)), term.start(2), cursor, field.hint)
        for word in found[:MOST]
    ]
