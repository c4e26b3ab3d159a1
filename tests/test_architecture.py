"""What the layout promises, checked on the source itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("crabtui/**/*.py")])
HOMELESS = {"utils", "util", "common", "helpers", "helper", "misc", "base", "core", "manager"}
TOP_LEVEL = {
    "pyproject.toml", "README.md", "LICENSE", "crabtui", "engine", "tests", "screenshots",
}  # fmt: skip
LINES = 400
LEFTOVERS = {"build", "dist", "snapshot_report.html", "crabtui.egg-info"}


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a module; each is read once, however many rules it has to keep."""
    return tuple(ast.walk(ast.parse(path.read_text())))


@pytest.fixture(scope="module", autouse=True)
def _forget_what_was_read() -> Iterator[None]:
    yield
    nodes.cache_clear()


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at whatever depth."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield str(node.module)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


HEAVY = {"aiosqlite", "sqlite3", "asyncssh", "textual", "rich", "psutil", "yaml", "click"}


@pytest.mark.parametrize(
    "module", ["engine", "engine.control.client", "engine.control.blocking"]
)
def test_a_client_loads_no_driver(module: str) -> None:
    assert not loaded_by(f"import {module}") & HEAVY


def test_a_blocking_client_loads_no_event_loop() -> None:
    assert not loaded_by("import engine.control.blocking") & {"asyncio", "ssl"}


def test_a_command_line_loads_no_console() -> None:
    loaded = loaded_by("import crabtui.__main__, crabtui.cli.frame.root, crabtui.cli.submit")
    assert not loaded & {"textual", "rich", "asyncio", "aiosqlite", "asyncssh", "psutil"}


def test_the_runner_needs_the_standard_library_alone() -> None:
    foreign = [
        f"{named(path)}: {module}"
        for path in ROOT.glob("engine/runner/**/*.py")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not module.startswith("engine.runner")
    ]
    assert not foreign


def test_a_module_says_what_it_is_in_a_sentence() -> None:
    silent = [
        named(path) for path in SOURCES if not _first_sentence(path).endswith((".", ":", "?"))
    ]
    assert not silent


def _first_sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return text.partition("\n\n")[0].strip()


def test_no_name_says_that_it_has_no_home() -> None:
    homeless = [
        named(path) for path in SOURCES if {path.stem, *path.relative_to(ROOT).parts} & HOMELESS
    ]
    assert not homeless


def test_a_file_fits_in_a_head() -> None:
    long = [named(path) for path in SOURCES if len(path.read_text().splitlines()) > LINES]
    assert not long


def test_nobody_trusts_an_unknown_host() -> None:
    careless = [
        named(path)
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.keyword)
        and node.arg == "known_hosts"
        and isinstance(node.value, ast.Constant)
        and node.value.value is None
    ]
    assert not careless


def test_no_process_by_preexec_or_shell() -> None:
    """`preexec_fn` costs a fork and may deadlock; a shell needs words that it may split."""
    found = [
        f"{named(path)}: {node.arg}"
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.keyword)
        and (
            node.arg == "preexec_fn"
            or (node.arg == "shell" and getattr(node.value, "value", None) is True)
        )
    ]
    assert not found


def test_nobody_uses_what_textual_keeps_to_itself() -> None:
    """A private module or attribute of Textual may change with any release."""
    modules = [
        f"{named(path)}: {module}"
        for path in SOURCES
        for module in imports(path)
        if module.startswith(("textual.", "rich.")) and "._" in module
    ]
    attributes = [
        f"{named(path)}: {name}" for path in SOURCES for name in _foreign_private_names(path)
    ]
    assert not modules + attributes


def _foreign_private_names(path: Path) -> Iterator[str]:
    """Private attributes taken from `self.app`, `self.screen` or a Textual class's self."""
    for node in nodes(path):
        if not isinstance(node, ast.Attribute) or not _is_private(node.attr):
            continue
        owner = node.value
        if isinstance(owner, ast.Attribute) and owner.attr in {"app", "screen", "parent"}:
            yield f"{owner.attr}.{node.attr}"


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_only_one_module_imports_the_daemon() -> None:
    importers = {
        named(path)
        for path in ROOT.glob("crabtui/**/*.py")
        if any(module.startswith("engine.daemon") for module in imports(path))
    }
    assert importers == {"crabtui/cli/daemon.py"}


def test_tests_do_not_sleep() -> None:
    sleepers = [
        named(path)
        for path in ROOT.glob("tests/**/*.py")
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep"}
        and ast.unparse(node.args[0]) != "0"
    ]
    assert not sleepers


def test_tests_do_not_mock() -> None:
    mockers = [
        named(path)
        for path in ROOT.glob("tests/**/*.py")
        if any(module.startswith("unittest.mock") for module in imports(path))
    ]
    assert not mockers


def test_the_top_level_holds_what_it_says() -> None:
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert there - LEFTOVERS == TOP_LEVEL


def test_every_package_is_marked() -> None:
    unmarked = {
        str(path.parent.relative_to(ROOT))
        for path in SOURCES
        if not (path.parent / "__init__.py").exists()
    }
    assert not unmarked


FIRST = """
import importlib, sys
for module in sys.argv[1:]:
    for loaded in [name for name in sys.modules if name.partition(".")[0] == "engine"]:
        del sys.modules[loaded]
    importlib.import_module(module)
"""


def test_each_part_of_the_model_can_be_imported_first() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in ROOT.glob("engine/model/**/*.py")
    ]
    command = [sys.executable, "-c", FIRST, *modules]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert not done.returncode, done.stderr
