"""The gate of a job: what it has to pass once its command has succeeded."""

from typing import Any, Final

from engine.model.checks import Check
from engine.model.intake.command import argument
from engine.model.intake.draft import Draft
from engine.model.intake.maps import Setter
from engine.model.intake.scalars import items
from engine.model.intake.wrong import Wrong, wrong_type


def _gate(draft: Draft, value: Any, key: str) -> None:
    draft.once("gate", key)
    if isinstance(value, str):
        draft.spec["gate"] = Check(shell=_line(value))
    elif isinstance(value, list | tuple):
        draft.spec["gate"] = Check(argv=_words(value))
    else:
        raise wrong_type(value, "a list of words or one shell line")


def _line(value: str) -> str:
    line = argument(value)
    if not line.strip():
        raise Wrong("is empty: there is nothing to check with")
    return line


def _words(value: Any) -> tuple[str, ...]:
    words = []
    for place, word in enumerate(items(value, "words", 100_000)):
        try:
            words.append(argument(word))
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    if not words or not words[0]:
        raise Wrong("is empty: the first word names the program")
    return tuple(words)


GATE_KEYS: Final[dict[str, Setter]] = {"gate": _gate}
