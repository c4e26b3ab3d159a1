"""What others need for jobs on a host elsewhere: ssh for each, asyncssh, a bare sh loop."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

from tests.bench.figures import CORES, rate
from tests.bench.peers import TRUE
from tests.kit.sshd import USER, Sshd, make_key

AT_ONCE = 6
"""Channels in use at once on one connection; hosts allow ten, most of the time."""

LOOP = (
    "exec /bin/sh -c 'cd {folder} || exit; while read -r name; do "
    "setsid {true} >$name.out 2>$name.err </dev/null; echo $? >$name.exit; echo $name; done'"
)
"""Output and exit code of each job in files, and a line when it is over."""


class PlainKey:
    """A key of a server that opens the account's own shell, with nothing in between."""

    def __init__(self, host: Sshd) -> None:
        self.host = host
        self.path = host.folder / "plain_key"
        host.allow(make_key(self.path))
        self.known_hosts = host.folder / "known_hosts"
        self.known_hosts.write_text(host.known_hosts)


@contextmanager
def control_master(key: PlainKey) -> Iterator[list[str]]:
    """The words of an `ssh` that uses a connection which is there already."""
    socket = key.host.folder / "m"
    ssh = ["ssh", "-F", "none", "-S", str(socket), "-p", str(key.host.port), "-l", USER]
    settings = [
        f"IdentityFile={key.path}",
        "IdentitiesOnly=yes",
        f"UserKnownHostsFile={key.known_hosts}",
    ]
    options = [word for one in settings for word in ("-o", one)]
    subprocess.run([*ssh, *options, "-M", "-f", "-N", "127.0.0.1"], check=True)
    try:
        yield [*ssh, "127.0.0.1"]
    finally:
        ending = [*ssh, "-O", "exit", "127.0.0.1"]
        subprocess.run(ending, check=True, stderr=subprocess.DEVNULL)


def ssh_rate(ssh: Sequence[str], count: int, at_once: int) -> float:
    """`ssh … true` for each job over a ControlMaster, so many at a time."""
    words = ["xargs", "-I", "{}", "-P", str(at_once), *ssh, f"{TRUE} {{}}"]
    lines = "".join(f"{number}\n" for number in range(count))

    def run() -> None:
        subprocess.run(words, input=lines, text=True, check=True)

    return rate(run, count)


def exec_rate(key: PlainKey, count: int) -> float:
    """A channel for each job on one connection of asyncssh, several at a time."""

    async def work(link: asyncssh.SSHClientConnection) -> float:
        numbers = iter(range(count))

        async def take() -> None:
            for _ in numbers:
                done = await link.run(TRUE, encoding=None)
                assert done.exit_status == 0

        async def all_of_them() -> None:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(AT_ONCE, 2 * CORES)):
                    tasks.create_task(take())

        return await _timed(all_of_them, count)

    return asyncio.run(_connected(key, work))


def loop_rate(key: PlainKey, folder: Path, count: int) -> float:
    """A `sh` at the other end of one channel that runs a command for each line it reads."""
    folder.mkdir()
    command = LOOP.format(folder=folder, true=TRUE)
    names = b"".join(b"%d\n" % number for number in range(count))

    async def work(link: asyncssh.SSHClientConnection) -> float:
        process = await link.create_process(command, encoding=None)

        async def all_of_them() -> None:
            process.stdin.write(names)
            for _ in range(count):
                await process.stdout.readline()

        try:
            return await _timed(all_of_them, count)
        finally:
            process.close()

    return asyncio.run(_connected(key, work))


async def _timed(work: Callable[[], Awaitable[None]], count: int) -> float:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await work()
    return count / (loop.time() - began_s)


async def _connected(
    key: PlainKey, work: Callable[[asyncssh.SSHClientConnection], Awaitable[float]]
) -> float:
    settings: dict[str, Any] = {
        "username": USER,
        "client_keys": [str(key.path)],
        "known_hosts": str(key.known_hosts),
        "config": None,
    }
    async with asyncssh.connect("127.0.0.1", key.host.port, **settings) as link:
        return await work(link)
