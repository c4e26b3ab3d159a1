"""A key with a forced command: the runner's verbs that it was given, and nothing else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import asyncssh
import pytest

from engine.backends.hosting import Abode
from engine.backends.ssh.authorize import VERBS, authorize, key_of, line_of, verbs_of
from engine.backends.ssh.door import door_files
from engine.backends.ssh.line import SshLine
from engine.backends.stream_shell import StreamShell
from engine.backends.texts import to_python, to_sh
from engine.clock import SystemClock
from engine.errors import InvalidSpec, LinkRefused, Unreachable
from engine.model.ids import Epoch
from engine.runner.spool import Spool
from tests.engine.backends.ssh.conftest import MakeLine, MakeServer
from tests.engine.backends.ssh.hearing import Heard
from tests.kit.processes import end_all
from tests.kit.sshd import USER, Sshd, make_key

HOSTILE = 'a \'spool\' "with" $(touch ran) `touch ran` \\" ;#% é'
READING = "status,list,tail"
PROTOCOL = Path(__file__).parents[4] / "engine" / "runner" / "PROTOCOL.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / HOSTILE / "spool"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "limited")
    return tmp_path / "limited"


@pytest.fixture(params=[sys.executable, "no"], ids=["python", "sh"])
def abode(request: pytest.FixtureRequest, root: Path) -> Abode:
    return Abode(root=str(root), python=request.param)


async def let_in(
    server: Sshd, line: SshLine, abode: Abode, key: Path, verbs: str | None
) -> str:
    public = key.with_name(f"{key.name}.pub").read_text()
    allowed = await authorize(line, abode, SystemClock(), public, verbs)
    server.allow(allowed)
    return allowed


class Door:
    """A conversation by hand, through the limited key."""

    def __init__(self, line: SshLine) -> None:
        self._line = line
        self.heard = Heard()

    async def enter(self, command: str = "touch ran; sh -i") -> bytes:
        """What it says first, whatever we would like to run."""
        self._wire = await self._line.open(command, self.heard)
        await self.heard.until(lambda heard: b"\n" in heard.data)
        return self.heard.data

    async def ask(self, *lines: bytes) -> bytes:
        """What it says to these lines and until it has worked them all off."""
        before = len(self.heard.data)
        self._wire.write(b"".join(line + b"\n" for line in (*lines, b"999 nothing")))
        await self.heard.until(lambda heard: b"\n999 error" in heard.data[before - 1 :])
        return self.heard.data[before:]


@pytest.fixture
async def door(server: Sshd, make_line: MakeLine, abode: Abode, key: Path, root: Path) -> Door:
    """The door of a key that may only read, to a spool that is in use."""
    Spool(root).prepare()
    await let_in(server, make_line(server), abode, key, READING)
    return Door(make_line(server, identity=str(key)))


async def test_it_greets_whatever_is_asked_for(door: Door, abode: Abode) -> None:
    assert await door.enter() == b"crab-1 ready %s\n" % (
        b"sh" if abode.python == "no" else b"python"
    )
    assert not Path("~/ran").expanduser().exists()


async def test_it_may_do_what_it_was_given(door: Door) -> None:
    await door.enter()
    said = await door.ask(b"1 list", b"2 status a1", b"3 tail a1 out 0 10")
    listed, status, done, tail, *_ = said.splitlines()
    assert (listed, done) == (b"1 ok", b"2 ok")
    assert status.startswith(b"2 is a1 absent ")
    assert tail == b"3 data 0 0 0 0"


async def test_it_may_do_nothing_else(door: Door, root: Path) -> None:
    await door.enter()
    words = {
        "start": b"a1 7 0 " + to_sh(b"touch ran\n"),
        "feed": b"a1 7 0 0 " + to_sh(b"touch ran\n"),
        "hello": b"7",
    }
    for verb in VERBS:
        if verb in READING.split(","):
            continue
        said = await door.ask(b"5 %s %s" % (verb.encode(), words.get(verb, b"a1 7 0")))
        assert said.startswith(b"5 error denied "), verb
    assert not (root / "a").exists() or not list((root / "a").iterdir())


TRICKS = [
    b"1 list; touch RAN",
    b"1 list $(touch RAN)",
    b"1 status $(touch RAN)",
    b"1 status `touch RAN`",
    b"1 status \\0140touch\\0040RAN\\0140",
    b"1 status ;touch RAN",
    b"1 tail a1 out 0 $(touch RAN)",
    b"1 tail a1 out 0 a[$(touch RAN)]",
    b"1 tail a1 $(touch RAN) 0 10",
    b"1 tail a1 out x[$(touch${IFS}RAN)0] 10",
    b"1 tail ../../../etc/passwd out 0 10",
    b"$(touch RAN) list",
    b"x[$(touch RAN)] list",
    b"1 $(touch RAN)",
    b"1 do_start a1 7 0 touch",
    b"1 eval touch RAN",
    b"1 -c touch RAN",
    b"1 list\rtouch RAN",
    b"1 list\0touch RAN",
    b"1 start,list a1 7 0 x",
    b"1 ,list,",
    b"1 *",
    b"1 status " + to_python(b"$(touch RAN)"),
    b"crab_verbs=start list",
    b"1 list crab_verbs=start",
    b"touch RAN",
    b"python 10",
    b"sh 10",
    b"",
    b"| touch RAN",
    b"1 status " + b"A" * 100_000,
]


async def test_no_trick_runs_anything(door: Door, root: Path, tmp_path: Path) -> None:
    await door.enter()
    ran = tmp_path / "ran-by-trick"
    for trick in TRICKS:
        said = await door.ask(trick.replace(b"RAN", str(ran).encode()))
        assert b"root:" not in said, trick
        assert not ran.exists(), trick
    assert not door.heard.losses
    assert not (root / "a").exists() or not list((root / "a").iterdir())


async def test_a_worker_works_through_the_door(
    server: Sshd, make_line: MakeLine, abode: Abode, key: Path, root: Path
) -> None:
    await let_in(server, make_line(server), abode, key, None)
    shell = StreamShell(make_line(server, identity=str(key)), SystemClock(), abode)
    facts = await shell.hello(Epoch(7))
    assert facts.speaks == ("sh" if abode.python == "no" else "python")
    assert (root / "fence").is_dir()
    assert await shell.statuses() == []
    await shell.close()
    end_all(root.parent)


@pytest.mark.parametrize("python", [sys.executable, "no"])
@pytest.mark.parametrize("verbs", ["", ",", ",,", "list,", ",list", "list,,tail", "list tail"])
def test_a_list_of_verbs_that_is_none_opens_nothing(
    verbs: str, python: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool" / "door"
    folder.mkdir(parents=True, mode=0o700)
    for name, text in door_files(python).items():
        (folder / name).write_text(text)
    said = subprocess.run(
        ["/bin/sh", str(folder / "door.sh"), "--verbs", verbs],
        input=b"1 hello 5\n2 list\n",
        capture_output=True,
        timeout=90,
    )
    assert (said.returncode, said.stdout) == (2, b"")
    assert b"and nothing else" in said.stderr


async def test_it_is_installed_once(server: Sshd, make_line: MakeLine, root: Path) -> None:
    line, abode = make_line(server), Abode(root=str(root))
    public = make_key(server.folder / "other")
    first = await authorize(line, abode, SystemClock(), public)
    second = await authorize(line, abode, SystemClock(), public)
    assert first == second
    (door,) = root.iterdir()
    assert sorted(path.name for path in door.iterdir()) == ["door.sh", "host.py", "host.sh"]
    assert oct(door.stat().st_mode)[-3:] == "700"


async def test_below_the_home_unless_told_otherwise(server: Sshd, make_line: MakeLine) -> None:
    public = make_key(server.folder / "other")
    line = await authorize(make_line(server), Abode(controller="c 7"), SystemClock(), public)
    (door,) = (server.home / ".local" / "state" / "crabtui" / "c 7").iterdir()
    assert f"/bin/sh '{door}/door.sh' --verbs hello," in line


async def test_a_door_cannot_authorize_others(
    server: Sshd, make_line: MakeLine, key: Path, root: Path
) -> None:
    abode = Abode(root=str(root))
    await let_in(server, make_line(server), abode, key, READING)
    public = make_key(server.folder / "other")
    through = make_line(server, identity=str(key))
    with pytest.raises(LinkRefused, match="no shell"):
        await authorize(through, abode, SystemClock(), public)


@pytest.fixture
async def limited(server: Sshd, make_line: MakeLine, key: Path, root: Path) -> list[str]:
    """How OpenSSH's own client comes with the limited key."""
    Spool(root).prepare()
    abode = Abode(root=str(root), python="no")
    await let_in(server, make_line(server), abode, key, READING)
    known = server.folder / "known"
    known.write_text(server.known_hosts)
    return [
        "-F", "none", "-i", str(key), "-o", f"UserKnownHostsFile={known}",
        "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-o", f"Port={server.port}",
    ]  # fmt: skip


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, input=stdin, capture_output=True, timeout=90, check=False)


HOST = f"{USER}@127.0.0.1"
READY = b"crab-1 ready sh\n"


def test_no_shell_and_no_command(limited: list[str], tmp_path: Path) -> None:
    done = run("ssh", *limited, HOST, f"touch {tmp_path}/ran", stdin=b"1 list\n")
    assert done.stdout.startswith(READY)
    assert b"1 ok" in done.stdout
    assert not (tmp_path / "ran").exists()
    done = run("ssh", *limited, HOST, stdin=f"touch {tmp_path}/ran\n".encode())
    assert done.stdout.startswith(READY)
    assert not (tmp_path / "ran").exists()


def test_no_terminal(limited: list[str]) -> None:
    done = run("ssh", "-tt", *limited, HOST, stdin=b"1 list\n")
    assert b"PTY allocation request failed" in done.stderr


def test_no_environment(limited: list[str], tmp_path: Path) -> None:
    (tmp_path / "x").write_text(f"touch {tmp_path}/ran\n")
    names = ("ENV", "BASH_ENV", "PYTHONPATH", "LD_PRELOAD")
    sent = " ".join([*(f"{name}={tmp_path}/x" for name in names), "crab_verbs=ping"])
    done = run("ssh", "-o", f"SetEnv={sent}", *limited, HOST, stdin=b"1 ping\n")
    assert done.stdout.startswith(READY)
    assert b"1 error denied" in done.stdout
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["-L", "-R"])
def test_no_port_goes_through(limited: list[str], server: Sshd, kind: str) -> None:
    if kind == "-R":
        done = run("ssh", kind, f"127.0.0.1:0:127.0.0.1:{server.port}", *limited, HOST)
        assert done.returncode != 0
        assert b"remote port forwarding failed" in done.stderr
    else:
        done = run("ssh", "-W", f"127.0.0.1:{server.port}", *limited, HOST)
        assert done.returncode != 0
        assert b"administratively prohibited" in done.stderr
        assert b"SSH-2.0" not in done.stdout


def test_no_socket_goes_through(limited: list[str], tmp_path: Path) -> None:
    done = run("ssh", "-R", f"{tmp_path}/there:{tmp_path}/here", *limited, HOST)
    assert b"forwarding failed" in done.stderr
    assert not (tmp_path / "there").exists()


async def test_no_channel_but_the_door(
    server: Sshd, make_line: MakeLine, key: Path, limited: list[str]
) -> None:
    """As -D and any other client would ask for it, past the door's own connection."""
    async with asyncssh.connect(
        "127.0.0.1", server.port, username=USER, client_keys=[str(key)], config=None,
        known_hosts=asyncssh.import_known_hosts(server.known_hosts), agent_path=None,
    ) as link:  # fmt: skip
        with pytest.raises(asyncssh.ChannelOpenError) as refused:
            await link.open_connection("127.0.0.1", server.port)
        assert refused.value.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED
        with pytest.raises(asyncssh.ChannelOpenError):
            await link.open_unix_connection("/etc/hostname")
        with pytest.raises(asyncssh.ChannelListenError):
            await link.forward_remote_port("127.0.0.1", 0, "127.0.0.1", server.port)
        with pytest.raises(asyncssh.ChannelOpenError):
            await link.create_process("x", x11_forwarding=True, x11_display=":0")


async def test_no_agent(limited: list[str], server: Sshd, agent: str) -> None:
    """Seen by a command in the place of the door, whose line is the same but for that."""
    lines = (server.folder / "authorized_keys").read_text().splitlines()
    *others, ours = lines
    for line, seen in (
        (ours, b"."),
        (ours.replace("restrict ", "restrict,agent-forwarding "), b"/"),
    ):
        spying = re.sub(r'command=".*?[^\\]"', 'command="echo $SSH_AUTH_SOCK."', line)
        (server.folder / "authorized_keys").write_text("\n".join([*others, spying, ""]))
        assert run("ssh", "-A", *limited, HOST).stdout[:1] == seen


def test_no_files_by_any_protocol(limited: list[str], tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("x")
    run("scp", *limited, str(source), f"{HOST}:{target}")
    run("scp", "-O", *limited, str(source), f"{HOST}:{target}")
    batch = f"put {source} {target}\n".encode()
    run("sftp", *limited, "-b", "-", HOST, stdin=batch)
    assert not target.exists()
    done = run("ssh", "-s", *limited, HOST, "sftp", stdin=b"1 list\n")
    assert done.stdout.startswith(READY)


@pytest.mark.parametrize("words", [[], ["--verbs"], ["--verbs", ""], ["--verbs", "a;b"], ["x"]])
def test_the_door_opens_for_named_verbs_only(words: list[str]) -> None:
    script = Path(__file__).parents[4] / "engine" / "runner" / "door.sh"
    done = run("/bin/sh", str(script), *words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--verbs" in done.stderr


def test_every_verb_of_the_protocol_is_known() -> None:
    table = re.findall(r"^\| `([a-z]+)[ `]", PROTOCOL.read_text(), re.M)
    assert set(table) == set(VERBS)
    assert verbs_of(None) == VERBS


def test_verbs_are_read_and_refused() -> None:
    assert verbs_of("tail, status,tail") == ("tail", "status")
    with pytest.raises(InvalidSpec) as refused:
        verbs_of("status,strat")
    assert refused.value.nearest == "start"
    with pytest.raises(InvalidSpec, match="unknown verb ''"):
        verbs_of("")


def test_keys_are_read_and_refused(tmp_path: Path) -> None:
    public = make_key(tmp_path / "k")
    assert key_of(f"  {public}\n") == public
    private = (tmp_path / "k").read_text()
    for text, says in (
        ("", "is no public key"),
        ("ssh-ed25519 AAAA", "is no public key"),
        (private, "private key"),
        (f"{public}\n{public}", "one line"),
        (f'command="sh" {public}', "one line"),
        (f"no-pty {public}", "no"),
        (public.replace("ssh-ed25519", "ssh-rsa", 1), "no"),
    ):
        with pytest.raises(InvalidSpec, match=says) as refused:
            key_of(text)
        assert refused.value.field == "key"


def test_paths_that_no_line_can_hold() -> None:
    with pytest.raises(InvalidSpec, match="does not fit"):
        line_of("ssh-ed25519 AAAA", "/a\nb/door.sh", ("ping",))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder that is not its own")
async def test_a_spool_of_somebody_else_gets_no_door(
    make_server: MakeServer, make_line: MakeLine, root: Path
) -> None:
    server = make_server()
    root.mkdir(parents=True)
    os.chown(root, 12345, 12345)
    public = make_key(server.folder / "other")
    with pytest.raises(Unreachable, match="is not ours"):
        await authorize(make_line(server), Abode(root=str(root)), SystemClock(), public)
