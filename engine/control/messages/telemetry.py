"""Telemetry: what happens, under the names that handlers are attached to."""

from engine.control.messages.request import Stream, Whole
from engine.model.signals import BridgeRules, Signal


class FollowTelemetry(Stream[Signal], frozen=True, kw_only=True, tag="telemetry"):
    """The signals of all that happens from now on, or after an event."""

    events: tuple[str, ...] = ()
    """Names, or patterns such as `job.*`; none: all."""
    after: Whole = -1
    """The event after which it begins; below 0: from now on."""
    bridge: BridgeRules | None = None
    """Also tell of experiments; None: only if an event of theirs is named."""
