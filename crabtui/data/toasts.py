"""Notes in the corner: at most three, one of a kind, and what went wrong stays."""

from dataclasses import dataclass, replace
from typing import Final

MOST: Final = 3
STAYS_S: Final = 8.0
"""How long a note stays that tells of nothing bad."""


@dataclass(frozen=True, slots=True)
class Toast:
    """One note; further ones of its kind are merged into it."""

    kind: str
    text: str
    until_s: float | None
    """On the monotonic clock; None: until it is dismissed."""
    times: int = 1

    @property
    def is_bad(self) -> bool:
        """Whether something went wrong."""
        return self.until_s is None

    @property
    def line(self) -> str:
        """What it says, and of how many it speaks."""
        return self.text if self.times == 1 else f"{self.text}  (+{self.times - 1} more)"


@dataclass(frozen=True, slots=True)
class Toasts:
    """Those that are shown, the newest last."""

    shown: tuple[Toast, ...] = ()

    def told(self, kind: str, text: str, now_s: float, *, bad: bool = False) -> "Toasts":
        """With one more; it takes the place of the one of its kind, or of the oldest."""
        before = next((toast for toast in self.shown if toast.kind == kind), None)
        times = before.times + 1 if before else 1
        stays = bad or (before is not None and before.is_bad)
        toast = Toast(kind, text, None if stays else now_s + STAYS_S, times)
        others = [each for each in self.shown if each is not before]
        while len(others) >= MOST:
            others.remove(next((each for each in others if not each.is_bad), others[0]))
        return Toasts((*others, toast))

    def at(self, now_s: float) -> "Toasts":
        """Without those whose time is over."""
        left = tuple(t for t in self.shown if t.until_s is None or t.until_s > now_s)
        return self if len(left) == len(self.shown) else replace(self, shown=left)

    def without(self, kind: str) -> "Toasts":
        """Without the one of this kind: it was dismissed."""
        return replace(self, shown=tuple(t for t in self.shown if t.kind != kind))
