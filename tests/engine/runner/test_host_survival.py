"""What happens to jobs, and to what was half said, when a host program or its stream ends."""

import contextlib
import random
import signal
from pathlib import Path

import psutil
import pytest

from tests.engine.runner.conftest import MakeProgram
from tests.engine.runner.program import Program, sh_spec, spec
from tests.kit.waiting import pause, wait_until

OWNER = 9


def waiting_for(file: Path, code: int) -> bytes:
    return sh_spec(f"until [ -e '{file}' ]; do sleep 0.02; done; exit {code}")


def test_half_a_line_starts_nothing(program: Program, root: Path) -> None:
    line = b"9 start 1-1-7 7 0 " + spec("true")
    program.send(line)
    assert program.hang_up() == 0
    assert not (root / "a/1-1-7").exists()


def test_every_cut_of_a_start_starts_nothing(make_program: MakeProgram, root: Path) -> None:
    line = b"9 start 1-1-7 7 0 " + spec("true")
    for end in range(0, len(line), len(line) // 7):
        program = make_program()
        program.send(line[:end])
        assert program.hang_up() == 0
    assert list((root / "a").iterdir()) == []


def test_what_was_asked_before_the_end_is_answered(program: Program) -> None:
    number = program.ask("ping")
    assert program.hang_up() == 0
    assert program.answer(number)[0].startswith(b"ok ")


def test_jobs_go_on_and_the_next_program_tells_their_ends(
    make_program: MakeProgram, tmp_path: Path
) -> None:
    first = make_program()
    words = first.start("1-1-7", waiting_for(tmp_path / "go", 42))
    first.start("2-1-7", spec("true"))
    assert first.hang_up() == 0
    assert psutil.Process(int(words[2])).is_running()
    second = make_program(epoch=8)
    assert second.status("1-1-7")[:4] == words[:4]
    assert second.say("watch", "1-1-7", "2-1-7") == b"ok"
    second.wait_ended("2-1-7")
    (tmp_path / "go").touch()
    second.wait_ended("1-1-7")
    assert second.status("1-1-7")[5] == "42"


def test_a_killed_program_leaves_jobs_alone(make_program: MakeProgram, tmp_path: Path) -> None:
    first = make_program()
    numbers = [
        first.ask("start", f"{n}-1-7", 7, 0, waiting_for(tmp_path / "go", n)) for n in range(20)
    ]
    first.answer(numbers[0])
    first.kill()
    second = make_program(epoch=8)
    names = [f"{n}-1-7" for n in range(20)]
    decided = second.says("void", 8, *names)[:-1]
    ran = [line.split(b" ")[1].decode() for line in decided if b" void " not in line]
    assert "0-1-7" in ran
    second.say("watch", *ran)
    (tmp_path / "go").touch()
    for name in ran:
        second.wait_ended(name)
        assert second.status(name)[5] == name.split("-")[0]


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_nothing_runs_twice_or_is_lost(
    make_program: MakeProgram, tmp_path: Path, seed: int
) -> None:
    """As a controller recovers: what has not started is made void, the rest is waited for."""
    chance = random.Random(seed)
    names = [f"{number}-1-7" for number in range(12)]
    first = make_program()
    lines = [
        f"{number} start {name} 7 0 ".encode() + sh_spec(f"echo x; exit {number}")
        for number, name in enumerate(names)
    ]
    data = b"\n".join(lines) + b"\n"
    first.send(data[: chance.randrange(len(data) // 2, len(data) + 1)])
    pause(chance.random() * 0.1)
    first.kill()
    second = make_program(epoch=8)
    states = {line.split(b" ")[1]: line for line in second.says("void", 8, *names)[:-1]}
    for number, name in enumerate(names):
        if b" void " in states[name.encode()]:
            assert second.log(name) == b""
            continue
        second.say("watch", name)
        if name not in second.ended:
            second.wait_ended(name)
        ended = second.status(name)
        if ended[7] == "fenced":
            assert second.log(name) == b""
        else:
            assert (ended[1], ended[5], second.log(name)) == ("exited", str(number), b"x\n")


def test_no_process_of_an_attempt_holds_the_channel(program: Program) -> None:
    words = program.start("1-1-7", spec("sleep", "60"))
    channel = {Path(f"/proc/{program.pid}/fd/{fd}").readlink() for fd in (0, 1, 2)}
    for pid in (words[2], words[OWNER]):
        assert not held_by(pid) & channel


def held_by(pid: str) -> set[Path]:
    """What a process has open; what it closes meanwhile is left out."""
    held = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held.add(entry.readlink())
    return held


def test_the_end_is_seen_by_who_reads_the_stream(program: Program) -> None:
    """It would not be, if a job had the stream open too."""
    program.start("1-1-7", spec("sleep", "60"))
    program.hang_up()
    assert program.complaints() == b""


def test_the_older_of_two_programs_is_stale(make_program: MakeProgram, root: Path) -> None:
    older, newer = make_program(epoch=7), make_program(epoch=8)
    older_said = older.say("start", "1-1-7", 7, 0, spec("true"))
    assert older_said == b"error stale 8 epoch 7 is over: epoch 8 has been here"
    assert not (root / "a/1-1-7").exists()
    assert newer.run("1-1-8", spec("true"), epoch=8)[1] == "exited"


def test_two_programs_tell_of_one_end(make_program: MakeProgram, tmp_path: Path) -> None:
    verbs, logs = make_program(), make_program(epoch=None)
    verbs.start("1-1-7", waiting_for(tmp_path / "go", 0))
    assert logs.say("watch", "1-1-7") == b"ok"
    (tmp_path / "go").touch()
    verbs.wait_ended("1-1-7")
    logs.wait_ended("1-1-7")


def test_a_signal_that_it_was_told_to_ignore_is_not_ignored_by_jobs(
    make_program: MakeProgram,
) -> None:
    def deaf() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    program = make_program(preexec_fn=deaf)
    program.start("1-1-7", spec("sleep", "60"))
    program.say("stop", "1-1-7", 7, 60_000, "TERM")
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[6] == "15"


def test_nothing_is_left_of_it_but_the_spool(program: Program) -> None:
    assert program.run("1-1-7", spec("true"))[1] == "exited"
    children = psutil.Process(program.pid).children(recursive=True)
    assert children == []
    program.hang_up()
    wait_until(lambda: not psutil.pid_exists(program.pid))
