"""What a log view shows: lines that can be gone to, wherever they come from."""

from typing import Protocol


class Lines(Protocol):
    """Lines in a row, each with a key that stays the same while others come and go."""

    def __len__(self) -> int: ...

    def line(self, place: int) -> bytes:
        """Without its line break. Raises: IndexError."""
        ...

    def start_of(self, place: int) -> int:
        """Its key; keys ascend."""
        ...

    def place_at(self, offset: int) -> int:
        """The line with this key, else the last one before it, else the first."""
        ...

    def label(self, place: int) -> str:
        """What stands before it: whose line it is; empty if that is clear."""
        ...

    def number(self, place: int) -> int | None:
        """Which line of its log it is, from 1; None if that is not known."""
        ...

    def estimate(self, place: int) -> int:
        """The same, guessed."""
        ...
