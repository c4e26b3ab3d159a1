"""Run benches by name, or all, and print one JSON document."""

import argparse
import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import tests.bench
from tests.bench.figures import machine


def main() -> int:
    """Measure what was asked for; progress goes to stderr, figures to stdout."""
    known = dict(benches())
    names = _asked_for(known)
    figures = {name: _run(name, known[name]) for name in names}
    result = {"machine": machine(), "benches": figures}
    json.dump(result, sys.stdout, indent=2)
    print()
    return int(any("error" in found for found in figures.values()))


def benches() -> Iterator[tuple[str, ModuleType]]:
    """Every module here that has something to measure, by name."""
    for found in pkgutil.iter_modules(tests.bench.__path__):
        if found.name.startswith("__"):
            continue
        module = importlib.import_module(f"tests.bench.{found.name}")
        if hasattr(module, "measure"):
            yield found.name, module


def _asked_for(known: Iterable[str]) -> list[str]:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(sorted(known)))
    names: list[str] = parser.parse_args().names
    for name in names:
        if name not in known:
            parser.error(f"no bench {name!r}; there are {', '.join(sorted(known))}")
    return names or sorted(known)


def _run(name: str, bench: ModuleType) -> Any:
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    try:
        return bench.measure()
    except Exception as broken:  # the others are still worth their time
        traceback.print_exc()
        return {"error": f"{type(broken).__name__}: {broken}"}


if __name__ == "__main__":
    sys.exit(main())
