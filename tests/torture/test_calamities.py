"""What befalls a host: started anew, its pids given to others, its disk full."""

import shlex
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.control.messages import Cancel, ListWorkers, ReadLog, ShowJob, Targets
from engine.control.views import JobDetail
from tests.kit.sshd import SSHD
from tests.kit.waiting import wait_until
from tests.torture.far import Far, Workers

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine"),
]

BOOT_ID = "/proc/sys/kernel/random/boot_id"
_IN_ANOTHER_BOOT = """\
#!/bin/sh
[ -e {boot} ] || exec /bin/sh "$@"
exec unshare -m /bin/sh -c 'mount --bind "$0" {boot_id} && exec /bin/sh "$@"' {boot} "$@"
"""


def can_mount() -> bool:
    """Whether this process may have mounts of its own."""
    words = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    with suppress(OSError):
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    return False


needs_mounts = pytest.mark.skipif(not can_mount(), reason="nothing can be mounted here")


@pytest.fixture(params=["auto", "no"])
def table(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"python": request.param}


def waits_at(gate: Path, far: Far, **fields: Any) -> dict[str, Any]:
    """A job that says `begun` and waits until the gate is there."""
    script = f"echo begun; until [ -e {shlex.quote(str(gate))} ]; do sleep 0.02; done; exit 7"
    return {"command": ["/bin/sh", "-c", script], "worker": far.name, **fields}


def detail_of(workers: Workers, job: int) -> JobDetail:
    with workers.daemon.client() as client:
        return client.call(ShowJob(id=job))


def wait_begun(workers: Workers, *jobs: int) -> None:
    """Return when they run and have said so."""

    def begun() -> bool:
        with workers.daemon.client() as client:
            logs = [client.call(ReadLog(id=job)).data for job in jobs]
        return logs == [b"begun\n"] * len(jobs)

    for job in jobs:
        workers.daemon.wait_state(job, "running")
    wait_until(begun, what=f"jobs {jobs} have begun")


def kill_all(far: Far) -> None:
    """The power goes out: nothing of it is left."""

    def none_left() -> bool:
        left = far.processes()
        for one in left:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        return not left

    wait_until(none_left)


@needs_mounts
def test_a_host_started_anew_has_lost_what_ran_and_runs_it_again_if_that_is_safe(
    tmp_path: Path, table: dict[str, str]
) -> None:
    boot, shell, gate = tmp_path / "boot_id", tmp_path / "shell", tmp_path / "gate"
    shell.write_text(_IN_ANOTHER_BOOT.format(boot=shlex.quote(str(boot)), boot_id=BOOT_ID))
    shell.chmod(0o755)
    far = Far(tmp_path / "far", "far", shell=(str(shell),), table=table)
    with Workers(tmp_path, [far]) as workers:
        workers.daemon.submit(
            waits_at(gate, far, restart="safe"),
            waits_at(gate, far, restart="never"),
        )
        wait_begun(workers, 1, 2)
        far.proxy.refuse()
        kill_all(far)
        boot.write_text(f"{uuid.uuid4()}\n")
        far.proxy.mend()
        never = workers.daemon.wait_state(2)
        assert (never.state, never.exit_code) == ("failed", None)
        assert never.error is not None
        assert "started anew" in str(never.error["message"])
        wait_until(lambda: len(detail_of(workers, 1).attempts) == 2)
        gate.touch()
        safe = workers.daemon.wait_state(1)
        assert (safe.exit_code, safe.losses, safe.failures) == (7, 1, 1)
        first, _ = detail_of(workers, 1).attempts
        assert first.verdict == "lost"


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with anything."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def test_a_pid_that_was_given_to_a_stranger_is_never_signaled(
    tmp_path: Path, table: dict[str, str], stranger: subprocess.Popen[bytes]
) -> None:
    far, gate = Far(tmp_path / "far", "far", table=table), tmp_path / "gate"
    with Workers(tmp_path, [far]) as workers:
        workers.daemon.submit(
            waits_at(gate, far, restart="never"), waits_at(gate, far, restart="never")
        )
        wait_begun(workers, 1, 2)
        far.proxy.refuse()
        kill_all(far)
        for attempt in (far.spool / "a").iterdir():
            _give_pids_to(stranger.pid, attempt / "life")
        with workers.daemon.client() as client:
            client.call(Cancel(targets=Targets(ids=(2,))))
        far.proxy.mend()
        lost, canceled = workers.daemon.wait_state(1), workers.daemon.wait_state(2)
        assert (lost.state, lost.exit_code) == ("failed", None)
        assert canceled.state in ("canceled", "failed")
        assert stranger.poll() is None
        assert psutil.Process(stranger.pid).status() == psutil.STATUS_SLEEPING


def _give_pids_to(pid: int, record: Path) -> None:
    """Every process that is on record now seems to be this one, begun at another time."""
    lines = [line.split(" ") for line in record.read_text().splitlines()]
    assert any(words[0] == "job" for words in lines)
    told = [[words[0], str(pid), *words[2:]] if words[0] in ("sup", "job") else words
            for words in lines]  # fmt: skip
    record.write_text("".join(" ".join(words) + "\n" for words in told))


@pytest.fixture
def small_home(tmp_path: Path) -> Iterator[Path]:
    """A home with room for 3 MB, which is soon full."""
    home = tmp_path / "small"
    home.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "none", str(home)]
    subprocess.run(words, check=True)
    yield home
    subprocess.run(["umount", "-l", str(home)], check=True)


@needs_mounts
def test_a_full_disk_loses_no_end_and_refuses_starts_until_there_is_room(
    small_home: Path, tmp_path: Path, table: dict[str, str]
) -> None:
    gate = tmp_path / "gate"
    far = Far(tmp_path / "far", "far", home=small_home, table=table)
    ballast = small_home / "ballast"
    with Workers(tmp_path, [far]) as workers:
        workers.daemon.submit(*[waits_at(gate, far)] * 3)
        wait_begun(workers, 1, 2, 3)
        _fill(ballast)
        again = {"max_attempts": 100, "base_ms": 200, "multiplier": 1}
        workers.daemon.submit({"command": ["true"], "worker": "far", "retry": again})
        wait_until(lambda: _refused(workers, 4), what="a start that is refused")
        far.proxy.cut()
        gate.touch()
        for job in (1, 2, 3):
            ended = workers.daemon.wait_state(job)
            assert (ended.state, ended.exit_code) == ("failed", 7), ended.error
        ballast.unlink()
        workers.daemon.submit({"command": ["true"], "worker": "far"})
        assert workers.daemon.wait_state(5).state == "succeeded"
        assert workers.daemon.wait_state(4).state == "succeeded"
        for job in (1, 2, 3):
            with workers.daemon.client() as client:
                assert client.call(ReadLog(id=job)).data == b"begun\n"


def _refused(workers: Workers, job: int) -> bool:
    """Whether its host certainly did not start it, and said why."""
    errors = [one.error for one in detail_of(workers, job).attempts if one.error]
    return any("No space left" in str(error["message"]) for error in errors)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")


def test_a_clock_that_is_wrong_is_shown_and_changes_nothing(tmp_path: Path) -> None:
    far = Far(tmp_path / "far", "far")
    with Workers(tmp_path, [far]) as workers:
        workers.mend()

        def drift() -> bool:
            with workers.daemon.client() as client:
                shown_by_name = {one.name: one for one in client.call(ListWorkers()).workers}
            shown = shown_by_name["far"]
            return shown.drift_ms is not None and abs(shown.drift_ms) < 1000

        wait_until(drift, what="how far its clock is ahead")
