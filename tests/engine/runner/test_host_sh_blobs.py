"""Blobs come in piece by piece, under every shell that may be a host's /bin/sh."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.texts import to_sh
from tests.engine.runner.sh_program import SHELLS, ShProgram
from tests.kit.processes import end_all

DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=SHELLS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ShProgram]:
    found = shutil.which(request.param)
    if not found:
        pytest.skip(f"{request.param} is not installed")
    link = tmp_path / ("sh" if request.param == "busybox" else request.param)
    link.symlink_to(found)
    program = ShProgram(tmp_path / 'it\'s a "root"', str(link))
    program.hello()
    yield program
    program.close()
    end_all(tmp_path)


def put(program: ShProgram, offset: int, data: bytes, sha: str = SHA) -> str:
    return program.say("put", sha, len(DATA), offset, to_sh(data)).decode()


def test_pieces_in_and_out_of_order(program: ShProgram, tmp_path: Path) -> None:
    assert put(program, 0, b"") == "ok 0"
    assert put(program, 0, DATA[:4000]) == "ok 4000"
    assert put(program, 0, DATA[:4000]) == "ok 4000"
    assert put(program, 9000, DATA[9000:]) == "ok 4000"
    assert put(program, 4000, DATA[4000:]) == f"ok {len(DATA)}"
    assert put(program, 0, b"") == f"ok {len(DATA)}"
    blobs = tmp_path / 'it\'s a "root"' / "blobs"
    assert [file.read_bytes() for file in blobs.iterdir()] == [DATA]


def test_what_is_something_else_begins_anew(program: ShProgram) -> None:
    assert put(program, 0, DATA[::-1]) == f"error bad what came is not {SHA}"
    assert put(program, 0, b"") == "ok 0"
    assert put(program, 0, DATA) == f"ok {len(DATA)}"


@pytest.mark.parametrize("sha", ["x", "../../x", SHA[:-1], SHA.upper()])
def test_what_is_no_name_is_refused(program: ShProgram, sha: str) -> None:
    assert put(program, 0, b"a", sha).startswith("error bad ")
