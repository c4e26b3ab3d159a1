"""A setback: one thing of which the daemon itself suffered, as a value."""

import msgspec


class Setback(msgspec.Struct, frozen=True, kw_only=True):
    """What broke, how often, and when."""

    subject: str
    """What it was about: `cron nightly`, `hooks of #12`."""
    said: str
    """The newest error."""
    what: str = "broke"
    """What it did."""
    times: int
    since_at: int
    """When it broke first, and last; UTC microseconds."""
    last_at: int

    @property
    def text(self) -> str:
        """All of it on one line."""
        times = "" if self.times == 1 else f" {self.times:,} times, last"
        return f"{self.subject} {self.what}{times}: {self.said}"
