"""The daemon's own log: one JSON object a line."""

import logging
import sys
from pathlib import Path

import msgspec

from engine.clock import Clock


class JsonLines(logging.Formatter):
    """A record as one line that programs can read and people too."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self._clock.now(),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def log_to(path: Path | None, clock: Clock) -> None:
    """Send the daemon's log to a file, or to standard error if there is none."""
    handler: logging.Handler
    handler = logging.StreamHandler(sys.stderr) if path is None else logging.FileHandler(path)
    handler.setFormatter(JsonLines(clock))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
