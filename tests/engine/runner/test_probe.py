"""The first script on a host: finds out who can answer there, and becomes it."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backends.hosting import COMMAND
from engine.runner.bundle import READER, python_program
from tests.engine.runner.sh_program import PROBE, SHELLS, assigned

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def probe(
    shell: str, root: Path, program: bytes, *, python: str, path: str
) -> tuple[bytes, bytes]:
    """What is said on standard output and on standard error, until the stream ends."""
    said = {"crab_root": str(root), "crab_controller": "me", "crab_python": python}
    text = assigned(said | {"crab_reader": READER}) + PROBE.read_bytes()
    command = shlex.split(COMMAND)[2].replace("/usr/bin:/bin:", "")
    process = subprocess.Popen(
        [*shlex.split(shell), "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env={"PATH": path, "HOME": str(root)},
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"%d\n%s" % (len(text), text))
    told = b""
    while (line := process.stdout.readline()) and b" has " not in line:
        told += line
    rest, complaints = process.communicate(program, timeout=90)
    return (told + line + rest).lstrip(b"\n"), complaints


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    """A folder that is all of PATH, with what every host has."""
    made = tmp_path / "bin"
    made.mkdir()
    for name in ("head", "cat"):
        (made / name).symlink_to(shutil.which(name) or "")
    return made


def fake(file: Path, answer: str) -> None:
    file.write_text(f"#!/bin/sh\n{answer}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("shell", SHELLS)
def test_python_is_found_and_answers(shell: str, tmp_path: Path) -> None:
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"{shell} is not installed")
    program = python_program()
    sent = b"python %d\n%s" % (len(program), program)
    command = f"{found} sh" if shell == "busybox" else found
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    told, complaints = probe(command, tmp_path, sent, python=sys.executable, path=path)
    assert told.splitlines() == [
        b"crab-1 boot",
        f"crab-1 has python {VERSION} {sys.executable}".encode(),
        b"crab-1 ready python",
    ]
    assert complaints == b""


def test_one_that_is_too_old_or_broken_is_passed_over(tmp_path: Path, bin_: Path) -> None:
    fake(bin_ / "python3", "exit 1")
    fake(bin_ / "python3.12", "echo 3.12")
    told, _ = probe("/bin/sh", tmp_path, b"", python="auto", path=str(bin_))
    assert told.splitlines() == [
        b"crab-1 boot",
        b"crab-1 has python 3.12 %s/python3.12" % bytes(bin_),
    ]


def test_none_is_looked_for_if_none_is_wanted(tmp_path: Path) -> None:
    told, _ = probe("/bin/sh", tmp_path, b"", python="no", path="/usr/bin:/bin")
    assert told.splitlines() == [b"crab-1 boot", b"crab-1 has sh"]


def test_one_that_was_asked_for_and_is_not_there_is_named(tmp_path: Path) -> None:
    told, complaints = probe(
        "/bin/sh", tmp_path, b"", python="/no/python", path="/usr/bin:/bin"
    )
    assert told.splitlines() == [b"crab-1 boot"]
    assert complaints == b"/no/python is no Python 3.10 or later here\n"


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        (b"", b""),
        (b"sh 10\nexit", b""),
        (b"sh x\n", b"no size of a program: sh x\n"),
        (b"sh\n", b"no size of a program: sh \n"),
        (b"perl 4\nexit", b"no program is called perl\n"),
    ],
)
def test_half_a_program_is_not_run(tmp_path: Path, program: bytes, complaint: bytes) -> None:
    told, complaints = probe("/bin/sh", tmp_path, program, python="no", path="/usr/bin:/bin")
    assert told.splitlines() == [b"crab-1 boot", b"crab-1 has sh"]
    assert complaints == complaint
