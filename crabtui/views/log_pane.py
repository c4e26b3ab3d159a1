"""The log of one job in a pane: which stream and attempt it shows, and how it is read."""

from textual.message import Message

from crabtui.views.telling import tell
from crabtui.widgets.log_view import LogView
from engine.control.views import LogChunk

STREAMS = {"out": "stdout", "err": "stderr"}


class LogPane(LogView):
    """Asks to be fed with `Opened` and `OlderWanted`; is given chunks."""

    class Opened(Message):
        """This log should be read from its end and followed."""

        def __init__(self, pane: "LogPane") -> None:
            self.pane = pane
            super().__init__()

    def __init__(self, job: int, *, ascii_only: bool, id: str) -> None:  # noqa: A002
        super().__init__(title="log", ascii_only=ascii_only, id=id)
        self.job = job
        self.stream = "out"
        self.attempt = ""
        self.is_frozen = False
        self.is_final = False
        self.is_read = False
        """Whether somebody reads on as it grows."""

    def on_mount(self) -> None:
        self._retitle()
        self.reopen()

    def reopen(self) -> None:
        """Ask to be fed from the end of the log on."""
        self.is_read = True
        tell(self, self.Opened(self))

    def take(self, chunk: LogChunk) -> None:
        """Show what came; another attempt's log replaces this one."""
        if self.is_frozen:
            return
        if chunk.attempt != self.attempt:
            if self.attempt:
                self.reset()
            self.attempt = chunk.attempt
        self.is_final = chunk.final
        self._retitle()
        self.append(chunk.data, offset=chunk.offset, size=chunk.size, dropped=chunk.dropped)

    def trouble(self, text: str) -> None:
        """Say in the title why nothing can be read."""
        self.is_read = False
        self.title = f"log: {text}"

    def wait(self, text: str) -> None:
        """Say in the title why nothing comes for now; what comes takes its place."""
        self.title = f"log: {text}"

    def other_stream(self) -> None:
        """Show stderr instead of stdout, or back."""
        self.stream = "err" if self.stream == "out" else "out"
        self.attempt = ""
        self.reset()
        self._retitle()
        self.reopen()

    def freeze(self, *, frozen: bool) -> None:
        """Take nothing, or read on from here."""
        self.is_frozen = frozen
        if not frozen:
            self.reopen()

    def step_back(self) -> bool:
        """End a search; False if there is none."""
        if not self.counted:
            return False
        self.search("")
        return True

    def _retitle(self) -> None:
        number = self.attempt.split("-")[1:2]
        attempt = f"  attempt {number[0]}" if number else ""
        end = "  ended" if self.is_final else ""
        self.title = f"log  {STREAMS[self.stream]}{attempt}{end}  (O: other)"
