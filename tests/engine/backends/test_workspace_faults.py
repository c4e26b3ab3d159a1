"""Workspaces when things go wrong in the middle: kills in every step, stale locks, stops."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from engine.backends.protocol import HostState, Report
from engine.model.ids import AttemptId
from engine.model.workspaces import Keep, Workspace
from engine.runner.identity import ident, start_time
from tests.engine.backends.hands import Hands
from tests.kit.repositories import a_repository, worktrees
from tests.kit.waiting import wait_until

STEPS = ("clone", "rev-parse", "fetch", "worktree add", "reset")
LONG_STEPS = ("clone", "worktree add")


class Gate:
    """A `git` that stops before one of its commands until it is let through."""

    def __init__(self, folder: Path, step: str) -> None:
        folder.mkdir()
        self.at = folder / "at"
        self._go = folder / "go"
        os.mkfifo(self._go)
        script = folder / "git"
        script.write_text(
            "#!/bin/sh\n"
            f'case " $* " in *" {step} "*)\n'
            f'  echo $$ >"{self.at}.new"; mv "{self.at}.new" "{self.at}"\n'
            f'  read -r _ <"{self._go}" ;;\n'
            "esac\n"
            f'exec {shutil.which("git")} "$@"\n'
        )
        script.chmod(0o755)
        self.env = (("PATH", f"{folder}:/usr/bin:/bin"),)

    def wait(self) -> None:
        wait_until(self.at.exists)

    def open(self) -> None:
        self._go.write_text("go\n")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    return a_repository(tmp_path / "origin" / "app")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "base"


@pytest.fixture
def here(origin: Path, base: Path) -> Workspace:
    return Workspace(repo=f"file://{origin}", revision="main", base=str(base))


def supervisor(root: Path, report: Report) -> int:
    for line in (root / "a" / report.attempt / "life").read_text().splitlines():
        if line.startswith("sup "):
            return int(line.split()[1])
    raise AssertionError("no supervisor is on record")


async def wait_state(hands: Hands, report: Report, state: HostState) -> None:
    while (await hands.backend.adopt([report.attempt]))[0].state is not state:
        continue  # each look waits for the disk's thread, or for the host program


def is_clean(root: Path, clone: Path) -> bool:
    listed = worktrees(clone) if clone.exists() else []
    return listed == [] and list((root / "w").glob("*")) == []


@pytest.mark.parametrize("step", STEPS)
async def test_its_supervisor_is_killed_and_then_the_job(
    hands: Hands, root: Path, here: Workspace, base: Path, tmp_path: Path, step: str
) -> None:
    gate = Gate(tmp_path / "bin", step)
    report = await hands.start("true", env=gate.env, workspace=here)
    gate.wait()
    os.kill(supervisor(root, report), signal.SIGKILL)
    await wait_state(hands, report, HostState.ORPHAN)
    assert report.pid
    os.killpg(report.pid, signal.SIGKILL)
    await wait_state(hands, report, HostState.LOST)
    await hands.backend.tidy([report.attempt])
    wait_until(lambda: is_clean(root, base / "app"))
    after = await hands.run("cat", "file", workspace=here)
    assert after.code == 0
    assert sorted(entry.name for entry in base.iterdir()) == ["app"]


@pytest.mark.parametrize("step", LONG_STEPS)
async def test_the_job_alone_is_killed(
    hands: Hands, root: Path, here: Workspace, base: Path, tmp_path: Path, step: str
) -> None:
    gate = Gate(tmp_path / "bin", step)
    report = await hands.start("true", env=gate.env, workspace=here)
    gate.wait()
    assert report.pid
    os.kill(report.pid, signal.SIGKILL)
    assert (await hands.end(report)).signal == 9
    wait_until(lambda: not (root / "w").exists() or is_clean(root, base / "app"))
    assert (await hands.run("true", workspace=here)).code == 0


@pytest.mark.parametrize("step", LONG_STEPS)
async def test_it_is_stopped(
    hands: Hands, root: Path, here: Workspace, base: Path, tmp_path: Path, step: str
) -> None:
    gate = Gate(tmp_path / "bin", step)
    report = await hands.start("true", env=gate.env, workspace=here)
    gate.wait()
    await hands.stop(report)
    end = await hands.end(report)
    assert (end.why, end.signal) == ("stop", 15)
    wait_until(lambda: not (root / "w").exists() or is_clean(root, base / "app"))
    assert (await hands.run("true", workspace=here)).code == 0


async def test_its_timeout_counts_from_the_clone_on(
    hands: Hands, here: Workspace, tmp_path: Path
) -> None:
    gate = Gate(tmp_path / "bin", "clone")
    report = await hands.start("true", env=gate.env, workspace=here, hard_ms=300)
    assert (await hands.end(report)).why == "timeout"


async def test_another_repository_waits_for_nobody(
    hands: Hands, here: Workspace, root: Path, base: Path, tmp_path: Path
) -> None:
    gate = Gate(tmp_path / "bin", "worktree add")
    first = await hands.start("cat", "file", env=gate.env, workspace=here)
    gate.wait()  # it has the lock of its repository
    lock = base / "app" / ".git" / "crabtui.lock"
    assert lock.readlink().parts[0].startswith(f"{first.pid},")
    second = await hands.start("cat", "file", workspace=here)
    other = a_repository(tmp_path / "other")
    assert (await hands.run("true", workspace=Workspace(repo=str(other)))).code == 0
    assert lock.readlink().parts[0].startswith(f"{first.pid},")
    assert await hands.log(second) == b""
    gate.open()
    assert (await hands.end(first)).code == (await hands.end(second)).code == 0
    wait_until(lambda: is_clean(root, base / "app") and not lock.is_symlink())


async def test_jobs_of_one_repository_run_side_by_side(
    hands: Hands, here: Workspace, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "go")
    script = f"echo up; read -r _ <'{tmp_path}/go'"
    first = await hands.sh(script, workspace=here)
    await hands.wait_log(first, b"up")
    assert (await hands.run("true", workspace=here)).code == 0
    (tmp_path / "go").write_text("go\n")
    assert (await hands.end(first)).code == 0


async def test_the_lock_of_a_process_that_is_no_more(
    hands: Hands, here: Workspace, base: Path, root: Path
) -> None:
    await hands.run("true", workspace=here)
    wait_until(lambda: is_clean(root, base / "app"))
    host, boot, init = ident().split("/")
    recycled = f"{os.getpid()},1,{ident()}"
    for holder in (f"999999999,1,{ident()}", recycled, f"1,1,{host}/earlier-{boot}/{init}"):
        for name in ("crabtui.lock", "crabtui.lock.break"):
            (base / "app" / ".git" / name).symlink_to(holder)
        assert (await hands.run("true", workspace=here)).code == 0
        wait_until(lambda: is_clean(root, base / "app"))
        assert not list((base / "app" / ".git").glob("crabtui.lock*"))


@pytest.mark.parametrize("holder", ["ours", "another host's", "another container's"])
async def test_the_lock_of_a_process_that_may_live_is_left_alone(
    hands: Hands, here: Workspace, base: Path, root: Path, holder: str
) -> None:
    await hands.run("true", workspace=here)
    wait_until(lambda: is_clean(root, base / "app"))
    host, boot, init = ident().split("/")
    lock = base / "app" / ".git" / "crabtui.lock"
    lock.symlink_to(
        {
            "ours": f"{os.getpid()},{start_time(os.getpid())},{ident()}",
            "another host's": f"1,1,x{host}/{boot}/{init}",
            "another container's": f"1,1,{host}/{boot}/1{init}",
        }[holder]
    )
    report = await hands.start("true", workspace=here, hard_ms=1_000)
    assert (await hands.end(report)).why == "timeout"
    assert lock.is_symlink()
    lock.unlink()
    wait_until(lambda: is_clean(root, base / "app"))


async def test_what_a_crash_left_goes_with_the_next_in_that_repository(
    hands: Hands, here: Workspace, base: Path, root: Path
) -> None:
    kept = await hands.run("true", workspace=here)
    place = root / "w" / kept.attempt
    report = await hands.sh("kill -9 $PPID; exit 0", workspace=here)
    await wait_state(hands, report, HostState.LOST)
    shutil.rmtree(root / "a" / report.attempt)  # as after a sweep that was killed, too
    wait_until(lambda: not place.exists())
    assert worktrees(base / "app") == [str(root / "w" / report.attempt)]
    assert (await hands.run("true", workspace=here)).code == 0
    wait_until(lambda: is_clean(root, base / "app"))


async def test_what_failed_is_kept_through_a_crash(
    hands: Hands, here: Workspace, base: Path, root: Path, origin: Path
) -> None:
    keeping = Workspace(repo=here.repo, base=here.base, keep=Keep.FAILED)
    report = await hands.sh("kill -9 $PPID; exit 0", workspace=keeping)
    await wait_state(hands, report, HostState.LOST)
    await hands.backend.tidy([report.attempt])
    place = root / "w" / report.attempt
    wait_until(place.with_name(f"{place.name}.kept").exists)
    assert (place / "file").exists()
    await hands.backend.forget(AttemptId(report.attempt), hands.epoch)
    wait_until(lambda: is_clean(root, base / "app"))
