"""Modules that came over a channel: imported from memory, where no file of ours is."""

import sys
from collections.abc import Mapping
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType


class Carried(Loader):
    """Finds and loads modules, and the data beside them, by the paths they had at home."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def find_spec(self, name: str, *_: object) -> "ModuleSpec | None":
        """The spec of a module that was carried; None: it was not."""
        stem = name.replace(".", "/")
        for file, is_package in ((f"{stem}/__init__.py", True), (f"{stem}.py", False)):
            if file in self._files:
                spec = ModuleSpec(name, self, origin=file, is_package=is_package)
                spec.has_location = True
                return spec
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """An ordinary one will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Run its source."""
        file = str(module.__file__)
        exec(compile(self._files[file], file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102

    def get_data(self, path: str) -> bytes:
        """What was in a file. Raises: OSError: it was not carried."""
        if path not in self._files:
            raise FileNotFoundError(path)
        return self._files[path].encode()


def install(files: Mapping[str, str]) -> None:
    """From now on these are imported before all others."""
    sys.meta_path.insert(0, Carried(files))
