"""What nobody saw, with a real daemon and a real sshd: it is said, and told truly later."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.control.messages import ReadLog
from engine.errors import SpoolGone, Unreachable
from tests.crabtui.cli.conftest import Crab, crab
from tests.engine.test_workers_over_ssh import add, daemon, host, state_of
from tests.kit.daemon import RealDaemon
from tests.kit.sshd import SSHD, Sshd
from tests.kit.waiting import wait_until

__all__ = ["crab", "daemon", "host"]

pytestmark = pytest.mark.skipif(SSHD is None, reason="there is no sshd")


def has_ended(life: Path) -> bool:
    return life.read_bytes().startswith(b"exit ")


def life_of(folder: Path, attempt: str) -> Path:
    [life] = folder.rglob(f"a/{attempt}/life")
    return life


def only_attempt(crab: Crab, job: int) -> dict[str, Any]:
    [attempt] = json.loads(crab("show", str(job), "--json").out)["attempts"]
    told: dict[str, Any] = attempt
    return told


@pytest.mark.parametrize("where", ["local", "far"])
def test_an_end_that_nobody_saw_has_its_own_time(
    where: str, daemon: RealDaemon, host: Sshd, crab: Crab, tmp_path: Path
) -> None:
    if where == "far":
        assert "takes work" in add(crab, host, "--trust", host.fingerprint)
    [(job, _)] = daemon.submit({"shell": "sleep 0.5", "worker": where}).ids
    daemon.wait_state(job, "running")
    attempt = only_attempt(crab, job)
    daemon.kill9()
    life = life_of(tmp_path, attempt["id"])
    wait_until(lambda: has_ended(life), what="the end")
    ended_s = life.stat().st_mtime
    daemon.start()
    daemon.wait_state(job, "succeeded")
    attempt = only_attempt(crab, job)
    assert abs(attempt["completed_at"] / 1e6 - ended_s) < 0.3
    assert attempt["duration_ms"] == daemon.job(job).duration_ms


def test_a_job_whose_host_is_gone_says_so_everywhere(
    daemon: RealDaemon, host: Sshd, crab: Crab
) -> None:
    assert "takes work" in add(crab, host, "--trust", host.fingerprint)
    [(job, _)] = daemon.submit({"shell": "sleep 60", "worker": "far"}).ids
    daemon.wait_state(job, "running")
    host.stop()
    host.kill_children()
    wait_until(lambda: state_of(daemon, "far") != "connected", what="the loss")
    wait_until(lambda: daemon.job(job).unreachable_at is not None, what="the mark")
    assert f"{job} " in crab("ls", "unreachable:yes").out
    assert "no contact" in crab("ls").out
    out = crab("show", str(job)).out
    assert "none with far since" in out
    assert "unreachable" in out.splitlines()[-1]
    assert "is silent since" in crab("explain", str(job)).out
    with daemon.client() as client, pytest.raises(Unreachable) as told:
        client.call(ReadLog(id=job))
    assert "`far` is out of reach since" in told.value.message
    assert told.value.details["unheard_s"] >= 0
    host.start()
    wait_until(lambda: daemon.job(job).unreachable_at is None, what="the host")
    assert crab("cancel", str(job)).code == 0
    daemon.wait_state(job, "canceled")


def test_a_spool_that_vanishes_takes_nothing_with_it(
    daemon: RealDaemon, host: Sshd, crab: Crab, tmp_path: Path
) -> None:
    spool, away = tmp_path / "elsewhere", tmp_path / "away"
    told = add(crab, host, "--trust", host.fingerprint, "--spool", str(spool))
    assert "takes work" in told
    [(job, _)] = daemon.submit({"shell": "echo here; sleep 2; exit 7", "worker": "far"}).ids
    daemon.wait_state(job, "running")
    life = life_of(spool, only_attempt(crab, job)["id"])
    spool.rename(away)
    wait_until(lambda: state_of(daemon, "far") == "refused", what="the loss")
    assert "is gone, or was replaced" in crab("workers", "show", "far").out
    assert "no contact" in crab("ls").out
    with daemon.client() as client, pytest.raises(SpoolGone):
        client.call(ReadLog(id=job))
    assert not spool.exists()
    away.rename(spool)
    wait_until(lambda: has_ended(life), what="the end")
    daemon.wait_state(job, "failed")
    assert only_attempt(crab, job)["exit_code"] == 7
    assert state_of(daemon, "far") == "connected"
