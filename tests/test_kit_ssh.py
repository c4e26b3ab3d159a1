"""The kit for other hosts: a real sshd with any login shell, and a line full of faults."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.proxy import DOWN, UP, Proxy
from tests.kit.sshd import Sshd, fingerprint, login_shells
from tests.kit.waiting import wait_until


def ssh(server: Sshd, command: str, *, port: int | None = None) -> str:
    """What `command` prints there, by OpenSSH's own client."""
    known = server.folder / "known"
    known.write_text(server.known_hosts.replace(str(server.port), str(port or server.port)))
    options = ["-F", "none", "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"]
    words = ["ssh", *options, "-i", str(server.client_key), "-p", str(port or server.port)]
    where = server.address.rsplit(":", 1)[0]
    done = subprocess.run([*words, where, command], capture_output=True, timeout=90, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("shell", login_shells(), ids=lambda words: Path(words[0]).name)
def test_any_login_shell_in_any_home(tmp_path: Path, shell: list[str]) -> None:
    home = tmp_path / "a 'home' \"with\" $(it)"
    with Sshd(tmp_path, shell=shell, home=home, banner="hi, it's `me`\n") as server:
        said = ssh(server, "pwd; echo $SHELL; echo $PATH")
    assert said == f"hi, it's `me`\n{home}\n{shell[0]}\n/usr/bin:/bin\n"


def test_sessions_are_killed_and_the_server_stays(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as peer:
            assert peer.recv(4) == b"SSH-"
            assert server.sessions()
            server.kill_children()
            assert not server.sessions()
        assert ssh(server, "echo still here") == "still here\n"


def test_restart_is_on_the_same_port_with_whatever_key_it_has(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        first = server.fingerprint
        server.new_host_key()
        server.restart()
        assert server.fingerprint != first
        assert server.fingerprint == fingerprint(server.known_hosts.split(" ", 1)[1])
        assert ssh(server, "echo new") == "new\n"


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says everything back, to one client after the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    try:
                        while data := peer.recv(65536):
                            peer.sendall(data)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(90)


def read_all(peer: socket.socket) -> None:
    while peer.recv(65536):
        pass


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), 10)


def test_what_goes_in_comes_out(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        peer.sendall(b"hello")
        assert peer.recv(5) == b"hello"
        assert proxy.passed == {UP: 5, DOWN: 5}
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(1) == b""
        wait_until(lambda: not proxy.open)


def test_cut_resets_and_the_next_connection_works(echo: int) -> None:
    with Proxy(echo) as proxy:
        with connect(proxy) as peer:
            peer.sendall(b"x")
            assert peer.recv(1) == b"x"
            proxy.cut()
            with pytest.raises(ConnectionResetError):
                peer.recv(1)
        with connect(proxy) as peer:
            peer.sendall(b"y")
            assert peer.recv(1) == b"y"


def test_refuse_until_mended(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.refuse()
        with pytest.raises(ConnectionResetError), connect(proxy) as peer:
            peer.recv(1)
        proxy.mend()
        with connect(proxy) as peer:
            peer.sendall(b"y")
            assert peer.recv(1) == b"y"


@pytest.mark.parametrize("direction", [UP, DOWN])
def test_half_a_line_holds_back_until_mended(echo: int, direction: str) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.stall(direction)
        peer.sendall(b"late")
        if direction == DOWN:
            wait_until(lambda: proxy.passed[UP] == 4)
        peer.settimeout(0.05)
        with pytest.raises(TimeoutError):
            peer.recv(4)
        assert proxy.passed[direction] == 0
        proxy.mend()
        peer.settimeout(90)
        assert peer.recv(4) == b"late"


def test_a_stalled_line_can_be_cut(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.stall()
        peer.sendall(b"never")
        wait_until(lambda: proxy.open)
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
        wait_until(lambda: not proxy.open)
        assert proxy.passed == {UP: 0, DOWN: 0}


def test_cut_after_so_many_bytes(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.cut_after(3, UP)
        peer.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            read_all(peer)
        assert proxy.passed[UP] == 3


def test_delay_holds_for_each_way_and_keeps_order(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.delay(0.05)
        before_s = time.monotonic()
        for letter in b"abc":
            peer.sendall(bytes([letter]))
        got = b""
        while len(got) < 3:
            got += peer.recv(3)
        assert got == b"abc"
        assert time.monotonic() - before_s >= 0.1
