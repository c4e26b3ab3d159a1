"""Lines to real servers, and a home of one's own for what SSH reads there."""

import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from engine.backends.ssh.handshakes import Handshakes
from engine.backends.ssh.line import SshLine
from engine.backends.ssh.options import Patience, Places, Target
from engine.clock import SystemClock
from engine.model.address import Address, parse
from tests.kit.sshd import Sshd

QUICK = Patience(connect_s=10, keepalive_s=0.25, keepalive_count=2)

MakeServer = Callable[..., Sshd]
MakeLine = Callable[..., SshLine]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads the keys, agents and configuration of the person who runs it."""
    home = tmp_path / "me"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return home


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(known_hosts=tmp_path / "state" / "known_hosts")


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    made: list[Sshd] = []

    def make(**options: object) -> Sshd:
        folder = tmp_path / f"host{len(made)}"
        folder.mkdir()
        made.append(Sshd(folder, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def server(make_server: MakeServer) -> Sshd:
    return make_server()


@pytest.fixture
async def make_line(places: Places) -> AsyncIterator[MakeLine]:
    """Lines with the server's own client key, its host key known, unless told otherwise."""
    made: list[SshLine] = []
    handshakes = Handshakes()

    def make(
        server: Sshd,
        *,
        known: bool = True,
        address: Address | None = None,
        patience: Patience = QUICK,
        identity: str | None = "",
        ssh_config: bool = False,
    ) -> SshLine:
        if known:
            know(places, server.known_hosts)
        target = Target(
            name="far",
            address=address or parse(server.address),
            identity=str(server.client_key) if identity == "" else identity,
            ssh_config=ssh_config,
            patience=patience,
        )
        made.append(SshLine(target, places, handshakes, SystemClock()))
        return made[-1]

    yield make
    for line in made:
        await line.drop()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The socket of an agent without keys."""
    path = str(tmp_path / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        yield path
        running.send_signal(signal.SIGTERM)


def know(places: Places, *lines: str) -> None:
    """Put lines into our own known hosts."""
    places.known_hosts.parent.mkdir(exist_ok=True)
    with places.known_hosts.open("a") as file:
        file.writelines(lines)


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))
