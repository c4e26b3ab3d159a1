"""How the console is to start: what its flags say, before anything of it is loaded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

DUMPS: Final = ("txt", "svg", "json")
Dump = Literal["txt", "svg", "json"]

SIZE: Final = (80, 24)
"""Columns and rows of a dump, unless it is told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the flags of a start say."""

    address: str | None = None
    read_only: bool = False
    never_act: bool = False
    """Read-only, and nobody in front of it can change that."""
    arm_s: int | None = None
    """Read-only but for the first so many seconds."""
    theme: str | None = None
    in_ascii: bool = False
    no_color: bool = False
    refresh_s: float = 0.0
    """Least seconds between two looks at the same thing; 0: as soon as it changed."""
    lines: tuple[str, ...] = ()
    """What the command bar is told once there is something to see."""
    keys: Path | None = None
    """Instead of the usual key file."""
    fresh: bool = False
    """Do not begin where the last session ended."""
    dump: Dump | None = None
    size: tuple[int, int] = SIZE

    @property
    def is_guarded(self) -> bool:
        """Whether acts are forbidden unless they are allowed for a while."""
        return self.read_only or self.never_act or self.arm_s is not None
