"""What the Admin view looks at, in worlds of tests."""

from typing import Any

import msgspec

from engine.control import messages as m
from engine.control import views as v
from engine.errors import NotFound
from tests.kit import answers
from tests.kit.fake_door import a_daemon
from tests.kit.fake_world import S, World


def administered(world: World, *, empty: bool = False) -> World:
    """The same world, which also answers what the Admin view asks."""
    now = world.clock.now()
    stats = answers.some_stats(a_daemon(started_at=now - 3_720 * S))
    engine = msgspec.structs.replace(stats.engine, checkpoint_at=now - 12 * S)
    stats = msgspec.structs.replace(stats, engine=engine)
    acts = () if empty else _acts(now)
    world.answers |= {
        m.GetStats: lambda _: msgspec.structs.replace(stats, now_at=world.clock.now()),
        m.ListTenants: lambda _: v.TenantsView(tenants=() if empty else _tenants()),
        m.ListCrons: lambda _: v.CronsView(crons=() if empty else _crons(now), now_at=now),
        m.ActOnCron: _acted,
        m.ShowConfig: lambda _: _config(),
        m.ListActs: lambda _: v.ActsPage(acts=acts, head=world.seq),
        m.ReadReceipt: _receipt,
    }
    return world


def _acted(ask: m.ActOnCron) -> v.Acted:
    result = v.Result(id=ask.name, ok=True, was="active", now=f"{ask.act}d")
    return v.Acted(results=(result,), matched=1)


def _crons(now: int) -> tuple[v.CronView, ...]:
    def one(name: str, spec: str, **fields: Any) -> v.CronView:
        usual: dict[str, Any] = {
            "zone": "Europe/Berlin",
            "work": "job",
            "command": f"make {name}",
            "user": "ana",
            "missed": "once",
            "overlap": "skip",
            "next_at": now + 3_900 * S,
            "due_at": now + 3_900 * S,
        }
        return v.CronView(name=name, spec=spec, **usual | fields)

    ran: dict[str, Any] = {"last_job": 41, "last_at": now - 300 * S, "fired": 9}
    return (
        one("backup", "0 3 * * *", last_state="succeeded", **ran),
        one("nightly-report", "30 2 * * 1-5", last_state="failed", missed_runs=2, **ran),
        one("probe", "@every 90s", last_state="running", owed=3, due_at=now + 14 * S, **ran),
        one("sweep", "*/15 * * * *", next_at=None, due_at=None, paused_by="bob"),
    )


def _tenants() -> tuple[v.TenantView, ...]:
    common: dict[str, Any] = {"namespace": None, "weight": 1, "share": 0.0, "taken": {}}
    return (
        v.TenantView(
            tenant="lab",
            running=4,
            queued=120,
            quota={"queued": 200, "running": 4, "cpu_milli": 8_000},
            **common | {"weight": 3, "share": 0.5, "taken": {"cpu_milli": 4_500, "gpu": 2}},
        ),
        v.TenantView(tenant="night", running=0, queued=3, quota={}, **common),
    )


def _config() -> v.ConfigView:
    def one(key: str, value: str, source: str = "default", **more: Any) -> v.SettingView:
        return v.SettingView(
            key=key, value=value, source=source, about="What it means.", **more
        )

    return v.ConfigView(
        settings=(
            one("daemon.lease_ttl", '"30s"', needs_restart=True),
            one("queues.gpu.limit", "2", "set by ana", set_at=0),
            one("tenants.lab.cpu", "8", "/home/ana/.config/crabtui/config.toml:12"),
            one("scheduler.ageing", '"class"'),
        ),
        files=("/home/ana/.config/crabtui/config.toml",),
    )


def _acts(now: int) -> tuple[v.ActView, ...]:
    return (
        v.ActView(
            seq=40,
            at=now - 3_000 * S,
            by="ana",
            client="cli",
            verb="set_queue",
            asked={"name": "gpu", "limit": 2},
            changed=1,
            first=39,
            last=39,
        ),
        v.ActView(
            seq=90,
            at=now - 60 * S,
            by="bob",
            client="console",
            verb="cancel",
            why="wrong seed",
            asked={"where": "state:queued tag:sweep", "undo_ms": 5_000},
            total=420,
            changed=417,
            refused=3,
            first=60,
            last=89,
            has_receipt=True,
        ),
        v.ActView(
            seq=91,
            at=now - 5 * S,
            by="ana",
            client="cli",
            verb="hold",
            asked={"ids": [12]},
            refused=1,
        ),
    )


def _receipt(ask: m.ReadReceipt) -> v.ReceiptPage:
    if ask.seq != 90:
        raise NotFound(f"the receipt of act {ask.seq} is not kept")
    progress = v.ActProgress(
        key="", verb="cancel", total=420, changed=417, unchanged=0, refused=3, ended=True
    )
    refused = [v.Result(id=n, ok=False, was="running", error=f"#{n} runs") for n in (7, 8, 9)]
    done = [v.Result(id=n, ok=True, was="queued", now="canceled") for n in range(20, 420)]
    return v.ReceiptPage(progress=progress, results=(*refused, *done), offset=0, total=420)
