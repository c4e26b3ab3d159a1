"""The host program in sh does what PROTOCOL.md says, under every shell that may be /bin/sh."""

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.backends.texts import to_sh
from engine.runner import identity, records, verbs
from engine.runner.records import encode
from engine.runner.spool import Spool
from tests.engine.runner.sh_program import SHELLS, ShProgram, sh_spec, spec
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

STATE, PID, IDENT, CODE, SIGNAL, WHY, SOFT, OWNER, MESSAGE = 1, 2, 4, 5, 6, 7, 8, 9, 12
EVERY_BYTE = bytes(range(256))
ODD = 'it\'s a "root" of $HOME `x` \\ * ~'


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    found = shutil.which(request.param)
    if not found:
        pytest.skip(f"{request.param} is not installed")
    link = tmp_path_factory.mktemp("bin") / (
        "sh" if request.param == "busybox" else request.param
    )
    link.symlink_to(found)
    return str(link)


@pytest.fixture
def program(shell: str, tmp_path: Path) -> Iterator[ShProgram]:
    program = ShProgram(tmp_path / ODD, shell)
    yield program
    program.close()
    end_all(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ODD


def test_a_life(program: ShProgram, root: Path) -> None:
    told = program.hello(42)
    assert told["ident"].decode() == identity.ident()
    assert told["system"] == platform.system().encode()
    assert told["epoch"] == b"42"
    assert (told["home"], told["session"]) == (b"/", b"/usr/bin/setsid")
    assert int(told["cpu_milli"]) == len(os.sched_getaffinity(0)) * 1000
    assert int(told["memory_mb"]) == psutil.virtual_memory().total >> 20
    assert 0 < int(told["storage_mb"]) <= psutil.disk_usage(str(root)).total >> 20
    assert (root / "fence" / "0000000042").is_dir()
    assert root.stat().st_mode & 0o777 == 0o700

    words = program.start("1-1-42", sh_spec("echo out; echo err >&2; exit 3"), 42)
    assert words[STATE] == "running"
    assert words[4] == identity.ident()
    ended = program.settle("1-1-42")
    assert (ended[STATE], ended[CODE], ended[SIGNAL], ended[WHY]) == ("exited", "3", "-", "-")
    assert (ended[PID], ended[OWNER]) == (words[PID], words[OWNER])
    assert (program.log("1-1-42"), program.log("1-1-42", "err")) == (b"out\n", b"err\n")
    assert program.start("1-1-42", spec("true"), 42)[STATE] == "exited"

    assert program.says("tidy", "1-1-42", "9-9-9") == [b"ok"]
    assert program.status("1-1-42")[STATE] == "gone"
    assert program.start("1-1-42", spec("true"), 42)[STATE] == "gone"
    assert program.log("1-1-42") == b"out\n"
    assert {path.name for path in (root / "l/1-1-42").iterdir()} == {"out", "err"}
    assert program.say("gc", "1-1-42", 42) == b"ok"
    assert program.log("1-1-42") == b""
    assert list((root / "a").iterdir()) == list((root / "l").iterdir()) == []
    assert program.hang_up() == 0
    assert list((root / "ends").iterdir()) == []


def test_what_is_told_of_a_success_is_its_status(program: ShProgram) -> None:
    program.hello(42)
    program.start("1-1-42", sh_spec("true"), epoch=42)
    program.start("2-1-42", sh_spec("exit 3"), epoch=42)
    status = program.settle("1-1-42")
    told = program.known["1-1-42"]
    assert told.pop(IDENT) == identity.ident()
    assert all(word.isdigit() for word in (*told[9:11], *status[10:12]))
    assert told[:9] + told[11:] == status[:IDENT] + status[IDENT + 1 : 10] + status[12:]
    assert program.settle("2-1-42")[CODE] == "3"
    assert program.known["2-1-42"] == []


def test_what_cannot_start(program: ShProgram) -> None:
    program.hello()
    program.start("1-1-7", spec("/no/such", "x"))
    ended = program.settle("1-1-7")
    assert ended[WHY] == "nospawn"
    assert " ".join(ended[MESSAGE:]) == "cannot start /no/such: No such file or directory"
    program.start("2-1-7", spec("true", cwd="/no/such folder"))
    ended = program.settle("2-1-7")
    message = "cannot enter /no/such folder: No such file or directory"
    assert " ".join(ended[MESSAGE:]) == message


def test_stop_renew_pause_and_void(program: ShProgram, root: Path) -> None:
    program.hello()
    script = sh_spec("trap '' TERM; echo ready; sleep 60 & wait; sleep 60", lease_ms=60_000)
    words = program.start("1-1-7", script, lease=1)
    wait_until(lambda: program.log("1-1-7") == b"ready\n")
    before = (root / "a/1-1-7/lease").read_text().split()
    wait_until(lambda: int(program.say("ping").split()[1]) > int(before[0]))
    assert program.say("renew", 7, before[0], "1-1-7") == b"ok 1-1-7"
    assert (root / "a/1-1-7/lease").read_text().split() == before
    assert program.say("renew", 7, int(before[0]) + 10**6, "1-1-7", "2-1-7") == b"ok 1-1-7"
    after = (root / "a/1-1-7/lease").read_text().split()
    assert int(before[0]) < int(after[0]) <= identity.uptime_ms()
    assert after[1:] == ["."]

    assert program.say("pause", "1-1-7", 7, 1).split(b" ")[SOFT] == b"2"
    wait_until(lambda: psutil.Process(int(words[PID])).status() == psutil.STATUS_STOPPED)
    assert program.status("1-1-7")[SOFT] == "2"
    assert program.say("resume", "1-1-7", 7).split(b" ")[SOFT] == b"0"

    assert program.say("stop", "1-1-7", 7, 100, "TERM").split(b" ")[STATE] == b"running"
    ended = program.settle("1-1-7")
    assert (ended[SIGNAL], ended[WHY]) == ("9", "stop")
    assert program.say("stop", "1-1-7", 7, 100, "KILL").split(b" ")[STATE] == b"exited"
    assert program.says("void", 7, "3-1-7", "1-1-7")[0].startswith(b"is 3-1-7 void ")
    assert program.start("3-1-7", spec("true"))[STATE] == "void"
    assert program.say("stop", "4-1-7", 7, 0, "KILL").split(b" ")[STATE] == b"absent"


def test_bytes_of_all_kinds(program: ShProgram) -> None:
    program.hello()
    program.start("1-1-7", spec("cat", open_stdin=True))
    assert program.say("feed", "1-1-7", 7, 0, 41, to_sh(EVERY_BYTE)) == b"ok 256"
    assert program.say("feed", "1-1-7", 7, 0, 41, to_sh(EVERY_BYTE)) == b"ok 256"  # not twice
    assert program.say("feed", "1-1-7", 7, 0, 0, to_sh(b"-n -- %s")) == b"ok 8"
    assert program.say("feed", "1-1-7", 7, 1, 0, to_sh(b"")) == b"ok 0"
    assert program.settle("1-1-7")[CODE] == "0"
    assert program.log("1-1-7") == EVERY_BYTE + b"-n -- %s"
    for offset, limit, wanted in ((3, 4, EVERY_BYTE[3:7]), (-3, 99, b" %s"), (500, 5, b"")):
        words = program.say("tail", "1-1-7", "out", offset, limit).split(b" ")
        assert program.data(int(words[4])) == wanted
        assert words[2:4] == [b"264", b"0"]


def test_arguments_and_environment(program: ShProgram) -> None:
    program.hello()
    evil = ["", "a b", "it's", '"', "$HOME", "`x`", "\\", "\\c", "\n", "-n", "*", "%s", "a\tb"]
    env = (("PATH", "/usr/bin:/bin"), ("E", "$(x)\n'\\0101"))
    program.start("1-1-7", spec("/usr/bin/printf", "%s\\0", *evil, env=env))
    program.settle("1-1-7")
    assert program.log("1-1-7").decode().split("\0")[:-1] == evil
    program.start("2-1-7", spec("/usr/bin/env", "-0", env=env))
    program.settle("2-1-7")
    found = dict(e.split("=", 1) for e in program.log("2-1-7").decode().split("\0")[:-1])
    assert {name: found.pop(name) for name, _ in env} == dict(env)
    assert set(found) <= {"CRAB_MARK", "_", "SHLVL", "_AST_FEATURES"}


def test_many_starts_in_one_write(program: ShProgram, shell: str) -> None:
    program.hello()
    count = 100 if shell.endswith("dash") else 30
    script = sh_spec("echo x")
    lines = [b"%d start %d-1-7 7 0 %s\n" % (number, number, script) for number in range(count)]
    lines += [b"%d tail 0-1-7 out 0 100\n" % n for n in range(count, count + 10)]
    program.send(b"".join(lines))
    answered: set[int] = set()
    while len(answered) < count + 10:
        seq, word, *rest = program.told().split(b" ")
        answered.add(int(seq))
        if word == b"data":
            assert program.data(int(rest[3])) in (b"x\n", b"")
    for number in range(count):
        program.wait_ended(f"{number}-1-7")
    assert sorted(program.ended) == sorted(f"{number}-1-7" for number in range(count))
    ends = program.says("list")
    assert [line.split(b" ")[1 + CODE] for line in ends[:-1]] == [b"0"] * count


def test_no_request_upsets_the_next_one(program: ShProgram, root: Path, shell: str) -> None:
    program.hello()
    odd = [b"", b" ", b"x", b"\x1b[2J", b"hello 7", b"-1 ping", b"* *", b"\\", b"\0\xff"]
    for line in odd[:-1] if shell.endswith("yash") else odd:  # yash takes that for the end
        program.send(line + b"\n")
        assert program.told().startswith(b"0 error bad "), line
    for request, wanted in (
        ("nonsense", "'nonsense' is no verb"),
        ("$(touch x)", "is no verb"),
        ("hello", "it takes 1 words, not 0"),
        ("hello -1", "'-1' is no number"),
        ("hello 0", "epoch 0 is not between 1 and 9999999999"),
        ("hello 99999999999", "is not between"),
        ("status ../x", "'../x' is not an attempt id"),
        ("status *", "'*' is not an attempt id"),
        ("status " + "x" * 121, "is not an attempt id"),
        ("start 1-1-7 7 2 x", "'2' is neither 0 nor 1"),
        ("start 1-1-7 7 0", "it takes 4 words, not 3"),
        ("stop 1-1-7 7 100 STOP", "'STOP' is no signal: one of TERM"),
        ("tail 1-1-7 ../../secret 0 1", "'../../secret' is no log"),
        ("tail 1-1-7 out 0 -1", "'-1' is no number"),
        ("pause 1-1-7 7 0", "attempt 1-1-7 is absent"),
        ("feed 1-1-7 7 0 0 x", "attempt 1-1-7 is absent"),
    ):
        said = program.say(request).decode()
        assert said.startswith("error bad ")
        assert wanted in said
    program.hello(9)
    for request in ("hello 8", "start 1-1-8 8 0 x", "void 8 1-1-8", "stop 1-1-7 8 0 TERM",
                    "renew 8 0 1-1-7", "gc 1-1-7 8", "pause 1-1-7 8 0", "resume 1-1-7 8",
                    "feed 1-1-7 8 0 0 x"):  # fmt: skip
        said = program.say(request).decode()
        assert said == "error stale 9 epoch 8 is over: epoch 9 has been here"
    assert list((root / "a").iterdir()) == []
    assert program.say("ping").startswith(b"ok ")


def test_only_hello_and_start_shut_others_out(program: ShProgram, root: Path) -> None:
    program.hello(9)
    program.start("1-1-9", spec("sleep", "60", open_stdin=True), epoch=9)
    for request in ("void 99 1-1-9", "renew 99 0 1-1-9", "pause 1-1-9 99 0", "resume 1-1-9 99",
                    r"feed 1-1-9 99 0 0 \c", "stop 1-1-9 99 0 TERM",
                    "gc 1-1-9 99"):  # fmt: skip
        assert b"error" not in program.says(request)[-1], request
    assert [fence.name for fence in (root / "fence").iterdir()] == ["0000000009"]


def test_who_may_not_start_anything_shuts_nobody_out(
    shell: str, program: ShProgram, root: Path
) -> None:
    program.hello(9)
    for verbs_, then in (("hello,renew", "0000000009"), ("hello,start", "0000000099")):
        limited = ShProgram(root, shell, settings={"crab_verbs": verbs_})
        assert limited.hello(99)["epoch"] == b"%d" % int(then)
        assert limited.say("hello", 8).startswith(b"error stale ")
        assert [fence.name for fence in (root / "fence").iterdir()] == [then]
        limited.close()


def test_look_and_usage(program: ShProgram) -> None:
    program.hello()
    program.start("1-1-7", sh_spec("ulimit -t 20; while :; do :; done & sleep 60 & wait"))
    first = dict(pair.split(b"=") for pair in program.say("look").split(b" ")[1:])
    assert first[b"busy"] == b"-"
    assert abs(int(first[b"memory_free_mb"]) - (psutil.virtual_memory().available >> 20)) < 2000
    assert int(first[b"disk_free_mb"]) > 0

    def used() -> list[bytes]:
        return program.says("usage", "1-1-7", "2-1-7")[0].split(b" ")

    wait_until(lambda: int(used()[2]) >= 50, what="it has used some cpu")
    word, attempt, _, memory, processes, gpu = used()
    assert (word, attempt, processes, gpu) == (b"use", b"1-1-7", b"3", b"-")
    assert 1 <= int(memory) < 100
    second = dict(pair.split(b"=") for pair in program.say("look").split(b" ")[1:])
    assert 0 <= int(second[b"busy"]) <= 100
    assert abs(int(second[b"uptime_ms"]) - identity.uptime_ms()) < 10_000


def test_states_are_those_of_the_other_program(
    program: ShProgram, root: Path, shell: str
) -> None:
    """Made-up records, some torn, of processes that live, do not, or are others by now."""
    ident = program.hello()["ident"].decode()
    spool = Spool(root)
    me, start = os.getpid(), identity.start_time(os.getpid())
    host = ident.split("/")[0]
    alien = b"x" if shell.endswith("yash") else b"\xff"  # yash reads nothing beyond ASCII
    job, run = encode("job", me, start), encode("run", "0000000007", ident)
    made: dict[str, dict[str, bytes]] = {
        "empty": {},
        "claimed": {"life": records.RESERVED},
        "starting": {"life": b"sup 1 .\n"},
        "orphan": {"life": records.RESERVED + b"sup 1 .\n" + job, "gate": run},
        "recycled": {"life": encode("job", me, "12345"), "gate": run},
        "recycled-sup": {"life": encode("sup", me), "gate": run},
        "lost": {"life": encode("job", 4_000_000, "1"), "gate": run},
        "norecord": {"gate": run},
        "void": {"gate": encode("void", 8)},
        "torn-gate": {"gate": b"run 00000", "life": encode("sup", 1)},
        "torn-gate-run": {"gate": run[:-1], "life": encode("sup", 1) + job},
        "rebooted": {"gate": encode("run", "0000000007", f"{host}/other/24"), "life": job},
        "otherhost": {"gate": encode("run", "0000000007", "x/y/24"), "life": job},
        "exited": {"life": b"exit 3 - 17.01 .\n" + b" " * 20 + b"\n" + job, "gate": run},
        "torn-exit": {"life": b"exit 3 - 17." + b" " * 36 + b"\n" + job, "gate": run},
        "signal": {"life": b"exit -15 - 17.01 .\nsoft 12 .\n", "gate": run},
        "soft-ok": {"life": b"exit 0 - 17.01 .\nsoft 12 .\n", "gate": run},
        "fenced": {"life": b"exit 0 fenced 17.01 .\n"},
        "noise": {"life": b"Killed\n" + alien + b" .\n 1 .\n.\n .\n" + job, "gate": run},
        "nospawn": {
            "life": b"exit 127 nospawn 1.0 .\n",
            "spec": b"#crab grace=5\n#crab command a b\n",
            "err": b"setsid: failed to execute a b: No\nsuch\n",
        },
        "workspace": {"life": job + b"workspace 0123abc .\n", "gate": run},
        "refused": {"life": b"exit 127 workspace 1.0 .\n", "err": b"a\ncannot x\ncannot y\n"},
        "unfetched": {"life": b"exit 127 fetch 1.0 .\nfetch .\n", "err": b"fatal\n"},
        "paused": {"life": job, "gate": run, "pause": b"17 0 0 .\n"},
        "unpaused": {"life": job, "gate": run, "pause": b"- 0 0 .\n"},
    }
    for name, files in made.items():
        (root / "a" / name).mkdir()
        for file, data in files.items():
            (root / "a" / name / file).write_bytes(data)
    (root / "t" / "tombed").symlink_to("gone")
    for name in (*made, "tombed", "absent"):
        found = verbs.status(spool, name)
        words = program.status(name)
        wanted = (
            *(found.state, found.pid, found.pid_start, found.ident, found.code, found.signal),
            *(found.why, found.softened + 2 * found.paused, found.owner),
        )
        assert words[1:10] == ["-" if word is None else str(word) for word in wanted], name
        for word, ago in zip(words[10:12], (found.began_ms, found.ended_ms), strict=True):
            assert (word == "-") is (ago is None), name
            assert ago is None or abs(int(word) - ago) < 60_000, name
        assert " ".join(words[12:]).strip() == " ".join(found.message.split("\n")), name
    listed = [line.split(b" ")[1].decode() for line in program.says("list")[:-1]]
    assert sorted(listed) == sorted(made)


def test_a_zombie_is_dead(program: ShProgram, root: Path) -> None:
    program.hello()
    words = program.start("1-1-7", sh_spec("sleep 0 & exec sleep 60"))

    def zombie() -> psutil.Process | None:
        children = psutil.Process(int(words[PID])).children()
        return next((c for c in children if c.status() == psutil.STATUS_ZOMBIE), None)

    dead = wait_until(zombie)
    assert dead
    stat = Path(f"/proc/{dead.pid}/stat").read_text().split()
    (root / "a/2-1-7").mkdir()
    (root / "a/2-1-7/life").write_bytes(encode("job", dead.pid, stat[21]))
    (root / "a/2-1-7/gate").write_bytes(encode("run", "0000000007", identity.ident()))
    assert program.status("2-1-7")[STATE] == "lost"


def test_trim_drops_the_oldest(program: ShProgram, root: Path) -> None:
    program.hello()
    program.start("1-1-7", sh_spec("head -c 100000 /dev/zero; echo end"))
    program.settle("1-1-7")
    assert int(program.say("trim", "1-1-7", 20_000).split(b" ")[1]) > 80_000
    words = program.say("tail", "1-1-7", "out", 0, 100_000).split(b" ")
    offset, size, dropped, length = map(int, words[1:])
    assert (size, offset) == (100_004, dropped)
    assert 80_000 < dropped <= 90_004
    assert program.data(length) == bytes(size - dropped - 4) + b"end\n"
    assert program.say("trim", "1-1-7", 20_000) == b"ok 0"


def test_jobs_have_default_signals_and_nothing_of_ours(program: ShProgram) -> None:
    program.hello()
    script = "grep -E 'Sig(Ign|Blk)' /proc/self/status; ls -l /proc/$$/fd; umask"
    program.start("1-1-7", sh_spec(script))
    program.settle("1-1-7")
    log = program.log("1-1-7").decode()
    blocked, ignored = (int(line.split()[1], 16) for line in log.splitlines()[:2])
    assert (blocked, ignored & 0x7FFFFFFF) == (
        0,
        0,
    )  # ksh93 ignores two above, of the C library
    assert "pipe:" not in log
    assert "/ends/" not in log
    assert log.endswith("0022\n")


def test_of_two_daemons_with_one_epoch_the_first_is_served(
    program: ShProgram, root: Path
) -> None:
    assert program.say("hello 7 aa").startswith(b"ok ")
    assert program.say("hello 7 bb") == b"error stale 7 epoch 7 is another daemon's"
    assert program.say("hello 7 aa").startswith(b"ok ")
    assert program.say("hello 7").startswith(b"ok ")
    assert program.say("hello 7 a/b").startswith(b"error bad ")
    assert program.say("hello 8 bb").startswith(b"ok ")
    assert [path.name for path in (root / "fence").iterdir()] == ["0000000008"]
    assert program.say("hello 7 aa").startswith(b"error stale 8 ")
