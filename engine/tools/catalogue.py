"""The catalogue of a process: the tools of the modules that it was told to import."""

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from engine.tools.frames import Described, Description, Module, frame
from engine.tools.results import plain
from engine.tools.tool import Tool


class Catalogue:
    """Tools by name."""

    def __init__(self) -> None:
        self.tools: dict[str, Tool] = {}
        self._where: dict[str, str] = {}

    def load(self, modules: Sequence[str], path: Sequence[str]) -> Described:
        """Import modules, and take the tools that they have.

        Args:
            modules: By their dotted names; one that fails hurts no other.
            path: Folders that are looked in first.
        """
        sys.path[:0] = [folder for folder in path if folder not in sys.path]
        loaded = [self._load(name) for name in modules]
        told = [self._described(tool) for tool in self.tools.values()]
        return Described(tuple(loaded), tuple(told))

    def _load(self, name: str) -> Module:
        try:
            module = importlib.import_module(name)
            self._take(module)
        except (Exception, SystemExit) as error:  # user code: whatever it does is its own
            return self._told(name, _why(error))
        return self._told(name)

    def _told(self, name: str, error: str = "") -> Module:
        file = source_of(name)
        return Module(name, source_hash(file), error, file)

    def _take(self, module: ModuleType) -> None:
        for value in list(vars(module).values()):
            if not isinstance(value, Tool):
                continue
            known = self.tools.get(value.name)
            if known is not None and known is not value:
                raise ValueError(
                    f"tool {value.name!r} is in {self._where[value.name]} already: name one "
                    "of them otherwise"
                )
            frame(Described((), (self._told_of(value, module.__name__),)))  # can it be told?
            self.tools[value.name] = value
            self._where.setdefault(value.name, module.__name__)

    def _described(self, tool: Tool) -> Description:
        return self._told_of(tool, self._where[tool.name])

    def _told_of(self, tool: Tool, module: str) -> Description:
        return Description(
            name=tool.name,
            module=module,
            kind=tool.kind,
            about=tool.arguments.about,
            schema=tool.arguments.schema,
            result=tool.result,
            timeout_ms=tool.timeout_ms,
            cache_ttl_ms=tool.cache_ttl_ms,
        )


def source_of(name: str) -> str:
    """Where a module's source is, imported or not; empty if there is none."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return ""
    return spec.origin or "" if spec is not None and spec.has_location else ""


def source_hash(file: str) -> str:
    """SHA-256 of a source; empty if it cannot be read."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""
    except OSError:
        return ""


def _why(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in last if "importlib" not in frame.filename]
    where = f" ({own[-1].filename}:{own[-1].lineno})" if len(own) > 2 else ""
    try:
        said = str(error)
    except Exception:  # its own class: it may do anything
        said = ""
    return plain(f"{type(error).__name__}: {said}{where}"[:500])
