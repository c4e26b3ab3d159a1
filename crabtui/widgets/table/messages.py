"""What a table of jobs says to whoever shows it."""

from textual.message import Message


class TableMessages:
    """The messages of `VirtualTable`, by which names they are heard."""

    class WindowWanted(Message, namespace="virtual_table"):
        """Rows [at, at + count) should be loaded."""

        def __init__(self, at: int, count: int) -> None:
            self.at, self.count = at, count
            super().__init__()

    class RowWanted(Message, namespace="virtual_table"):
        """The followed job is not among what is loaded: ask for a window around it."""

        def __init__(self, job: int) -> None:
            self.job = job
            super().__init__()

    class CursorMoved(Message, namespace="virtual_table"):
        """The cursor stands on another job; None while that row is not loaded."""

        def __init__(self, job: int | None) -> None:
            self.job = job
            super().__init__()

    class CursorLost(Message, namespace="virtual_table"):
        """The cursor's row went; the cursor stands on its neighbour now."""

        def __init__(self, old: int, new: int | None) -> None:
            self.old, self.new = old, new
            super().__init__()

    class Opened(Message, namespace="virtual_table"):
        """Enter or a double click on a job."""

        def __init__(self, job: int) -> None:
            self.job = job
            super().__init__()

    class MarksChanged(Message, namespace="virtual_table"):
        """Other jobs are marked than before."""

        def __init__(self, jobs: frozenset[int]) -> None:
            self.jobs = jobs
            super().__init__()

    class SortWanted(Message, namespace="virtual_table"):
        """A header was clicked; `column` is the name of the sort."""

        def __init__(self, column: str) -> None:
            self.column = column
            super().__init__()

    class MenuWanted(Message, namespace="virtual_table"):
        """Right click on a job."""

        def __init__(self, job: int) -> None:
            self.job = job
            super().__init__()

    class Moved(Message, namespace="virtual_table"):
        """A hand moved in the table: nothing should re-sort for a moment."""

    class Refused(Message, namespace="virtual_table"):
        """Why a key did nothing, for the status line."""

        def __init__(self, why: str) -> None:
            self.why = why
            super().__init__()
