"""Folders of what calls have written; most have none, for most write nothing."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.backends.protocol import Chunk
from engine.errors import InvalidSpec
from engine.runner import log_search, logs
from engine.runner.faults import BadRequestError
from engine.runner.log_search import Found, Wanted

STRAY_BYTES: Final = 4 << 20
"""The most that is kept of what belongs to no call, about."""


class Folders:
    """One folder for each attempt, named as it is."""

    def __init__(self, root: Path) -> None:
        self._root = root / "logs"

    def of(self, attempt: str) -> str:
        """Where an attempt writes `out` and `err`."""
        return f"{self._root}/{attempt}"

    def tail(self, attempt: str, stream: str, offset: int, limit: int) -> Chunk:
        """As `Backend.tail`."""
        try:
            piece = logs.read_piece(Path(self.of(attempt)), stream, offset, limit)
        except BadRequestError as error:
            raise InvalidSpec(str(error)) from error
        return Chunk(
            data=piece.data, offset=piece.offset, size=piece.size, dropped=piece.dropped
        )

    def find(
        self, attempt: str, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        """As `Backend.find`."""
        return log_search.search(Path(self.of(attempt)), stream, offset, length, wanted)

    def trim(self, attempt: str, cap_bytes: int) -> int:
        """As `Backend.trim_logs`."""
        folder = Path(self.of(attempt))
        return sum(logs.trim(folder, stream, cap_bytes) for stream in logs.STREAMS)

    def over(self, caps: Mapping[str, int]) -> list[str]:
        """Attempts of which a log is larger than they may have, in bytes."""
        return [attempt for attempt, cap in caps.items() if self._largest(attempt) > cap]

    def _largest(self, attempt: str) -> int:
        largest = 0
        for stream in logs.STREAMS:
            with suppress(OSError):
                largest = max(largest, Path(self.of(attempt), stream).stat().st_size)
        return largest

    def tidy(self, attempts: Sequence[str]) -> None:
        """Remove logs that are empty."""
        for attempt in attempts:
            self._tidy(Path(self.of(attempt)))

    def _tidy(self, folder: Path) -> None:
        try:
            folder.rmdir()
        except FileNotFoundError:  # it has written nothing, as most do
            return
        except OSError:
            pass
        else:
            return
        for stream in logs.STREAMS:
            with suppress(OSError):
                if (folder / stream).stat().st_size == 0:
                    (folder / stream).unlink()
        with suppress(OSError):
            folder.rmdir()

    def forget(self, attempt: str) -> None:
        """Remove all logs of an attempt."""
        shutil.rmtree(self.of(attempt), ignore_errors=True)


def cut_stray(file: Path) -> None:
    """Begin the file anew that takes what belongs to no call, once it is large."""
    with suppress(FileNotFoundError):
        if file.stat().st_size > STRAY_BYTES:
            os.truncate(file, 0)
