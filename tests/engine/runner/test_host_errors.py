"""Every error has its kind and its sentence, and no request upsets the next one."""

import os
from pathlib import Path

import pytest

from tests.engine.runner.conftest import MakeProgram
from tests.engine.runner.program import Program, sh_spec, spec, text


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ("nonsense", "'nonsense' is no verb"),
        ("__init__", "'__init__' is no verb"),
        ("hello", "it takes 1 words, not 0"),
        ("hello x", "'x' is no number"),
        ("hello -1", "'-1' is negative"),
        ("hello 0", "epoch 0 is not between 1 and 9999999999"),
        ("hello 1_0", "'1_0' is no number"),
        ("hello 99999999999", "epoch 99999999999 is not between"),
        ("ping ping", "it takes 0 words, not 1"),
        ("ping ", "it takes 0 words, not 1"),
        ("status ../x", "'../x' is not an attempt id"),
        ("status 1-1-7  2-1-7", "'' is not an attempt id"),
        ("status \xff", "is not an attempt id"),
        ("start 1-1-7 7 2 =", "'2' is neither 0 nor 1"),
        ("start 1-1-7 7 0 a", "a text that is no base64"),
        ("start 1-1-7 7 0 $(x)", "a text that is no base64"),
        ("start 1-1-7 7 0", "it takes 4 words, not 3"),
        ("start a/b 7 0 =", "'a/b' is not an attempt id"),
        ("stop 1-1-7 7 100 STOP", "'STOP' is no signal: one of TERM, "),
        ("stop 1-1-7 7 100 TERM;x", "'TERM;x' is no signal"),
        ("tail 1-1-7 ../../secret 0 1", "'../../secret' is no log"),
        ("tail 1-1-7 out 0 -1", "'-1' is negative"),
        ("pause 1-1-7 7 0", "attempt 1-1-7 is absent"),
        ("feed 1-1-7 7 0 1 =", "attempt 1-1-7 is absent"),
    ],
)
def test_bad(program: Program, request_: str, wanted: str) -> None:
    said = program.say(request_.encode("latin-1")).decode()
    assert said.startswith("error bad ")
    assert wanted in said
    assert program.say("ping").startswith(b"ok ")


@pytest.mark.parametrize(
    "line", [b"", b" ", b"x", b"\0\xff\x1b[2J", b"hello 7", b"-1 ping", b"7"]
)
def test_what_is_no_request_is_refused_under_the_number_0(
    program: Program, line: bytes
) -> None:
    program.send(line + b"\n")
    number, _, said = program.told().partition(b" ")
    assert said.startswith(b"error bad ")
    assert number == (b"7" if line == b"7" else b"0")
    assert program.say("ping").startswith(b"ok ")


@pytest.mark.parametrize(
    "request_",
    ["hello 6", "start 1-1-6 6 0 =", "void 6 1-1-6", "stop 1-1-7 6 0 TERM", "renew 6 0 1-1-7",
     "gc 1-1-7 6", "pause 1-1-7 6 0", "resume 1-1-7 6", "feed 1-1-7 6 0 1 ="],
)  # fmt: skip
def test_stale(program: Program, root: Path, request_: str) -> None:
    program.start("1-1-7", spec("sleep", "60", open_stdin=True))
    said = program.say(request_)
    assert said == b"error stale 7 epoch 6 is over: epoch 7 has been here"
    assert program.status("1-1-7")[1] == "running"
    assert not (root / "a/1-1-6").exists()


@pytest.mark.parametrize(
    "request_",
    ["void 99 1-1-7", "stop 1-1-7 99 0 TERM", "renew 99 0 1-1-7", "gc 1-1-7 99",
     "pause 1-1-7 99 0", "resume 1-1-7 99", "feed 1-1-7 99 0 1 ="],
)  # fmt: skip
def test_only_hello_and_start_shut_others_out(
    program: Program, root: Path, request_: str
) -> None:
    program.start("1-1-7", spec("sleep", "60", open_stdin=True))
    assert not program.says(request_)[-1].startswith(b"error")
    assert [fence.name for fence in (root / "fence").iterdir()] == ["0000000007"]


def test_who_may_not_start_anything_shuts_nobody_out(
    make_program: MakeProgram, root: Path
) -> None:
    make_program()
    limited = make_program("main", "hello,renew", epoch=None)
    assert limited.hello(9999999999)["epoch"] == b"7"
    assert limited.say("hello", 6).startswith(b"error stale 7 ")
    assert [fence.name for fence in (root / "fence").iterdir()] == ["0000000007"]
    make_program("main", "hello,start", epoch=8)
    assert [fence.name for fence in (root / "fence").iterdir()] == ["0000000008"]


@pytest.mark.parametrize("junk", [b"", b" .\n", b"x .\n", b"1 .\n2 .\n", b"\xff 1"])
def test_a_lease_that_makes_no_sense_begins_anew(
    program: Program, root: Path, junk: bytes
) -> None:
    program.start("1-1-7", spec("sleep", "60", soft_ms=60_000, lease_ms=60_000), lease=1)
    lease = root / "a" / "1-1-7" / "lease"
    lease.write_bytes(junk)
    at_ms = int(program.say("ping").split(b" ")[1])
    assert program.say("renew", 7, at_ms, "1-1-7") == b"ok 1-1-7"
    assert lease.read_bytes() == b"%d .\n" % at_ms


def test_what_nobody_foresaw_in_one_request_ends_no_conversation(
    program: Program, root: Path
) -> None:
    program.start("1-1-7", spec("sleep", "60"))
    (root / "a" / "1-1-7" / "out.base").write_bytes(b"x .\n")
    assert program.say("tail", "1-1-7", "out", 0, 10).startswith(b"error bad ")
    assert program.say("ping").startswith(b"ok ")


def test_verbs_that_are_none_allow_nothing(make_program: MakeProgram) -> None:
    program = make_program("main", ",", epoch=None)
    assert program.say("hello", 7) == b"error denied this key may not hello"


def test_unusable(make_program: MakeProgram, root: Path) -> None:
    root.mkdir()
    root.chmod(0o755)
    said = make_program(epoch=None).say("hello", 7).decode()
    assert said == f"error unusable the spool {root} is open to others; chmod 700 {root}"


def test_a_root_that_goes_up_is_unusable(make_program: MakeProgram, root: Path) -> None:
    program = Program(f"{root}/../x")
    assert program.say("hello", 7).startswith(b"error unusable ")
    program.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_not_started_where_nothing_can_be_written(program: Program, root: Path) -> None:
    (root / "a").chmod(0o500)
    assert program.say("start", "1-1-7", 7, 0, spec("true")).startswith(b"error notstarted ")
    (root / "a").chmod(0o700)
    assert program.run("1-1-7", spec("true"))[1] == "exited"


def test_not_started_where_there_is_no_spool(make_program: MakeProgram) -> None:
    program = make_program(epoch=None)
    assert program.say("start", "1-1-7", 7, 0, spec("true")).startswith(b"error notstarted ")
    assert program.say("list").startswith(b"error failed ")
    program.hello()
    assert program.run("1-1-7", spec("true"))[1] == "exited"


def test_not_started_where_no_supervisor_can_work(program: Program, root: Path) -> None:
    [script] = root.glob("sh-*/supervisor.sh")
    whole = script.read_bytes()
    script.write_text('echo "ERR ${1##*/} it is broken"\n')
    said = program.say("start", "1-1-7", 7, 0, spec("true"))
    assert said == b"error notstarted its supervisor gave up: it is broken"
    script.write_bytes(whole)
    assert program.run("1-1-7", spec("true"))[1] == "exited"


def test_a_supervisor_that_says_nothing_is_made_void(program: Program, root: Path) -> None:
    [script] = root.glob("sh-*/supervisor.sh")
    script.write_text("exit 0\n")
    assert program.start("1-1-7", spec("true"))[1] == "void"
    assert program.ended == []


def test_failed_where_the_disk_does_not_answer(program: Program, root: Path) -> None:
    program.run("1-1-7", spec("true"))
    (root / "fence").rename(root / "gone")
    assert program.say("void", 7, "1-1-7").startswith(b"error unusable the spool ")
    assert program.say("look").startswith(b"error unusable the spool ")
    (root / "gone").rename(root / "fence")
    (root / "a").rename(root / "gone")
    assert program.say("void", 7, "1-1-8").startswith(b"error failed ")
    (root / "gone").rename(root / "a")
    assert program.says("void", 7, "1-1-7")[-1] == b"ok"


def test_denied(make_program: MakeProgram, root: Path) -> None:
    make_program().run("1-1-7", spec("echo", "x"))
    program = make_program("main", "hello,ping,status,tail", epoch=None)
    program.hello()
    assert program.status("1-1-7")[1] == "exited"
    assert program.log("1-1-7") == b"x\n"
    for request in ("start 2-1-7 7 0 =", "stop 1-1-7 7 0 KILL", "tidy 1-1-7", "feed 1 7 0 ="):
        verb = request.split(" ")[0]
        assert program.say(request) == f"error denied this key may not {verb}".encode()
    assert not (root / "a/2-1-7").exists()


def test_nothing_in_a_spec_is_read_by_anyone_else(program: Program, tmp_path: Path) -> None:
    evil = f"'; touch {tmp_path}/evil #$(touch {tmp_path}/evil)`touch {tmp_path}/evil`\n\\"
    script = spec("printf", "%s", evil, env=(("PATH", "/usr/bin:/bin"), ("E", evil)), cwd="/")
    assert program.run("1-1-7", script)[5] == "0"
    assert program.log("1-1-7") == evil.encode()
    assert not (tmp_path / "evil").exists()


def test_a_megabyte_of_input_and_bytes_of_all_kinds(program: Program) -> None:
    every = "".join(chr(code) for code in range(1, 128)) + "üñ\udcff\udc80"
    stdin = (every * 8000)[: 1 << 20]
    data = stdin.encode("utf-8", "surrogateescape")
    assert program.run("1-1-7", sh_spec("cat", stdin=stdin))[5] == "0"
    assert program.log("1-1-7") == data


def test_the_empty_text(program: Program) -> None:
    program.start("1-1-7", text(b""))
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[1] == "exited"
