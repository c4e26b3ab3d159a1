"""What people write goes to a host as it is, and what is secret is seen by nobody."""

import threading
from pathlib import Path
from typing import Any

import pytest

from engine.control.messages import ListEvents, ReadLog
from engine.errors import InvalidSpec
from tests.kit.sshd import SSHD
from tests.torture.far import Far, Workers

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine"),
]

SECRET = "s3cr3t-8d1f-never-to-be-seen"
SECRET_NAMES = ("TOKEN", "API_KEY", "db_password", "token", "apiToken")
HOSTILE = (
    "'", '"', "`id`", "$(id)", "${HOME}", "a;id", "a&&id", "a|id", "-rf", "--", "-", "", " ",
    "\n", "a\nid\n", "\t", "\\", "\\n", "%s%n", "*", "~", "!!", "#no", "<x", ">x", "\x1b[2J",
    "crab-1 ready", "+ ended 1-1-1", "ü€😀", "=", "a=b", "'\\''", "$'\\n'", "{a,b}", "\r\n",
)  # fmt: skip


def two(folder: Path) -> list[Far]:
    return [Far(folder / "a", "a"), Far(folder / "b", "b", table={"python": "no"})]


def test_words_environment_and_folders_arrive_as_they_were_written(tmp_path: Path) -> None:
    odd = tmp_path / '-it\'s $(odd); "here"\n'
    odd.mkdir()
    with Workers(tmp_path, two(tmp_path)) as workers:
        for far in workers.fars:
            jobs = [_echo(far, HOSTILE, odd), *(_echo(far, (text,), odd) for text in HOSTILE)]
            numbers = workers.daemon.submit(*jobs).ids
            wanted = [HOSTILE, *((text,) for text in HOSTILE)]
            [(first, _), *_] = numbers
            for number, texts in enumerate(wanted, first):
                ended = workers.daemon.wait_state(number)
                assert (ended.state, ended.worker_id) == ("succeeded", far.name), ended
                with workers.daemon.client() as client:
                    said = client.call(ReadLog(id=number)).data
                assert said == _expected(texts, odd)


def _echo(far: Far, texts: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Prints its words, its environment's and its folder, with NULs between."""
    script = 'printf "%s\\0" "$@" "$ODD" "$PWD"'
    return {
        "name": texts[0] if texts[0].isprintable() and texts[0].strip() else "x",
        "command": ["/bin/sh", "-c", script, "sh", *texts],
        "env": {"ODD": texts[-1]},
        "cwd": str(folder),
        "worker": far.name,
        "resources": {"cpu": 0.25},
    }


def _expected(texts: tuple[str, ...], folder: Path) -> bytes:
    return b"".join(f"{text}\0".encode() for text in (*texts, texts[-1], str(folder)))


@pytest.mark.parametrize(
    "job", [{"command": ["echo", "a\0b"]}, {"command": ["env"], "env": {"A": "b\0c"}}]
)
def test_a_nul_is_refused_before_anything_is_stored(daemon: Any, job: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpec, match="NUL"):
        daemon.submit(job)
    assert daemon.count("") == 0


def test_a_secret_is_in_no_process_list_no_log_and_no_event(tmp_path: Path) -> None:
    watcher = Watcher()
    with Workers(tmp_path, two(tmp_path)) as workers:
        workers.mend()
        watcher.start()
        try:
            for far in workers.fars:
                jobs = [_reader(far, name) for name in SECRET_NAMES for _ in range(4)]
                [(first, last), *_] = workers.daemon.submit(*jobs).ids
                for number in range(first, last + 1):
                    assert workers.daemon.wait_state(number).exit_code == 0
        finally:
            watcher.stop()
        with workers.daemon.client() as client:
            events = client.call(ListEvents(limit=1000)).events
        logs = [workers.daemon.logged, *(far.server.log.read_text() for far in workers.fars)]
    assert watcher.looks > 10
    assert watcher.seen == set()
    assert SECRET not in repr(events)
    assert not [text for text in logs if SECRET in text]


def _reader(far: Far, name: str) -> dict[str, Any]:
    """Succeeds if it was given the secret."""
    length = len(SECRET)
    script = f'eval "[ \\${{#{name}}} -eq {length} ]"; exit $?'
    return {
        "command": ["/bin/sh", "-c", script],
        "env": {name: SECRET},
        "worker": far.name,
        "resources": {"cpu": 0.25},
    }


class Watcher(threading.Thread):
    """Reads the command line of every process there is, again and again."""

    def __init__(self) -> None:
        super().__init__(name="watcher")
        self.looks = 0
        self.seen: set[bytes] = set()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            for name in Path("/proc").iterdir():
                if name.name.isdigit():
                    self._look(name)
            self.looks += 1

    def _look(self, process: Path) -> None:
        try:
            said = (process / "cmdline").read_bytes()
        except OSError:
            return
        if SECRET.encode() in said:
            self.seen.add(said)

    def stop(self) -> None:
        self._over.set()
        self.join()
