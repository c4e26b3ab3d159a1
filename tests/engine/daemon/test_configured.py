"""A real daemon and its configuration: at its start, on reload, and whose workers left."""

import getpass
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control import blocking
from engine.control.messages import (
    GetStats,
    ListEvents,
    ListQueues,
    Reload,
    SetQueue,
    SetWorker,
    ShowConfig,
)
from engine.control.views import Reloaded, SettingView
from engine.errors import InvalidSpec, NotAllowed
from tests.kit.daemon import RealDaemon
from tests.kit.waiting import wait_until

NAP = {"shell": "sleep 60", "queue": "q", "cpus": 0.1}


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[RealDaemon]:
    """A daemon that was not started yet."""
    daemon = RealDaemon(tmp_path)
    daemon.state.mkdir(mode=0o700)
    yield daemon
    daemon.close()


def write(daemon: RealDaemon, text: str) -> None:
    (daemon.state / "config.toml").write_text(text)


def reload(daemon: RealDaemon) -> Reloaded:
    with daemon.client() as client:
        return client.call(Reload())


def shown(daemon: RealDaemon) -> dict[str, SettingView]:
    with daemon.client() as client:
        return {one.key: one for one in client.call(ShowConfig()).settings}


def configured_events(daemon: RealDaemon) -> list[dict[str, object]]:
    with daemon.client() as client:
        events = client.call(ListEvents(last=True, limit=200)).events
    return [event.data for event in events if event.type == "daemon.configured"]


def test_a_limit_in_the_file_holds_and_a_reload_changes_it(configured: RealDaemon) -> None:
    write(configured, "[queues.q]\nlimit = 1\n")
    configured.start()
    with configured.client() as client:
        queues = {queue.name: queue for queue in client.call(ListQueues()).queues}
    assert queues["q"].limit == 1
    [(first, last)] = configured.submit(*[NAP] * 3).ids
    configured.wait_state(first, "running")
    assert configured.count("state:running") == 1
    write(configured, "[queues.q]\nlimit = 2\n[daemon]\nlease_ttl = '40s'\n")
    done = reload(configured)
    assert done.changed == ("queues.q.limit: 1 -> 2",)
    assert done.needs_restart == ('daemon.lease_ttl: "30s" -> "40s"',)
    configured.wait_state(first + 1, "running")
    assert configured.job(last).state == "queued"
    assert configured.job(first).attempt == 1
    [told] = configured_events(configured)
    assert told["changed"] == ["queues.q.limit: 1 -> 2"]
    now = shown(configured)
    assert now["queues.q.limit"].source == f"{configured.state}/config.toml:2"
    assert now["daemon.lease_ttl"].value == '"30s"'
    assert '"40s" after a restart' in now["daemon.lease_ttl"].source
    configured.restart()
    assert shown(configured)["daemon.lease_ttl"].value == '"40s"'


def test_what_is_for_clients_is_checked_and_changes_nothing_here(
    configured: RealDaemon,
) -> None:
    configured.start()
    write(configured, '[contexts.a]\nhost = "atlas"\n[console]\nutc = true\n')
    assert reload(configured) == Reloaded(changed=(), needs_restart=())
    assert configured_events(configured) == []
    assert shown(configured)["contexts.a.host"].value == '"atlas"'
    write(configured, "[contexts.a]\nprotected = true\n")
    with pytest.raises(InvalidSpec, match="neither a `state` nor a `host`"):
        reload(configured)


def test_hup_reloads_and_a_wrong_file_changes_nothing(configured: RealDaemon) -> None:
    write(configured, "[queues.q]\nlimit = 1\n")
    configured.start()
    [(first, _)] = configured.submit(*[NAP] * 2).ids
    configured.wait_state(first, "running")
    write(configured, "[queues.q]\nlimit = 5\nwieght = 2\n")
    with pytest.raises(InvalidSpec) as refused:
        reload(configured)
    assert "config.toml:3: queues.q.wieght" in refused.value.message
    assert refused.value.nearest == "weight"
    os.kill(configured.pid, signal.SIGHUP)
    wait_until(lambda: "configuration not read again" in configured.logged, what="the log")
    assert shown(configured)["queues.q.limit"].value == "1"
    assert configured_events(configured) == []
    write(configured, "[queues.q]\nlimit = 5\n")
    os.kill(configured.pid, signal.SIGHUP)
    configured.wait_state(first + 1, "running")
    assert shown(configured)["queues.q.limit"].value == "5"


def test_what_was_set_by_hand_goes_before_the_file(configured: RealDaemon) -> None:
    write(configured, "[queues.q]\nlimit = 3\nweight = 4\n")
    configured.start()
    with configured.client() as client:
        client.call(SetQueue(name="q", limit=1))
    now = shown(configured)
    limit = now["queues.q.limit"]
    assert (limit.value, limit.source) == ("1", f"set by {getpass.getuser()}")
    with configured.client() as client:
        events = client.call(ListEvents(last=True, limit=200)).events
    [told_at] = [event.at for event in events if event.type == "queue.limited"]
    assert limit.set_at is not None
    assert abs(told_at - limit.set_at) < 10_000_000
    assert now["queues.q.weight"].value == "4"
    configured.restart()
    assert shown(configured)["queues.q.limit"] == limit
    reader = blocking.connect(configured.state, read_only=True)
    with reader as client, pytest.raises(NotAllowed):
        client.call(Reload())


def test_a_wrong_file_is_refused_at_the_start(configured: RealDaemon) -> None:
    write(configured, "[scheduler]\nageing = 'linaer'\n")
    ended = subprocess.run(configured.argv, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == (
        f"crabtui: {configured.state}/config.toml:2: scheduler.ageing: "
        "unknown ageing 'linaer': did you mean 'linear'?\n"
    )
    words = [sys.executable, "-m", "crabtui", "ls", "--state", str(configured.state)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert "did you mean 'linear'?" in ended.stderr


def test_workers_of_the_file_are_real_and_leave_gently(configured: RealDaemon) -> None:
    file = (
        "[workers.local]\nlabels = ['here']\n[workers.part]\nslots = 1\nlabels = ['zone=b']\n"
    )
    write(configured, file)
    configured.start()
    there = {"shell": "echo from $CRAB_JOB; sleep 60", "worker": "part"}
    [(job, waits)] = configured.submit(there, there).ids
    configured.wait_state(job, "running")
    assert configured.job(waits).state == "queued"
    assert (configured.state / "spools" / "part").is_dir()
    with configured.client() as client:
        workers = {each.name: each for each in client.call(GetStats()).workers}
        assert workers["part"].slots == 1
        assert workers["part"].slots_taken == 1
    write(configured, "")
    configured.restart()
    assert configured.job(job).state == "running"
    with configured.client() as client:
        workers = {each.name: each for each in client.call(GetStats()).workers}
        assert workers["part"].draining
        assert not workers["local"].draining
        assert "worker part left the configuration" in workers["part"].warnings
        with pytest.raises(NotAllowed, match=r"\[workers.part\] back"):
            client.call(SetWorker(name="part", drain=False))
        client.call(SetWorker(name="local", drain=True))
    write(configured, file)
    configured.restart()
    with configured.client() as client:
        workers = {each.name: each for each in client.call(GetStats()).workers}
        assert not workers["part"].draining
        assert workers["local"].draining
        [text, *_] = workers["local"].warnings
        assert text.startswith("workers.part.cpus is not set, so it lends all")


def test_the_retry_preset_of_the_site_holds_for_who_says_nothing(
    configured: RealDaemon,
) -> None:
    write(configured, "[retry]\ndefault = 'crab'\n")
    configured.start()
    [(plain, own)] = configured.submit(
        {"argv": ["true"], "hold": True}, {"argv": ["true"], "hold": True, "retries": 6}
    ).ids
    assert configured.job(plain).max_attempts == 3
    assert configured.job(own).max_attempts == 7
