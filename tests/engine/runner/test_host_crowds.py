"""Hundreds of requests in one write, and a controller that does not listen for a while."""

import resource
import subprocess
from pathlib import Path

import pytest

from engine.runner import exits
from engine.runner.host_ends import Ends
from tests.engine.runner.conftest import MakeProgram
from tests.engine.runner.program import Program, spec, text
from tests.kit.waiting import wait_until


def test_two_hundred_starts_in_one_write(program: Program) -> None:
    script = spec("true")
    names = [f"{number}-1-7" for number in range(200)]
    lines = [
        b"%d start %s 7 0 %s\n" % (n, name.encode(), script) for n, name in enumerate(names)
    ]
    program.send(b"".join(lines))
    answers = [program.told() for _ in names]
    assert sorted(int(line.split(b" ")[0]) for line in answers) == list(range(200))
    assert {line.split(b" ")[2] for line in answers} <= {b"running", b"exited"}
    for name in names:
        program.wait_ended(name)
    ends = program.says("status", *names)
    assert [line.split(b" ")[6] for line in ends[:-1]] == [b"0"] * 200
    assert len(program.ended) == 200


def test_starts_do_not_wait_for_each_other(
    program: Program, root: Path, tmp_path: Path
) -> None:
    """One supervisor is held up; all others answer, and so do other verbs."""
    [supervisor] = root.glob("sh-*/supervisor.sh")
    held = (
        f"""[ "${{1##*/}}" != 0-1-7 ] || until [ -e '{tmp_path}/go' ]; do sleep 0.02; done\n"""
    )
    supervisor.write_text(held + supervisor.read_text())
    numbers = [
        program.ask("start", f"{number}-1-7", 7, 0, spec("true")) for number in range(10)
    ]
    answered = {int(program.told().split(b" ")[0]) for _ in range(9)}
    assert answered == set(numbers[1:])
    assert program.say("ping").startswith(b"ok ")
    (tmp_path / "go").touch()
    assert program.answer(numbers[0])[0].startswith(b"0-1-7 ")


def test_ends_come_between_answers(program: Program) -> None:
    program.start("1-1-7", spec("true"))
    program.send(b"".join(b"%d ping\n" % number for number in range(5000)))
    numbers = [int(program.told().split(b" ")[0]) for _ in range(5000)]
    assert numbers == list(range(5000))
    program.wait_ended("1-1-7")


def test_a_controller_that_does_not_listen_is_waited_for(program: Program) -> None:
    """It gets every byte when it listens again, far more than a pipe holds."""
    size = 100_000
    program.run("1-1-7", spec("head", "-c", str(size), "/dev/zero"))
    asked = 300
    lines = [b"%d tail 1-1-7 out 0 %d\n" % (number, size) for number in range(asked)]
    program.send(b"".join(lines))
    for number in range(asked):
        assert program.told() == b"%d data 0 %d 0 %d" % (number, size, size)
        assert program.data(size) == bytes(size)


def test_more_jobs_than_it_may_open_files(make_program: MakeProgram) -> None:
    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (70, 70))

    program = make_program(preexec_fn=few_files)
    names = [f"{number}-1-7" for number in range(30)]
    for name in names:
        assert program.start(name, spec("sleep", "60"))[1] == "running"
    for name in names:
        program.say("stop", name, 7, 0, "KILL")
    for name in names:
        program.wait_ended(name)


def test_where_the_kernel_does_not_tell_of_ends_they_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_pidfd(pid: int) -> int:
        raise OSError("Function not implemented")

    monkeypatch.setattr(exits.os, "pidfd_open", no_pidfd)
    ended: list[int] = []
    ends = Ends()
    assert ends.wait_s is None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert ends.watch(child.pid, exits.ours, lambda: ended.append(child.pid))
        ends.look_if_due()
        assert ended == []
        assert ends.wait_s is not None
        child.kill()
        wait_until(lambda: ends.look_if_due() or ended)
        assert ended == [child.pid]
        assert ends.wait_s is None
        assert not ends.watch(child.pid, exits.ours, lambda: ended.append(0))
        child.returncode = -9  # it was reaped already


def test_a_long_request_in_many_pieces(program: Program) -> None:
    data = b"printf %s " + b"x" * 3_000_000
    line = (
        b"5 start 1-1-7 7 0 " + text(b"#crab grace=1\n#crab command x\nexit 0 #" + data) + b"\n"
    )
    for begin in range(0, len(line), 70_001):
        program.send(line[begin : begin + 70_001])
    assert program.told().startswith(b"5 1-1-7 ")
    program.wait_ended("1-1-7")
