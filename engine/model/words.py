"""Telling people about a word we do not know, and which one they probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

from engine.errors import InvalidSpec


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`; None if none is like it."""
    found = get_close_matches(word[:100].lower(), list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def unknown(
    kind: str, word: str, known: Iterable[str], *, field: str | None = None
) -> InvalidSpec:
    """The error for a `word` that is no `kind`, with the nearest right one."""
    choices = sorted(known)
    near = nearest(word, choices)
    hint = f"did you mean {near!r}?" if near else f"one of: {', '.join(choices)}"
    return InvalidSpec(f"unknown {kind} {word[:100]!r}: {hint}", field=field, nearest=near)
