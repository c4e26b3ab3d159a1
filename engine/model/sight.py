"""What one look at a worker's host showed: load, memory, disk, devices and who uses them."""

import msgspec


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A GPU as its driver tells it."""

    index: int
    kind: str = ""
    """Its name, as the driver has it: `NVIDIA A100-SXM4-40GB`."""
    memory_mb: int = 0
    used_mb: int = 0
    foreign_mb: int = 0
    """Held by processes that are not of our attempts; above 0 it is somebody else's."""
    busy_percent: int | None = None


class Sight(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A host at one moment; None: it did not say."""

    at: int
    """When it was asked, UTC microseconds by our clock."""
    load: float | None = None
    """Average of the last minute: processes that run or want to."""
    busy_percent: int | None = None
    """CPU in use over the time since the last look, of all its cores together."""
    memory_free_mb: int | None = None
    """What a new process could have: free or reclaimable."""
    disk_free_mb: int | None = None
    """Where the spool is."""
    devices: tuple[Device, ...] = ()
    round_trip_ms: float | None = None
    drift_ms: int | None = None
    """How far its clock is ahead of ours."""


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one attempt uses of its host, all of its processes together."""

    at: int
    cpu_ms: int
    """CPU time of the processes that live now, since they began."""
    memory_mb: int
    """Resident; shared pages count for each process."""
    processes: int
    gpu_mb: int | None = None
    """Device memory that its processes hold; None: no device is its own."""
