"""What a log in view says to whoever shows it."""

from textual.message import Message


class LogMessages:
    """The messages of `LogView`, by which names they are heard."""

    class WindowWanted(Message, namespace="log_view"):
        """Bytes from `offset` on are needed; older than what is loaded, or the tail."""

        def __init__(self, offset: int) -> None:
            self.offset = offset
            super().__init__()

    class CountWanted(Message, namespace="log_view"):
        """How many lines begin before the one that has the byte at `offset`?"""

        def __init__(self, offset: int) -> None:
            self.offset = offset
            super().__init__()

    class SearchWanted(Message, namespace="log_view"):
        """The lines that have `pattern`: those from `start` on, or all from the end."""

        def __init__(self, pattern: str, start: int | None, context: int | None) -> None:
            self.pattern = pattern
            self.start = start
            self.context = context
            """Lines around each that are wanted too; None: no lines, only where they are."""
            super().__init__()

    class Searched(Message, namespace="log_view"):
        """How far the search is: `12/340+`; empty if there is none."""

        def __init__(self, counted: str) -> None:
            self.counted = counted
            super().__init__()

    class LineOpened(Message, namespace="log_view"):
        """All of a line is to be shown, however long it is."""

        def __init__(self, data: bytes, number: int | None) -> None:
            self.data = data
            self.number = number
            super().__init__()
