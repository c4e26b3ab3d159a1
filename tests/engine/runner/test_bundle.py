"""What is sent to a host is whole, small, always the same, and old Pythons understand it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runner import bundle
from engine.runner.spool import SCRIPTS
from tests.engine.runner.program import Program, spec

MOST_BYTES = 72_000

_NEWER_THAN_3_10 = {
    "StrEnum", "Self", "Never", "LiteralString", "assert_never", "override", "batched",
    "TaskGroup", "ExceptionGroup", "tomllib", "file_digest", "UTC", "reveal_type",
}  # fmt: skip


def test_it_is_small_and_always_the_same() -> None:
    program = bundle.python_program()
    assert len(program) < MOST_BYTES
    bundle.python_program.cache_clear()
    assert bundle.python_program() == program
    assert program.isascii()


def test_the_reader_can_be_a_word_of_sh() -> None:
    assert not set(bundle.READER) & set("'\\\n!")


@pytest.mark.parametrize("name", [*bundle.needed("host"), "carried"])
def test_python_3_10_reads_it(name: str) -> None:
    source = (Path(bundle.__file__).parent / f"{name}.py").read_text()
    tree = ast.parse(source, feature_version=(3, 10))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.name for alias in node.names}
    assert not names & _NEWER_THAN_3_10


def test_only_the_standard_library_is_imported() -> None:
    for name in bundle.needed("host"):
        tree = ast.parse((Path(bundle.__file__).parent / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                roots = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                roots = {(node.module or "").split(".")[0]}
            else:
                continue
            assert roots <= {*sys.stdlib_module_names, "engine"}, (name, roots)


def test_it_needs_no_file_of_ours(tmp_path: Path) -> None:
    """It runs from nowhere, and installs the very scripts that are here."""
    program = Program(tmp_path / "spool", cwd="/", env={})
    program.hello()
    [scripts] = (tmp_path / "spool").glob("sh-*")
    home = Path(bundle.__file__).parent
    assert sorted(path.name for path in scripts.iterdir()) == sorted(SCRIPTS)
    for name in SCRIPTS:
        assert (scripts / name).read_bytes() == (home / name).read_bytes()
    assert program.run("1-1-7", spec("true"))[5] == "0"
    program.close()


def test_half_a_program_does_nothing(tmp_path: Path) -> None:
    program = bundle.python_program()
    done = subprocess.run(
        [sys.executable, "-I", "-c", bundle.READER, str(len(program)), str(tmp_path / "spool")],
        input=program[:-1],
        capture_output=True,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"the program was cut off\n"
    assert not (tmp_path / "spool").exists()


def test_the_size_may_come_on_a_line(tmp_path: Path) -> None:
    program = bundle.python_program()
    done = subprocess.run(
        [sys.executable, "-I", "-c", bundle.READER, str(tmp_path / "spool"), "main"],
        input=b"python %d\n%s" % (len(program), program),
        capture_output=True,
    )
    assert (done.returncode, done.stdout) == (0, b"crab-1 ready python\n")
