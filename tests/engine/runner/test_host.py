"""The host program in Python does what PROTOCOL.md says, verb by verb."""

import os
import platform
from pathlib import Path

import psutil
import pytest

from engine.runner import identity
from engine.runner.host import place
from tests.engine.runner.conftest import MakeProgram
from tests.engine.runner.program import PATH, Program, sh_spec, spec, text
from tests.kit.waiting import wait_until

IDENT, CODE, SIGNAL, WHY, SOFT, OWNER = 4, 5, 6, 7, 8, 9


def test_hello_tells_what_the_host_is(make_program: MakeProgram, root: Path) -> None:
    told = make_program(epoch=None).hello(42)
    assert told["epoch"] == b"42"
    assert told["system"] == platform.system().encode()
    assert told["home"] == os.fsencode(Path.home())
    assert int(told["cpu_milli"]) == len(os.sched_getaffinity(0)) * 1000
    assert int(told["memory_mb"]) == psutil.virtual_memory().total // (1 << 20)
    assert 0 < int(told["storage_mb"]) <= psutil.disk_usage(str(root)).total >> 20
    assert b"group" in told["capabilities"].split(b";")
    assert told["session"].endswith((b"setsid", b"perl"))
    assert told["ident"].count(b"/") == 2
    assert (root / "fence" / "0000000042").is_dir()


def test_a_start_is_on_record_and_its_end_is_told(program: Program) -> None:
    words = program.start("1-1-7", sh_spec("echo out; echo err >&2; exit 3"))
    assert words[:2] == ["1-1-7", "running"]
    assert words[4] == program.hello()["ident"].decode()
    program.wait_ended("1-1-7")
    ended = program.status("1-1-7")
    assert (ended[1], ended[CODE], ended[SIGNAL], ended[WHY]) == ("exited", "3", "-", "-")
    assert (program.log("1-1-7"), program.log("1-1-7", "err")) == (b"out\n", b"err\n")


@pytest.mark.parametrize("script", ["true", "exit 3", "kill -9 $$"])
def test_what_is_told_of_an_end_is_its_status(program: Program, script: str) -> None:
    program.start("1-1-7", sh_spec(script))
    program.wait_ended("1-1-7")
    told, status = program.known["1-1-7"], program.status("1-1-7")
    assert told.pop(IDENT) == program.hello()["ident"].decode()
    told, status = told[:9] + told[11:], status[:IDENT] + status[IDENT + 1 : 10] + status[12:]
    assert told == status


def test_the_same_start_again_is_no_second_one(program: Program) -> None:
    script = sh_spec("echo x >>count; sleep 60", cwd="/")
    first = program.start("1-1-7", sh_spec("sleep 60"))
    again = program.start("1-1-7", script)
    assert again[:4] == first[:4]


def test_two_starts_at_once_have_one_answer_each(program: Program) -> None:
    numbers = [program.ask("start", "1-1-7", 7, 0, sh_spec("sleep 60")) for _ in range(3)]
    pids = [program.answer(number)[0].split(b" ")[2] for number in numbers]
    assert len(set(pids)) == 1


def test_what_cannot_start_says_why(program: Program) -> None:
    ended = program.run("1-1-7", spec("no-such-command"))
    assert ended[WHY] == "nospawn"
    assert " ".join(ended[12:]) == "cannot start no-such-command: No such file or directory"


def test_a_message_with_any_bytes_stays_one_line(program: Program) -> None:
    ended = program.run("1-1-7", spec("true", cwd="/no\nsuch\\c ü"))
    assert " ".join(ended[12:]) == "cannot enter /no such\\c ü: No such file or directory"


def test_status_of_many_and_of_none(program: Program) -> None:
    program.run("1-1-7", spec("true"))
    lines = program.says("status", "1-1-7", "2-1-7")
    assert [line.split(b" ")[:3] for line in lines] == [
        [b"is", b"1-1-7", b"exited"],
        [b"is", b"2-1-7", b"absent"],
        [b"ok"],
    ]
    assert program.says("status") == [b"ok"]


def test_list_tells_all_that_were_not_cleaned_up(program: Program, root: Path) -> None:
    for number in (1, 2):
        program.run(f"{number}-1-7", spec("true"))
    (root / "a" / ".nobody knows").mkdir()
    lines = program.says("list")
    assert [line.split(b" ")[1] for line in lines[:-1]] == [b"1-1-7", b"2-1-7"]


def test_void_is_never_run(program: Program) -> None:
    found, last = program.says("void", 7, "1-1-7")
    assert found.startswith(b"is 1-1-7 void ")
    assert program.start("1-1-7", spec("true"))[1] == "void"
    assert last == b"ok"


def test_stop_ends_a_job_that_does_not_listen(program: Program) -> None:
    script = sh_spec("trap '' TERM; echo ready; sleep 60 & wait; sleep 60")
    program.start("1-1-7", script)
    wait_until(lambda: program.log("1-1-7") == b"ready\n")
    assert program.say("stop", "1-1-7", 7, 100, "TERM").split(b" ")[1] == b"running"
    program.wait_ended("1-1-7")
    ended = program.status("1-1-7")
    assert (ended[SIGNAL], ended[WHY]) == ("9", "stop")


def test_renew_tells_who_lives_and_begins_its_lease_anew(program: Program, root: Path) -> None:
    program.start("1-1-7", spec("sleep", "60", lease_ms=60_000), lease=1)
    program.run("2-1-7", spec("true"))
    before = (root / "a/1-1-7/lease").read_bytes()
    wait_until(lambda: program.say("ping").split(b" ")[1] > before.split(b" ")[0])
    asked = ("1-1-7", "2-1-7", "3-1-7")
    assert program.say("renew", 7, 1, *asked) == b"ok 1-1-7"
    assert (root / "a/1-1-7/lease").read_bytes() == before
    assert program.say("renew", 7, 10**15, *asked) == b"ok 1-1-7"
    after = (root / "a/1-1-7/lease").read_bytes()
    assert int(before.split()[0]) < int(after.split()[0]) <= identity.uptime_ms()


def test_tail_reads_from_any_byte(program: Program) -> None:
    program.run("1-1-7", spec("printf", "0123456789"))
    for offset, limit, wanted in ((3, 4, b"3456"), (-3, 99, b"789"), (50, 5, b"")):
        words = program.say("tail", "1-1-7", "out", offset, limit).split(b" ")
        assert program.data(int(words[4])) == wanted
        assert words[2:4] == [b"10", b"0"]


def test_trim_drops_the_oldest(program: Program) -> None:
    program.run("1-1-7", sh_spec("head -c 100000 /dev/zero"))
    assert int(program.say("trim", "1-1-7", 20_000).split(b" ")[1]) > 80_000
    words = program.say("tail", "1-1-7", "out", 0, 10).split(b" ")
    assert int(words[1]) == int(words[3]) > 80_000
    program.data(int(words[4]))


def test_tidy_keeps_logs_and_gc_does_not(program: Program) -> None:
    program.run("1-1-7", spec("echo", "x"))
    assert program.say("tidy", "1-1-7") == b"ok"
    assert program.status("1-1-7")[1] == "gone"
    assert program.log("1-1-7") == b"x\n"
    assert program.say("gc", "1-1-7", 7) == b"ok"
    assert program.log("1-1-7") == b""


def test_pause_and_resume(program: Program) -> None:
    program.start("1-1-7", spec("sleep", "60"))
    assert program.say("pause", "1-1-7", 7, 0).split(b" ")[SOFT] == b"2"
    assert program.status("1-1-7")[SOFT] == "2"
    assert program.say("resume", "1-1-7", 7).split(b" ")[SOFT] == b"0"


def test_feed_gives_a_job_bytes_of_all_kinds(program: Program) -> None:
    every = bytes(range(256))
    program.start("1-1-7", spec("cat", open_stdin=True))
    assert program.say("feed", "1-1-7", 7, 0, 0, text(every)) == b"ok 256"
    assert program.say("feed", "1-1-7", 7, 1, 0, text(b"")) == b"ok 0"
    program.wait_ended("1-1-7")
    assert program.log("1-1-7") == every


def test_look_and_usage(program: Program) -> None:
    program.start("1-1-7", spec("sleep", "60"))
    word, *pairs = program.say("look").split(b" ")
    keys = {pair.partition(b"=")[0] for pair in pairs}
    assert word == b"ok"
    assert keys >= {b"load", b"memory_free_mb", b"disk_free_mb", b"now_us", b"uptime_ms"}
    found, last = program.says("usage", "1-1-7", "2-1-7")
    use, attempt, _, _, processes, gpu = found.split(b" ")
    assert (use, attempt, gpu, last) == (b"use", b"1-1-7", b"-", b"ok")
    assert int(processes) >= 1


def test_a_job_that_lacked_memory_is_said_to(program: Program) -> None:
    script = sh_spec("echo MemoryError >&2; exit 1", memory_mb=500)
    assert program.run("1-1-7", script)[WHY] == "oom"
    assert program.run("2-1-7", sh_spec("echo MemoryError >&2; exit 1"))[WHY] == "-"
    [_, found, _] = [*program.says("list")[:2], b""]
    assert found.startswith(b"is 2-1-7")


def test_a_watch_tells_at_once_of_what_has_ended(program: Program) -> None:
    program.run("1-1-7", spec("true"))
    program.ended.clear()
    assert program.say("watch", "1-1-7", "2-1-7") == b"ok"
    program.wait_ended("1-1-7")
    program.wait_ended("2-1-7")


def test_an_orphan_is_watched_too(program: Program) -> None:
    words = program.start("1-1-7", spec("sleep", "60"))
    psutil.Process(int(words[OWNER])).kill()
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[1] == "orphan"
    program.ended.clear()
    assert program.say("watch", "1-1-7") == b"ok"
    psutil.Process(int(words[2])).kill()
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[1] == "lost"


def test_the_usual_root_is_below_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert place("-", "me") == tmp_path / ".local/state/crabtui/me"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert place("-", "me") == tmp_path / "xdg/crabtui/me"
    assert place("/some where", "me") == Path("/some where")


def test_jobs_inherit_nothing_of_the_program(program: Program) -> None:
    script = sh_spec("ls -l /proc/self/fd; env", env=(PATH, ("A", "b")))
    program.run("1-1-7", script)
    log = program.log("1-1-7").decode()
    assert "pipe:" not in log.replace("ls", "")
    assert "socket:" not in log


def test_find_sends_only_the_lines_that_have_it(program: Program) -> None:
    script = "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; printf 'Line 77'"
    program.run("1-1-7", sh_spec(script))
    words = program.say("find", "1-1-7", "out", 0, 1 << 20, 1, text(b"line 77")).split(b" ")
    data = program.data(int(words[4]))
    size = int(words[2])
    assert data == b"%d 501\n606 77 7\nline 77%d 500 7\nLine 77" % (size, size - 7)
    assert program.say("find", "1-1-7", "life", 0, 1, 0, b"=").startswith(b"error bad ")
    assert program.say("find", "1-1-7", "out", -1, 1, 0, b"=").startswith(b"error bad ")
