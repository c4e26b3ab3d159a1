"""Settings of the daemon itself: what only a new start changes."""

from dataclasses import dataclass
from pathlib import Path

from engine.model.keeping import CACHES_MAX_BYTES, OUTPUTS_MAX_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the daemon is told when it starts."""

    state_dir: Path
    """Absolute."""
    lease_ttl_s: float = 30.0
    """How long a lease lasts without evidence that its attempt lives."""
    lease_renew_s: float = 5.0
    lease_sweep_s: float = 10.0
    company_s: float = 0.004
    """How long the start of an attempt, already running, waits to share a commit."""
    slots_per_cpu: int = 4
    """Attempts that this machine runs at once for each of its CPUs, whatever they ask for."""
    fewest_slots: int = 8
    blobs_max_bytes: int = 5 * 2**30
    """Blobs are kept up to this size together, and those that are needed beyond it."""
    artifacts_keep_days: int = 30
    outputs_max_bytes: int = OUTPUTS_MAX_BYTES
    """Of an attempt that leaves more, nothing is kept."""
    caches_max_bytes: int = CACHES_MAX_BYTES
    """Of one host; beyond it the caches go that were not used for longest."""

    @property
    def database(self) -> Path:
        return self.state_dir / "crabtui.db"

    @property
    def blobs(self) -> Path:
        return self.state_dir / "blobs"

    @property
    def spool(self) -> Path:
        return self.state_dir / "spool"

    def spool_of(self, worker: str) -> Path:
        """Where the attempts of a worker on this machine live."""
        return self.spool if worker == LOCAL else self.state_dir / "spools" / worker

    @property
    def known_hosts(self) -> Path:
        """Host keys that an operator has accepted."""
        return self.state_dir / "known_hosts"

    @property
    def lock(self) -> Path:
        return self.state_dir / "lock"

    @property
    def log(self) -> Path:
        return self.state_dir / "daemon.log"


LOCAL = "local"
"""Name of the worker that is this machine."""
