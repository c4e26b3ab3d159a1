"""What weighs on a worker besides our attempts, as the last look at its host showed it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What of a worker cannot be given away although no attempt of ours has it."""

    memory_mb: int = 0
    """In use by others, of what the worker lends."""
    gpus: int = 0
    """Devices that others hold, or that do not answer, as bits: device `i` is `1 << i`."""
    devices: Mapping[int, str] = field(default_factory=dict)
    """Why, of each of them: `is used by somebody else (12 GB)`."""
    overload: str = ""
    """How its load is over what was set for it; empty: it is not."""


NO_BURDEN = Burden()
