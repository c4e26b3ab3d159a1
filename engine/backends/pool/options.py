"""What a pool is told: its modules, and how many calls it runs at once."""

import msgspec
from msgspec import field

from engine.backends.pool.sizing import KINDS, most


class PoolOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[tools]`."""

    modules: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    """Folders that are looked in first."""
    python: str = ""
    """An interpreter that has this package; empty: the daemon's own."""
    env: tuple[str, ...] = ()
    """Names of further variables of the daemon's environment that calls may see."""
    io: int | None = None
    cpu: int | None = None
    mixed: int | None = None
    memory: int | None = None
    async_: int | None = field(default=None, name="async")

    def most(self, cores: int) -> dict[str, int]:
        """Calls of each kind at once, at most."""
        said = {
            "io": self.io,
            "cpu": self.cpu,
            "mixed": self.mixed,
            "memory": self.memory,
            "async": self.async_,
        }
        return {kind: said[kind] or most(kind, cores) for kind in KINDS}
