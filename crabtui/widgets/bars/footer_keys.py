"""The last line: at most eight keys that mean something now."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.message import Message

from crabtui.widgets.line import Line, Part

MOST_KEYS = 8

Entry = tuple[str, str, bool]
"""The key as people read it, what it does, and whether it may be used now."""


class FooterKeys(Line):
    """Keys with their words. A key that may not be used now is muted, and still clickable."""

    DEFAULT_CSS = """
    FooterKeys { dock: bottom; background: $crab-surface; }
    """

    _entries: tuple[Entry, ...] = ()

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def show(self, entries: Sequence[Entry]) -> None:
        """Draw seven of these and the last, or as many as fit."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        gap = "  " if width >= 70 else " "
        parts = [Part(" ")]
        for key, label, enabled in self._fitting(width - 1, len(gap)):
            parts.append(Part(key, "accent" if enabled else "muted", enabled, key))
            parts.append(Part(f" {label}", "text" if enabled else "muted", link=key))
            parts.append(Part(gap))
        return parts

    def _fitting(self, width: int, gap: int) -> Sequence[Entry]:
        """As many as fit; the last of all, which is help, goes before those ahead of it."""
        *entries, last = self._entries or (("", "", False),)
        room = width - _cells(last)
        kept: list[Entry] = []
        for entry in entries[: MOST_KEYS - 1]:
            room -= _cells(entry) + gap
            if room < 0:
                break
            kept.append(entry)
        return (*kept, last)

    def clicked(self, link: str) -> None:
        self.post_message(self.Pressed(link))


def _cells(entry: Entry) -> int:
    key, label, _ = entry
    return cell_len(key) + 1 + cell_len(label)
