"""Choosing words: several pieces of a comparison become one plain set, in table order."""

from collections.abc import Callable, Sequence

from engine.model.filter.scanner import Piece
from engine.model.filter.syntax import Op
from engine.model.filter.values import Word

Find = Callable[[Op, Piece], frozenset[str]]
"""The words that one piece names."""


def chosen(
    table: Sequence[str],
    find: Find,
    unknown: Callable[[Piece], Exception],
    op: Op,
    pieces: Sequence[Piece],
) -> tuple[Op, tuple[Word, ...]]:
    """`:` or `!=`, and the words of a table that a comparison names, in its order.

    Args:
        table: All words that there are.
        find: May raise InvalidSpec itself.
        unknown: What is raised for a piece that names no word.
        op: The comparison as it was written.
        pieces: What it is with.
    """
    named: set[str] = set()
    for piece in pieces:
        found = find(op, piece)
        if not found:
            raise unknown(piece)
        named |= found
    words = tuple(Word(word) for word in table if word in named)
    return Op.IS_NOT if op.negative else Op.HAS, words
