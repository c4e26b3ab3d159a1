"""Workers over real SSH, added, used and removed by command while the daemon runs."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.messages import ListWorkers
from engine.control.views import WorkerView
from tests.crabtui.cli.conftest import Crab, crab
from tests.kit.daemon import RealDaemon
from tests.kit.sshd import SSHD, Sshd, make_key
from tests.kit.waiting import wait_until

__all__ = ["crab"]

pytestmark = pytest.mark.skipif(SSHD is None, reason="there is no sshd")


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealDaemon]:
    running = RealDaemon(tmp_path).start()
    monkeypatch.setenv("CRABTUI_STATE", str(running.state))
    yield running
    running.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Sshd]:
    folder = tmp_path / "h"
    folder.mkdir()
    with Sshd(folder) as running:
        yield running


def worker(daemon: RealDaemon, name: str) -> WorkerView | None:
    with daemon.client() as client:
        views = client.call(ListWorkers()).workers
    return next((view for view in views if view.name == name), None)


def state_of(daemon: RealDaemon, name: str) -> str:
    view = worker(daemon, name)
    return view.link.state if view and view.link else "none"


def add(crab: Crab, host: Sshd, *more: str) -> str:
    words = ("workers", "add", "far", host.address, "-i", str(host.client_key))
    ran = crab(*words, "--no-ssh-config", "--label", "fast", "--slots", "3", *more)
    return f"{ran.code} {ran.out}{ran.err}"


def test_a_host_is_added_used_restarted_with_and_removed(
    daemon: RealDaemon, host: Sshd, crab: Crab
) -> None:
    refused = add(crab, host)
    assert refused.startswith("3 ")
    assert host.fingerprint in refused
    assert worker(daemon, "far") is None
    assert "far takes work" in add(crab, host, "--trust", host.fingerprint)
    view = worker(daemon, "far")
    assert view is not None
    assert (view.health, view.slots, view.labels) == ("healthy", 3, ("fast",))
    assert (view.origin, view.address) == ("command", host.address)
    [(job, _)] = daemon.submit({"shell": "echo it is $CRAB_JOB", "worker": "far"}).ids
    daemon.wait_state(job, "succeeded")
    assert crab("logs", str(job)).out == f"it is {job}\n"
    [(long, _)] = daemon.submit({"shell": "sleep 60", "worker": "far"}).ids
    daemon.wait_state(long, "running")
    held = crab("workers", "remove", "far")
    assert (held.code, f"#{long}" in held.err) == (3, True)
    assert daemon.terminate() == 0
    daemon.start()
    wait_until(lambda: state_of(daemon, "far") == "connected", what="the link")
    assert daemon.job(long).attempt == 1
    assert crab("cancel", str(long)).code == 0
    daemon.wait_state(long, "canceled")
    assert crab("workers", "remove", "far").code == 0
    assert worker(daemon, "far") is None


def test_a_dead_host_holds_nothing_up_and_comes_back(
    daemon: RealDaemon, host: Sshd, crab: Crab
) -> None:
    add(crab, host, "--trust", host.fingerprint)
    assert daemon.terminate() == 0
    host.stop()
    daemon.start(timeout_s=60)
    wait_until(lambda: state_of(daemon, "far") == "lost", what="the loss")
    [(here, _)] = daemon.submit({"argv": ["true"]}).ids
    daemon.wait_state(here, "succeeded")
    [(there, _)] = daemon.submit({"argv": ["true"], "worker": "far"}).ids
    shown = json.loads(crab("workers", "show", "far", "--json").out)
    assert shown["health"] == "down"
    assert "refused" in shown["link"]["error"]
    host.start()
    assert crab("workers", "reconnect", "far").code == 0
    daemon.wait_state(there, "succeeded")


def test_a_changed_host_key_is_refused_until_somebody_trusts_it(
    daemon: RealDaemon, host: Sshd, crab: Crab
) -> None:
    add(crab, host, "--trust", host.fingerprint)
    [(job, _)] = daemon.submit({"shell": "sleep 60", "worker": "far"}).ids
    daemon.wait_state(job, "running")
    host.stop()
    host.kill_children()
    host.new_host_key()
    host.start()
    wait_until(lambda: state_of(daemon, "far") == "refused", what="the refusal")
    error = json.loads(crab("workers", "show", "far", "--json").out)["link"]["error"]
    assert "HAS CHANGED" in error
    assert host.fingerprint in error
    assert daemon.job(job).state == "running"
    assert crab("workers", "reconnect", "far", "--trust", "SHA256:" + "A" * 43).code != 0
    assert crab("workers", "reconnect", "far", "--trust", host.fingerprint).code == 0
    wait_until(lambda: state_of(daemon, "far") == "connected", what="the link")
    assert (daemon.job(job).state, daemon.job(job).attempt) == ("running", 1)
    crab("cancel", str(job))
    daemon.wait_state(job, "canceled")


def test_a_key_is_authorized_and_serves_a_worker(
    daemon: RealDaemon, host: Sshd, crab: Crab
) -> None:
    add(crab, host, "--trust", host.fingerprint)
    key = host.folder / "narrow"
    make_key(key)
    public = f"{key}.pub"
    wrong = crab("workers", "authorize", "far", "--key", public, "--verbs", "strat")
    assert (wrong.code, "'start'" in wrong.err) == (2, True)
    line = crab("workers", "authorize", "far", "--key", public).out
    host.allow(line.strip())
    words = ("workers", "add", "narrow", host.address, "-i", str(key), "--no-ssh-config")
    twice = crab(*words)
    assert (twice.code, "that is worker 'far'" in twice.err) == (3, True)
    assert crab("workers", "remove", "far").code == 0
    ran = crab(*words)
    assert ran.code == 0, ran.err
    [(job, _)] = daemon.submit({"argv": ["true"], "worker": "narrow"}).ids
    daemon.wait_state(job, "succeeded")


def test_what_came_of_looks_and_attempts_to_connect_is_said(
    daemon: RealDaemon, host: Sshd, crab: Crab
) -> None:
    words = (
        "workers",
        "add",
        "far",
        host.address,
        "-i",
        str(host.client_key),
        "--no-ssh-config",
    )
    refused = crab(*words)
    assert refused.code == 3
    accept = refused.err.strip().split(": crabtui ")[-1]
    assert crab(*shlex.split(accept)).code == 0, accept
    probe = crab("workers", "probe", "far")
    assert (probe.code, probe.out) == (0, "far healthy, connected\n")
    host.stop()
    host.kill_children()
    for act in ("probe", "reconnect"):
        silent = crab("workers", act, "far")
        assert (silent.code, silent.out) == (3, "")
        assert silent.err.count("far: ") == 1
        assert "refused" in silent.err
    host.start()
    assert crab("workers", "reconnect", "far").code == 0
