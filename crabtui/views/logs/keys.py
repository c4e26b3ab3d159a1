"""What keys do in a log, the same wherever one is shown."""

from crabtui.messages import Said, Wanted
from crabtui.views.logs.log_pane import LogPane
from crabtui.views.telling import tell


class LogKeys:
    """For a screen with a `log_pane`."""

    @property
    def log_pane(self) -> LogPane:
        """The log."""
        raise NotImplementedError

    def do_search(self) -> None:
        """Search the log."""
        tell(self.log_pane, Wanted("search_in_log"))

    def do_next_match(self) -> None:
        """Go to the next match."""
        self.log_pane.action_match(1)

    def do_previous_match(self) -> None:
        """Go to the match before."""
        self.log_pane.action_match(-1)

    def do_follow_log(self) -> None:
        """Follow the end of the log, or not."""
        self.log_pane.action_follow()

    def do_wrap(self) -> None:
        """Wrap long lines, or not."""
        self.log_pane.action_wrap()

    def do_other_stream(self) -> None:
        """Show the other stream."""
        self.log_pane.other_stream()

    def do_sift(self) -> None:
        """Show only the lines that are found, or all."""
        self.log_pane.sift(around=False)

    def do_sift_around(self) -> None:
        """Show only the lines that are found and those around them, or all."""
        self.log_pane.sift(around=True)

    def do_open_line(self) -> None:
        """Show all of a line."""
        self.log_pane.open_line()

    def do_set_mark(self) -> None:
        """Remember the first line in view."""
        self.log_pane.set_mark()
        tell(self.log_pane, Said("marked; ' comes back here"))

    def do_go_to_mark(self) -> None:
        """Go to the line that is remembered, and back."""
        if not self.log_pane.go_to_mark():
            tell(self.log_pane, Said("no line is marked: m marks one", bad=True))

    def do_stamp(self) -> None:
        """Show when lines came, where that is known, or not."""
        self.log_pane.stamping = not self.log_pane.stamping
