"""What befalls a host: started anew, its pids given to others, its disk full."""

import shlex
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.control.messages import Cancel, ListWorkers, ReadLog, Release, ShowJob, Targets
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


def both(folder: Path, **sshd: Any) -> list[Far]:
    """One that answers in Python, one in sh."""
    return [
        Far(folder / python, python, table={"python": python}, **sshd)
        for python in ("auto", "no")
    ]


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


def _supervisors(far: Far) -> set[psutil.Process]:
    """Of the jobs there; some have no environment by which they could be known."""
    found: set[psutil.Process] = set()
    for job in far.jobs():
        with suppress(psutil.NoSuchProcess):
            parent = job.parent()
            found |= {parent} if parent is not None and parent.pid > 1 else set()
    return found


def kill_all(far: Far) -> None:
    """The power goes out, for all of it at once: nobody sees another end."""

    still: set[psutil.Process] = set()

    def all_still() -> bool:
        new = {*far.processes(), *_supervisors(far)} - still
        for one in new:
            with suppress(psutil.NoSuchProcess):
                one.suspend()
        still.update(new)
        return not new

    wait_until(all_still, what="all of it stands still")
    # Parents first: a group that is orphaned is continued by the kernel, and would see an end.
    for one in sorted(still, key=lambda one: (one.create_time(), one.pid)):
        with suppress(psutil.NoSuchProcess):
            one.kill()
    wait_until(lambda: not far.processes(), what="all of it is gone")


@needs_mounts
def test_a_host_started_anew_has_lost_what_ran_and_runs_it_again_if_that_is_safe(
    tmp_path: Path,
) -> None:
    boot, shell, gate = tmp_path / "boot_id", tmp_path / "shell", tmp_path / "gate"
    shell.write_text(_IN_ANOTHER_BOOT.format(boot=shlex.quote(str(boot)), boot_id=BOOT_ID))
    shell.chmod(0o755)
    fars = both(tmp_path, shell=(str(shell),))
    with Workers(tmp_path, fars) as workers:
        for far in fars:
            asked = (waits_at(gate, far, restart="safe"), waits_at(gate, far, restart="never"))
            workers.daemon.submit(*asked)
        wait_begun(workers, 1, 2, 3, 4)
        for far in fars:
            far.proxy.refuse()
            kill_all(far)
        boot.write_text(f"{uuid.uuid4()}\n")
        for far in fars:
            far.proxy.mend()
        for job in (2, 4):
            never = workers.daemon.wait_state(job)
            assert (never.state, never.exit_code) == ("failed", None)
            assert never.error is not None
            assert "started anew" in str(never.error["message"])
        for job in (1, 3):
            wait_until(partial(_has_two_attempts, workers, job))
        gate.touch()
        for job in (1, 3):
            safe = workers.daemon.wait_state(job)
            assert (safe.exit_code, safe.losses, safe.failures) == (7, 1, 1)
            first, _ = detail_of(workers, job).attempts
            assert first.verdict == "lost"


def _has_two_attempts(workers: Workers, job: int) -> bool:
    return len(detail_of(workers, job).attempts) == 2


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with anything."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def test_a_pid_that_was_given_to_a_stranger_is_never_signaled(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    fars, gate = both(tmp_path), tmp_path / "gate"
    with Workers(tmp_path, fars) as workers:
        for far in fars:
            workers.daemon.submit(*[waits_at(gate, far, restart="never")] * 2)
        wait_begun(workers, 1, 2, 3, 4)
        for far in fars:
            far.proxy.refuse()
            kill_all(far)
            for attempt in (far.spool / "a").iterdir():
                _give_pids_to(stranger.pid, attempt / "life")
        with workers.daemon.client() as client:
            client.call(Cancel(targets=Targets(ids=(2, 4))))
        for far in fars:
            far.proxy.mend()
        for job in (1, 3):
            lost = workers.daemon.wait_state(job)
            assert (lost.state, lost.exit_code) == ("failed", None)
        for job in (2, 4):
            assert workers.daemon.wait_state(job).state in ("canceled", "failed")
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
def small_homes(tmp_path: Path) -> Iterator[list[Path]]:
    """Homes with room for 3 MB, which are soon full."""
    homes = [tmp_path / "small-auto", tmp_path / "small-no"]
    for home in homes:
        home.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "none", str(home)]
        subprocess.run(words, check=True)
    yield homes
    for home in homes:
        subprocess.run(["umount", "-l", str(home)], check=True)


@needs_mounts
def test_a_full_disk_loses_no_end_and_refuses_starts_until_there_is_room(
    small_homes: list[Path], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    fars = [
        Far(tmp_path / python, python, home=home, table={"python": python})
        for python, home in zip(("auto", "no"), small_homes, strict=True)
    ]
    ran, refused, later = (1, 2, 4, 5), (3, 6), (7, 8)
    with Workers(tmp_path, fars) as workers:
        for far in fars:
            wanted = {"command": ["true"], "worker": far.name, "hold": True}
            workers.daemon.submit(*[waits_at(gate, far)] * 2, wanted)
        wait_begun(workers, *ran)
        for home in small_homes:
            _fill(home / "ballast")
        with workers.daemon.client() as client:
            client.call(Release(targets=Targets(ids=refused)))
        for job in refused:
            wait_until(partial(_refused, workers, job), what="a start that is refused")
        for far in fars:
            far.proxy.cut()
        gate.touch()
        for job in ran:
            ended = workers.daemon.wait_state(job)
            assert (ended.state, ended.exit_code) == ("failed", 7), ended.error
        for home in small_homes:
            (home / "ballast").unlink()
        for far in fars:
            workers.daemon.submit({"command": ["true"], "worker": far.name})
        for job in (*refused, *later):
            assert workers.daemon.wait_state(job).state == "succeeded"
        for job in ran:
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


def test_a_host_set_up_anew_has_lost_what_ran(tmp_path: Path) -> None:
    fars, gate = both(tmp_path), tmp_path / "gate"
    with Workers(tmp_path, fars) as workers:
        for far in fars:
            workers.daemon.submit(waits_at(gate, far, restart="never"))
        wait_begun(workers, 1, 2)
        for far in fars:
            far.proxy.refuse()
            kill_all(far)
            shutil.rmtree(far.spool)
        workers.mend()
        for job in (1, 2):
            lost = workers.daemon.wait_state(job)
            assert (lost.state, lost.exit_code, lost.attempt) == ("failed", None, 1)
            assert lost.error is not None
            assert lost.error["category"] == "lost"
