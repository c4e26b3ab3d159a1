"""The toolbox: what pools have said of their tools, kept for submissions and over restarts."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from engine.tools.frames import Described, Module

log = logging.getLogger(__name__)

_SCHEMA: Final = 1


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    schema: int
    workers: dict[str, Described]


class Toolbox:
    """Descriptions by worker. What a file tells holds until the pool has told it anew."""

    def __init__(self, file: Path | None = None) -> None:
        """Read what was kept; nothing is lost if it cannot be read.

        Args:
            file: Where descriptions are kept; None: nowhere.
        """
        self._file = file
        self._told: dict[str, Described] = {}
        self.fresh: set[str] = set()
        """Workers whose pools have told it since the daemon began."""
        self.ahead: dict[str, Mapping[str, tuple[int, int]]] = {}
        """By worker and dimension: places, and how many calls its pool takes beyond those."""
        if file is not None:
            self._told = _read(file)

    def put(self, worker: str, told: Described) -> None:
        """A worker's pool has described its tools."""
        is_new = self._told.get(worker) != told
        self._told[worker] = told
        self.fresh.add(worker)
        if is_new and self._file is not None:
            self._write(self._file)

    @property
    def told(self) -> Mapping[str, Described]:
        """All of it, by worker; those that are gone included."""
        return self._told

    def modules(self) -> Mapping[str, tuple[Module, ...]]:
        """The modules of each worker, with what is wrong with them."""
        return {worker: told.modules for worker, told in self._told.items()}

    def _write(self, file: Path) -> None:
        kept = _Kept(schema=_SCHEMA, workers=self._told)
        staged = file.with_name(f"{file.name}.new")
        try:
            staged.write_bytes(msgspec.json.encode(kept))
            staged.replace(file)
        except OSError as error:
            log.warning("descriptions of tools are not kept: %s", error)


def _read(file: Path) -> dict[str, Described]:
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("%s is not read: %s", file, error)
        return {}
    return kept.workers if kept.schema == _SCHEMA else {}
