"""What a log in view says to whoever shows it."""

from textual.message import Message


class LogMessages:
    """The messages of `LogView`, by which names they are heard."""

    class WindowWanted(Message, namespace="log_view"):
        """Bytes from `offset` on are needed; older than what is loaded, or the tail."""

        def __init__(self, offset: int) -> None:
            self.offset = offset
            super().__init__()

    class Searched(Message, namespace="log_view"):
        """How far the search is: `12/340+`; empty if there is none."""

        def __init__(self, counted: str) -> None:
            self.counted = counted
            super().__init__()
