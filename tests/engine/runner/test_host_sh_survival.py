"""The host program in sh when its stream, its processes or its disk fail; and odd logins."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.engine.runner.sh_program import ShProgram, sh_spec, spec
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

STATE, PID, CODE, WHY, OWNER = 1, 2, 5, 7, 9

MakeSh = Callable[..., ShProgram]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def make(root: Path, tmp_path: Path) -> Iterator[MakeSh]:
    made: list[ShProgram] = []

    def make(epoch: int | None = 7, at: str | Path = root, **options: object) -> ShProgram:
        program = ShProgram(at, **options)  # type: ignore[arg-type]
        made.append(program)
        if epoch is not None:
            program.hello(epoch)
        return program

    yield make
    for program in made:
        program.close()
    end_all(tmp_path)


def waiting_for(file: Path, code: int) -> bytes:
    return sh_spec(f"until [ -e '{file}' ]; do sleep 0.02; done; exit {code}")


def relay_of(program: ShProgram) -> psutil.Process:
    [relay] = psutil.Process(program.pid).children()
    return relay


def test_a_killed_session_leaves_no_relay_once_its_jobs_are_over(
    make: MakeSh, root: Path, tmp_path: Path
) -> None:
    program = make()
    program.start("1-1-7", waiting_for(tmp_path / "go", 0))
    relay = relay_of(program)
    os.kill(program.pid, signal.SIGKILL)
    assert relay.is_running()
    (tmp_path / "go").touch()
    gone = wait_until(lambda: not relay.is_running(), what="the relay has ended")
    assert gone
    assert list((root / "ends").iterdir()) == []


def test_half_a_line_starts_nothing(make: MakeSh, root: Path) -> None:
    line = b"9 start 1-1-7 7 0 " + spec("true")
    for end in range(0, len(line), len(line) // 4):
        program = make()
        program.send(line[:end])
        assert program.hang_up() == 0
    assert list((root / "a").iterdir()) == []


def test_jobs_go_on_and_the_next_program_tells_their_ends(make: MakeSh, tmp_path: Path) -> None:
    first = make()
    words = first.start("1-1-7", waiting_for(tmp_path / "go", 42))
    relay = relay_of(first)
    first.start("2-1-7", spec("true"))
    assert first.hang_up() == 0
    assert not relay.is_running()
    second = make(epoch=8)
    assert second.status("1-1-7")[:4] == words[:4]
    assert second.say("watch", "1-1-7", "2-1-7") == b"ok"
    second.wait_ended("2-1-7")
    (tmp_path / "go").touch()
    second.wait_ended("1-1-7")
    assert second.status("1-1-7")[CODE] == "42"


def test_a_killed_program_leaves_jobs_alone_and_its_relay_goes(
    make: MakeSh, root: Path, tmp_path: Path
) -> None:
    first = make()
    for number in range(5):
        first.start(f"{number}-1-7", waiting_for(tmp_path / "go", number))
    relay = relay_of(first)
    first.kill()
    second = make(epoch=8)
    assert second.say("watch", *(f"{number}-1-7" for number in range(5))) == b"ok"
    wait_until(lambda: not relay.is_running(), what="the relay of the killed one is gone")
    assert sum(path.is_fifo() for path in (root / "ends").iterdir()) == 1
    (tmp_path / "go").touch()
    for number in range(5):
        second.wait_ended(f"{number}-1-7")
        assert second.status(f"{number}-1-7")[CODE] == str(number)


def test_a_fifo_that_nobody_reads_holds_up_no_end(make: MakeSh, root: Path) -> None:
    program = make()
    os.mkfifo(root / "ends" / "1.1")
    program.start("1-1-7", spec("true"))
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[CODE] == "0"


def test_a_stopped_controller_is_told_of_every_end(make: MakeSh) -> None:
    program = make()
    relay = relay_of_started(program)
    relay.suspend()
    names = [f"{number}-1-7" for number in range(10)]
    asked = [program.ask("start", name, 7, 0, spec("true")) for name in names]
    wait_until(lambda: program_status(program, names) == {b"exited"})
    relay.resume()
    answers = [program.told().split(b" ") for _ in asked]
    assert {int(words[0]) for words in answers} == set(asked)
    for words in answers:
        if words[1 + STATE] == b"running":
            program.wait_ended(words[1].decode())


def relay_of_started(program: ShProgram) -> psutil.Process:
    program.start("0-0-7", spec("true"))
    program.wait_ended("0-0-7")
    return relay_of(program)


def program_status(program: ShProgram, names: list[str]) -> set[bytes]:
    return {line.split(b" ")[2] for line in program.says("status", *names)[:-1]}


def test_an_end_in_the_middle_of_a_log(make: MakeSh) -> None:
    """Nothing comes between the bytes of a log, however slowly they are read."""
    program = make()
    size = 250_000
    program.start("1-1-7", sh_spec(f"head -c {size} /dev/zero"))
    program.wait_ended("1-1-7")
    asked = [program.ask("tail", "1-1-7", "out", 0, size) for _ in range(5)]
    for number in range(20):
        program.ask("start", f"{number}-2-7", 7, 0, spec("true"))
    asked += [program.ask("tail", "1-1-7", "out", 0, size) for _ in range(5)]
    seen: set[int] = set()
    while len(seen) < 30:
        words = program.told().split(b" ")
        seen.add(int(words[0]))
        if words[1] == b"data":
            assert program.data(int(words[5])) == bytes(size)
    assert seen >= set(asked)


def test_a_log_that_is_cut_while_it_is_sent(make: MakeSh, root: Path) -> None:
    program = make()
    program.start("1-1-7", sh_spec("head -c 100000 /dev/zero"))
    program.wait_ended("1-1-7")
    (root / "a/1-1-7/out.base").write_text("0 5000000 .\n")
    words = program.say("tail", "1-1-7", "out", 0, 1000).split(b" ")
    assert program.data(int(words[4])) is not None
    assert program.say("ping").startswith(b"ok ")


def test_an_orphan_and_what_is_lost(make: MakeSh) -> None:
    program = make()
    words = program.start("1-1-7", spec("sleep", "60"))
    psutil.Process(int(words[OWNER])).kill()
    wait_until(lambda: program.status("1-1-7")[STATE] == "orphan")
    psutil.Process(int(words[PID])).kill()
    wait_until(lambda: program.status("1-1-7")[STATE] == "lost")


def test_a_supervisor_that_gives_up(make: MakeSh, root: Path) -> None:
    program = make()
    [script] = root.glob("sh-*/supervisor.sh")
    whole = script.read_bytes()
    script.write_text('echo "ERR ${1##*/} it is broken"\n')
    said = program.say("start", "1-1-7", 7, 0, spec("true"))
    assert said == b"error notstarted its supervisor gave up: it is broken"
    script.write_bytes(whole)
    program.start("1-1-7", spec("true"))
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[CODE] == "0"


def test_a_supervisor_that_says_nothing_is_made_void(make: MakeSh, root: Path) -> None:
    program = make(settings={"crab_late_s": "0"})
    [script] = root.glob("sh-*/supervisor.sh")
    script.write_text("exit 0\n")
    number = program.ask("start", "1-1-7", 7, 0, spec("true"))
    asked = program.ask("ping")
    answers = dict(program.told().split(b" ", 1) for _ in range(2))
    assert set(answers) == {b"%d" % number, b"%d" % asked}
    assert answers[b"%d" % number].startswith(b"1-1-7 void ")


def test_the_same_start_again_is_no_second_one(make: MakeSh) -> None:
    program = make()
    for number in range(3):
        program.ask("start", "1-1-7", 7, 0, spec("sleep", "60"))
        program.ask("start", f"{number}-2-7", 7, 0, spec("true"))
    answers = [program.told().split(b" ") for _ in range(6)]
    assert len({words[3] for words in answers if words[1] == b"1-1-7"}) == 1


def fill(filler: Path) -> None:
    """To the last byte."""
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1024))


def test_a_full_disk(make: MakeSh, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k,mode=0700", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        program = make(at=disk / "spool")
        program.start("1-1-7", waiting_for(tmp_path / "go", 3))
        fill(disk / "filler")
        said = program.say("start", "2-1-7", 7, 0, spec("true"))
        assert said.startswith(b"error notstarted the spool cannot take 2-1-7")
        assert program.status("2-1-7")[STATE] == "absent"
        (tmp_path / "go").touch()
        program.wait_ended("1-1-7")
        assert program.status("1-1-7")[CODE] == "3"
        (disk / "filler").unlink()
        program.start("2-1-7", spec("true"))
        program.wait_ended("2-1-7")
        program.close()
    finally:
        end_all(disk)
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("spawn", ["setsid", "perl", "pipe"])
def test_every_way_to_set_a_supervisor_free(make: MakeSh, spawn: str) -> None:
    program = make(settings={"crab_spawn": spawn})
    script = "grep -E 'Sig(Ign|Blk)' /proc/self/status; exit 3"
    words = program.start("1-1-7", sh_spec(script))
    program.wait_ended("1-1-7")
    assert program.status("1-1-7")[CODE] == "3"
    assert program.log("1-1-7").split()[1::2] == [b"0" * 16] * 2
    words = program.start("2-1-7", spec("sleep", "60"))
    assert os.getsid(int(words[OWNER])) == int(words[OWNER])
    assert program.say("stop", "2-1-7", 7, 0, "INT").split(b" ")[STATE] == b"running"
    program.wait_ended("2-1-7")


def test_a_bare_login(make: MakeSh, tmp_path: Path) -> None:
    program = make(env={})
    program.start("1-1-7", spec("/usr/bin/env", "-0"))
    program.wait_ended("1-1-7")
    names = {entry.split(b"=")[0] for entry in program.log("1-1-7").split(b"\0")[:-1]}
    assert names == {b"PATH", b"CRAB_MARK"}


def test_a_login_full_of_things(make: MakeSh) -> None:
    env = {"PATH": "/nowhere", "HOME": "/", "root": "/etc", "line": "\n", "IFS": "a",
           "dir": "/", "relay": "1", "status": "x", "ENV": "/dev/null", "A.b": "c",
           "CDPATH": "/tmp"}  # fmt: skip
    program = make(env=env, before="echo hi; printf 'crab crab-1 '; ")
    assert program.noise == [b"hi", b"crab crab-1 "]
    program.start("1-1-7", spec("/usr/bin/env", "-0"))
    program.wait_ended("1-1-7")
    names = {entry.split(b"=")[0] for entry in program.log("1-1-7").split(b"\0")[:-1]}
    assert names == {b"PATH", b"CRAB_MARK"}


def test_the_usual_root_is_below_the_home(make: MakeSh, tmp_path: Path) -> None:
    home = tmp_path / "my $HOME's"
    home.mkdir()
    make(at="-", env={"HOME": str(home)})
    assert (home / ".local/state/crabtui/me/a").is_dir()
    make(at="-", env={"HOME": str(home), "XDG_STATE_HOME": str(home / "xdg")})
    assert (home / "xdg/crabtui/me/a").is_dir()


def test_unusable(make: MakeSh, root: Path) -> None:
    root.mkdir()
    root.chmod(0o755)
    said = make(epoch=None).say("hello", 7).decode()
    assert said == f"error unusable the spool {root} is open to others; chmod 700 {root}"
    (root.parent / "link").symlink_to(root)
    for at in (f"{root}/../x", "relative", "/", f"{root}/a/./b", root.parent / "link"):
        assert make(epoch=None, at=at).say("hello", 7).startswith(b"error unusable "), at
    (root.parent / "file").touch()
    said = make(epoch=None, at=root.parent / "file" / "x").say("hello", 7).decode()
    assert said.startswith("error unusable ")


def test_a_network_filesystem_is_unusable(make: MakeSh, root: Path, tmp_path: Path) -> None:
    at = str(root.parent / "a b")
    escaped = at.replace(" ", "\\040")
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/a rw\n"
        f"2 1 0:1 / {escaped} rw shared:1 - ext4 x rw\n"
        f"3 2 0:2 / {escaped} rw shared:1 - nfs4 server:/x rw\n"
    )
    program = make(epoch=None, at=f"{at}/spool", settings={"crab_mounts": str(mounts)})
    said = program.say("hello", 7).decode()
    assert said == f"error unusable the spool {at}/spool is on nfs4; it must be on a local disk"
    make(at=f"{at}c/spool", settings={"crab_mounts": str(mounts)})


def test_denied(make: MakeSh, root: Path) -> None:
    program = make(settings={"crab_verbs": "hello,status,tail"})
    for request in ("start 2-1-7 7 0 x", "stop 1-1-7 7 0 KILL", "ping", "list"):
        verb = request.split(" ")[0]
        assert program.say(request) == f"error denied this key may not {verb}".encode()
    assert program.status("1-1-7")[STATE] == "absent"
    assert list((root / "a").iterdir()) == []


def test_a_hang_up_by_signal(make: MakeSh, root: Path) -> None:
    program = make()
    words = program.start("1-1-7", spec("sleep", "60"))
    relay = relay_of(program)
    os.kill(program.pid, signal.SIGHUP)
    wait_until(lambda: not relay.is_running())
    assert psutil.Process(int(words[PID])).is_running()
    wait_until(lambda: list((root / "ends").iterdir()) == [])


def test_lack_of_memory_is_told(make: MakeSh) -> None:
    program = make()
    for name, limit in (("1-1-7", 500), ("2-1-7", None)):
        program.start(name, sh_spec("echo MemoryError >&2; exit 1", memory_mb=limit))
        program.wait_ended(name)
    assert [program.status(name)[WHY] for name in ("1-1-7", "2-1-7", "1-1-7")] == [
        "oom",
        "-",
        "oom",
    ]
