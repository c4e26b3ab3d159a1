"""How much the daemon itself takes: its memory, and its database's log of writes."""

import psutil

from engine.config import Settings


def rss_bytes() -> int:
    """Resident memory of this process."""
    return int(psutil.Process().memory_info().rss)


def wal_bytes(settings: Settings) -> int:
    """Size of the write-ahead log; 0 if there is none."""
    wal = settings.database.with_name(settings.database.name + "-wal")
    try:
        return wal.stat().st_size
    except FileNotFoundError:
        return 0
