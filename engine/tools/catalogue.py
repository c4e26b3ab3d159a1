"""The catalogue of a process: the tools of the modules that it was told to import."""

import hashlib
import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from engine.tools.frames import Described, Description, Module
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
            return Module(name, source_hash(name), _why(error))
        return Module(name, source_hash(name))

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
            self.tools[value.name] = value
            self._where.setdefault(value.name, module.__name__)

    def _described(self, tool: Tool) -> Description:
        return Description(
            name=tool.name,
            module=self._where[tool.name],
            kind=tool.kind,
            about=tool.arguments.about,
            schema=tool.arguments.schema,
            result=tool.result,
            timeout_ms=tool.timeout_ms,
            cache_ttl_ms=tool.cache_ttl_ms,
        )


def source_hash(name: str) -> str:
    """SHA-256 of a module's source; empty if it has none that can be read."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
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
    return f"{type(error).__name__}: {said}{where}"[:500]
