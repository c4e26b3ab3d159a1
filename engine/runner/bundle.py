"""The host program as the bytes that are sent to a host: everything it needs, and a start."""

import ast
import base64
import json
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.runner.spool import SCRIPTS

READER = (
    "import sys;a=sys.argv;f=open(0,'rb',closefd=False);"
    "n=int(a.pop(1)if a[1:]and a[1].isdigit()else f.readline().split()[1]);"
    "p=f.read(n);len(p)==n or sys.exit('the program was cut off');"
    "exec(compile(p,'crabtui','exec'))"
).replace("'", '"')
"""What `python3 -I -u -c` is given there, then `[SIZE] ROOT CONTROLLER`: it reads SIZE bytes of
a program from standard input and runs it. Without SIZE it reads a line `python SIZE` first.
It has no single quotes, no backslashes and no newlines.
"""

_HOME = Path(__file__).parent
_PACKAGE = "engine/runner"
_ENTRY = "host"
_START = """
import base64, json, zlib
install(json.loads(zlib.decompress(base64.b85decode("{packed}"))))
from engine.runner.host import main
main(*sys.argv[1:])
"""


@cache
def python_program() -> bytes:
    """Source of one file, the same bytes each time, that is the host program when run."""
    text = json.dumps(_files(), sort_keys=True)
    packed = base64.b85encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")
    carried = (_HOME / "carried.py").read_text(encoding="utf-8")
    return (carried + _START.replace("{packed}", packed)).encode("utf-8")


def _files() -> dict[str, str]:
    """What is carried, by path. The engine around the runner is not."""
    carried = [f"{name}.py" for name in needed(_ENTRY)] + list(SCRIPTS)
    files = {f"{_PACKAGE}/{name}": (_HOME / name).read_text("utf-8") for name in carried}
    return files | {"engine/__init__.py": "", f"{_PACKAGE}/__init__.py": ""}


def needed(module: str) -> list[str]:
    """A module of the runner and all others that it imports, each once, by name."""
    found = {module}
    new = [module]
    while new:
        source = (_HOME / f"{new.pop()}.py").read_text(encoding="utf-8")
        imported = set(_imported(ast.parse(source))) - found
        found |= imported
        new += imported
    return sorted(found)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        if node.module == "engine.runner":
            yield from (alias.name for alias in node.names)
        elif node.module.startswith("engine.runner."):
            yield node.module.removeprefix("engine.runner.")
