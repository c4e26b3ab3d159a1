"""A daemon that is killed at any instant neither loses nor doubles a run or a hook."""

from functools import partial
from pathlib import Path
from random import Random

from engine.control.messages import ActOnCron, AddCron, ListEvents, ListJobs, ShowCron
from engine.control.views import CronView
from tests.kit.daemon import RealDaemon
from tests.kit.waiting import wait_until

ROUNDS = 6


def counted(daemon: RealDaemon, where: str) -> int:
    with daemon.client() as client:
        return client.call(ListJobs(where=where, count=1)).total


def has_more(daemon: RealDaemon, than: int) -> bool:
    return counted(daemon, "tag:cron:n") > than


def shown(daemon: RealDaemon) -> CronView:
    with daemon.client() as client:
        return client.call(ShowCron(name="n")).cron


def test_killed_again_and_again_every_run_and_every_hook_is_there_once(tmp_path: Path) -> None:
    daemon, rng = RealDaemon(tmp_path).start(), Random(7)
    hooks = [{"on": "success", "command": "true", "name": "told"}]
    job = {"argv": ["true"], "hooks": hooks, "cpu": "10m"}
    try:
        with daemon.client() as client:
            client.call(
                AddCron(
                    name="n",
                    spec="@every 1s",
                    zone="UTC",
                    job=job,
                    missed="all",
                    overlap="allow",
                )
            )
        for _ in range(ROUNDS):
            started = counted(daemon, "tag:cron:n")
            wait_until(partial(has_more, daemon, started))
            for _ in range(rng.randrange(3)):  # some way on
                counted(daemon, "tag:hook")
            daemon.kill9()
            daemon.start()
        with daemon.client() as client:
            client.call(ActOnCron(name="n", act="pause"))
        wait_until(lambda: shown(daemon).owed == 0)
        runs = counted(daemon, "tag:cron:n")
        wait_until(lambda: counted(daemon, "tag:hook state:succeeded") >= runs)
        with daemon.client() as client:
            events = client.call(ListEvents(limit=10_000)).events
        fired = [event.data["at"] for event in events if event.type == "cron.fired"]
        assert len(fired) == len(set(map(str, fired))) == runs == shown(daemon).fired
        seconds = sorted(int(str(at)) // 1_000_000 for at in fired)
        assert seconds == list(range(seconds[0], seconds[-1] + 1))
        assert counted(daemon, "tag:hook") == runs
    finally:
        daemon.terminate()
