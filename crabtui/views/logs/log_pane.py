"""The log of one job in a pane: which stream and attempt it shows, and how it is read."""

from textual import on
from textual.message import Message

from crabtui.views.telling import tell
from crabtui.widgets.log.messages import LogMessages
from crabtui.widgets.log.view import LogView
from engine.control.views import LogChunk

STREAMS = {"out": "stdout", "err": "stderr"}


class LogPane(LogView):
    """Asks to be fed with `Opened` and `Asked`; is given chunks, lines and counts."""

    class Opened(Message):
        """This log should be read from its end and followed."""

        def __init__(self, pane: "LogPane") -> None:
            self.pane = pane
            super().__init__()

    class Asked(Message):
        """This pane wants a window, a count, a search, or all of a line to be shown."""

        def __init__(self, pane: "LogPane", want: Message) -> None:
            self.pane = pane
            self.want = want
            super().__init__()

    def __init__(
        self,
        job: int,
        *,
        stream: str = "out",
        number: int | None = None,
        at: int | None = None,
        ascii_only: bool,
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        """The log of `job`, from the line that begins at the offset `at` if that is given."""
        super().__init__(title="log", ascii_only=ascii_only, id=id)
        self.job = job
        self.stream = stream
        self.attempt = ""
        self.number: int | None = number
        """The attempt that is asked for; None: the newest, and those that follow."""
        self.is_frozen = False
        self.is_final = False
        self.is_read = False
        """Whether somebody reads on as it grows."""
        self._at = at

    def on_mount(self) -> None:
        self._retitle()
        self.reopen()

    def reopen(self) -> None:
        """Ask to be fed from the end of the log on."""
        self.is_read = True
        tell(self, self.Opened(self))
        self.search_again()

    def take(self, chunk: LogChunk, *, wanted: bool = False, at: int = 0) -> None:
        """Show what came; another attempt's log replaces this one.

        Args:
            chunk: Bytes of it.
            wanted: They are an answer to what this pane asked for.
            at: When they came, if they were followed as they came.
        """
        if self.is_frozen or (wanted and chunk.attempt != self.attempt):
            return
        if chunk.attempt != self.attempt:
            if self.attempt:
                self.reset()
            self.attempt = chunk.attempt
        self.is_final = chunk.final
        self._retitle()
        self.append(
            chunk.data,
            offset=chunk.offset,
            size=chunk.size,
            dropped=chunk.dropped,
            wanted=wanted,
            at=at,
        )
        if self._at is not None:
            goal, self._at = self._at, None
            self.call_later(self.show_offset, goal)

    def show_offset(self, offset: int) -> None:
        """Bring the line that begins there into view, wherever it is."""
        self._take()
        self._match_at = offset
        self.following = False
        self._show_offset(offset)

    def trouble(self, text: str) -> None:
        """Say in the title why nothing can be read."""
        self.is_read = False
        self.gave_up()
        self.title = f"log: {text}"

    def wait(self, text: str) -> None:
        """Say in the title why nothing comes for now; what comes takes its place."""
        self.title = f"log: {text}"

    def other_stream(self) -> None:
        """Show stderr instead of stdout, or back."""
        self.stream = "err" if self.stream == "out" else "out"
        self._show_another()

    def show_attempt(self, number: int | None) -> None:
        """Show the log of this attempt; None: of the newest, and of those that follow."""
        if number != self.number:
            self.number = number
            self._show_another()

    def step_attempt(self, by: int, newest: int) -> None:
        """Show the attempt before or after; past the newest it is the newest, whichever."""
        shown = int(number) if (number := self._shown_number) else newest
        wished = min(max(shown + by, 1), newest)
        self.show_attempt(None if wished >= newest else wished)

    def freeze(self, *, frozen: bool) -> None:
        """Take nothing, or read on from here."""
        self.is_frozen = frozen
        if not frozen:
            self.reopen()

    def step_back(self) -> bool:
        """End a search, first that only matches are shown; False if there is none."""
        if self.is_sifting:
            self.sift(around=self._nearby != 0)
            return True
        if not self.counted:
            return False
        self.search("")
        return True

    @on(LogMessages.WindowWanted)
    @on(LogMessages.CountWanted)
    @on(LogMessages.SearchWanted)
    @on(LogMessages.LineOpened)
    def _ask(self, event: Message) -> None:
        event.stop()
        tell(self, self.Asked(self, event))

    def _show_another(self) -> None:
        self.attempt = ""
        self.reset()
        self._retitle()
        self.reopen()

    @property
    def _shown_number(self) -> str:
        return next(iter(self.attempt.split("-")[1:2]), "")

    def _retitle(self) -> None:
        number = self._shown_number
        attempt = f"  attempt {number}" if number else ""
        end = "  ended" if self.is_final else ""
        self.title = f"log  {STREAMS[self.stream]}{attempt}{end}  (O: other)"
