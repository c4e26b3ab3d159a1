"""The state of the connection to the daemon, as the header and the acts see it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.control.views import DaemonView

STALE_AFTER_S: Final = 3.0
"""Three quiet intervals of the pulse: an older picture is muted and carries its age."""

OFFLINE: Final = "offline: the daemon does not answer; R tries again now"


class Stage(StrEnum):
    """How the connection stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    OFFLINE = "offline"
    FAILED = "failed"  # trying again cannot help: another protocol, no rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The connection, with monotonic instants in seconds."""

    stage: Stage = Stage.CONNECTING
    since_s: float = 0.0
    """When this stage began."""
    heard_s: float | None = None
    """When the daemon was last heard; None: never."""
    tries: int = 0
    retry_s: float | None = None
    """When the next try is due."""
    error: str = ""
    daemon: DaemonView | None = None
    may_act: bool = True
    """Whether this connection carries the right to act."""

    def why_not(self) -> str:
        """Why the daemon cannot be asked now; empty if it can."""
        if self.stage is Stage.LIVE:
            return ""
        if self.stage is Stage.CONNECTING:
            return "still connecting"
        return OFFLINE

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the daemon was last heard; None: never."""
        return None if self.heard_s is None else max(0.0, now_s - self.heard_s)

    def is_stale(self, now_s: float) -> bool:
        """Whether what is shown may no longer be true."""
        age = self.age_s(now_s)
        return self.stage is not Stage.LIVE or age is None or age > STALE_AFTER_S
