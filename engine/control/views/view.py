"""What all answers have in common."""

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all answers."""
