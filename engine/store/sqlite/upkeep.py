"""Looking after the files: checkpoints of the log, and room kept for a full disk."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from engine.clock import Clock
from engine.store.sqlite.connection import QUERIES

COMMITS_PER_CHECKPOINT = 200
WAL_BYTES = 16 * 2**20
"""Above this the log is not only copied but also cut."""
BALLAST_BYTES = 4 * 2**20


class Upkeep:
    """Counts commits of the one writer and decides when its files need care."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._wal = f"{path}-wal"
        self._ballast = path.with_name("ballast")
        self._commits = 0
        self._clock = clock
        self.checkpoint_at: int | None = None
        """When the log was last copied into the database."""

    def committed(self, db: sqlite3.Connection) -> None:
        """One more commit is on disk; trouble from here on is not the commit's."""
        self._commits += 1
        if self._commits >= COMMITS_PER_CHECKPOINT or self._wal_bytes() > WAL_BYTES:
            with suppress(sqlite3.Error):
                self.checkpoint(db)

    def checkpoint(self, db: sqlite3.Connection) -> None:
        """Copy the log into the database without waiting for readers; cut it if it is long."""
        self._commits = 0
        long = self._wal_bytes() > WAL_BYTES
        db.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if long else 'PASSIVE'})").fetchall()
        self.checkpoint_at = self._clock.now()
        self.load_ballast()

    def _wal_bytes(self) -> int:
        try:
            return os.stat(self._wal).st_size  # noqa: PTH116 - asked at every commit
        except FileNotFoundError:
            return 0

    def load_ballast(self) -> None:
        """Keep some room that can be given back when the disk is full."""
        if self._ballast.exists():
            return
        try:
            self._ballast.touch(mode=0o600)
            with self._ballast.open("r+b") as file:
                file.write(b"\0" * BALLAST_BYTES)
                os.fsync(file.fileno())
        except OSError:  # no room for it now
            self.drop_ballast()

    def drop_ballast(self) -> None:
        """Give the room back: what is urgent can be written, until somebody cleans up."""
        with suppress(OSError):
            self._ballast.unlink(missing_ok=True)

    def finish(self, db: sqlite3.Connection) -> None:
        """Note that the file was closed in order, and leave no log behind."""
        with suppress(sqlite3.Error):  # it is looked through at the next start instead
            db.execute(QUERIES["set_meta"], {"key": "clean", "value": 1})
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
