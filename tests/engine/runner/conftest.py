"""Host programs that are gone after each test, and with them what they started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.runner.program import Program
from tests.kit.processes import end_all

MakeProgram = Callable[..., Program]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def make_program(root: Path, tmp_path: Path) -> Iterator[MakeProgram]:
    made: list[Program] = []

    def make(*words: str, epoch: int | None = 7, **options: object) -> Program:
        program = Program(root, *words, **options)
        made.append(program)
        if epoch is not None:
            program.hello(epoch)
        return program

    yield make
    for program in made:
        program.close()
    end_all(tmp_path)


@pytest.fixture
def program(make_program: MakeProgram) -> Program:
    return make_program()
