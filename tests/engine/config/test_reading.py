"""Files to values: what is said, where, and every way of saying it wrong."""

import os
from pathlib import Path

import pytest

from engine.config import Config, check, load, read_worker
from engine.errors import InvalidSpec
from engine.model.priority import Priority
from engine.model.rules import PRESETS, Ageing, Mode, Placing, Pressure, Quota, Rate

WHOLE = """\
# a site
[daemon]
lease_ttl = "40s"
slots_per_cpu = 2
[scheduler]
ageing = "linear"
ageing_period = "5m"
ageing_most = "high"
shares = {critical = 40, high = 40}
placing = "pack"
[limits]
preset = "strict"
groups.deploy = 1
groups."two words" = 2
[queues.gpu]
limit = 2
rate = "10/m"
burst = 3
preset = "permissive"
max_depth = 7
[queues."a.b"]
[tenants.ana]
weight = 3
submissions = "10/s burst 20"
[tenants.ana.namespaces.x]
cpu = 2.5
[workers.local]
gpus = ["a100",
        "t4"]
labels = ["x", "zone=b"]
[workers.part]
slots = 2
most_load = 1.5
memory = "2G"
resources.licence = 3
[retry]
default = "work"
"""


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "config.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(folder: Path, text: str | bytes) -> Config:
    return check(folder, written(folder, text))


def refusal(folder: Path, text: str | bytes) -> InvalidSpec:
    with pytest.raises(InvalidSpec) as refused:
        read(folder, text)
    return refused.value


def test_a_whole_file_becomes_rules_settings_and_workers(tmp_path: Path) -> None:
    config = read(tmp_path, WHOLE)
    rules = config.rules
    assert config.settings.lease_ttl_s == 40
    assert config.settings.slots_per_cpu == 2
    assert (rules.ageing, rules.ageing_period_ms) == (Ageing.LINEAR, 300_000)
    assert rules.ageing_most is Priority.HIGH
    assert list(rules.shares.values()) == [40, 40, 15, 5]
    assert rules.placing is Placing.PACK
    assert rules.pressure == PRESETS["strict"]
    assert rules.groups == {"deploy": 1, "two words": 2}
    gpu = rules.queues["gpu"]
    assert (gpu.limit, gpu.weight) == (2, None)
    assert gpu.starts == Rate(tokens=10, per_ms=60_000, burst=3)
    assert gpu.pressure == Pressure(max_depth=7, at_percent=PRESETS["permissive"].at_percent)
    assert rules.queues["a.b"].limit is None
    ana = rules.tenants["ana"]
    assert ana.weight == 3
    assert ana.quota.submissions == Rate(tokens=10, per_ms=1_000, burst=20)
    assert ana.namespaces == {"x": Quota(cpu_milli=2500)}
    local, part = config.workers["local"], config.workers["part"]
    assert (local.gpu, local.gpu_types, local.labels) == (2, ("a100", "t4"), ("x", "zone=b"))
    assert (local.most_load, part.most_load) == (None, 1.5)
    assert (part.slots, part.memory_mb, part.custom) == (2, 2048, (("licence", 3),))
    assert config.retry == "work"
    assert Mode.NORMAL == 0


def test_where_a_worker_has_its_clones(tmp_path: Path) -> None:
    config = read(tmp_path, "[workers.local]\nclone_base = '~/clones'\n[workers.part]\n")
    assert config.workers["local"].clone_base == "~/clones"
    assert config.workers["part"].clone_base is None


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    shown = read(tmp_path, WHOLE).shown
    file = tmp_path / "config.toml"
    assert shown["daemon.lease_ttl"].source == f"{file}:3"
    assert shown["scheduler.shares.high"].source == f"{file}:9"
    assert shown['limits.groups."two words"'].source == f"{file}:14"
    assert shown["workers.local.gpus"].source == f"{file}:28"
    assert shown["workers.local.labels"].source == f"{file}:30"
    assert shown["queues.gpu.at_percent"].source == f"{file}:19"
    assert shown["queues.gpu.weight"].source == "default"
    assert shown["daemon.lease_renew"].value == '"5s"'


def test_what_is_shown_can_be_written_in_a_file(tmp_path: Path) -> None:
    first = read(tmp_path, WHOLE)
    again = "\n".join(f"{one.key} = {one.value}" for one in first.shown.values())
    second = read(tmp_path, again)
    assert (second.rules.tenants, second.workers, second.settings, second.rules.groups) == (
        first.rules.tenants,
        first.workers,
        first.settings,
        first.rules.groups,
    )
    values = [{key: one.value for key, one in each.shown.items()} for each in (first, second)]
    assert values[0] == values[1]


WRONG = [
    ("[schduler]\n", 1, "schduler", "scheduler"),
    ("\n[queues.gpu]\nlimt = 2\n", 3, "queues.gpu.limt", "limit"),
    ("[queues.gpu]\nlimit = 2000000\n", 2, "queues.gpu.limit", "1000000"),
    ("[scheduler]\nageing = 'linaer'\n", 2, "scheduler.ageing", "linear"),
    ("[limits]\npreset = 'strickt'\n", 2, "limits.preset", "strict"),
    ("[queues.gpu]\nlimit = true\n", 2, "queues.gpu.limit", None),
    ("[queues.gpu]\nlimit = 2026-01-01\n", 2, "queues.gpu.limit", None),
    ("queues = 3\n", 1, "queues", None),
    ("[queues]\ngpu = 3\n", 2, "queues.gpu", None),
    ("[queues.'a b']\nlimit = 1\n", 1, 'queues."a b"', None),
    ("[daemon]\nlease_ttl = {x = 1}\n", 2, "daemon.lease_ttl", None),
    ("[daemon]\nlease_ttl = '3 s'\n", 2, "daemon.lease_ttl", None),
    ("[daemon]\nlease_renew = '1h'\n", 2, "daemon.lease_renew", None),
    ("[queues.gpu]\nrate = '0/s'\n", 2, "queues.gpu.rate", None),
    ("[queues.gpu]\nburst = 3\n", 2, "queues.gpu.burst", "rate"),
    ("[limits]\nat_percent = [50, 40, 90]\n", 2, "limits.at_percent", None),
    ("[workers.a]\nlabels = [\n 'ok',\n '-no']\n", 2, "workers.a.labels[1]", None),
    ("[workers.a]\ngpus = ['t4']\ngpu_type = 'a100'\n", 3, "workers.a.gpu_type", None),
    ("[workers.a]\nbackend = 'ssh'\n", 2, "workers.a.backend", None),
    ("[workers.a]\nbackend = 'shh'\n", 2, "workers.a.backend", "ssh"),
    ("[workers.a]\naddress = 'ann@host'\n", 2, "workers.a.address", "ssh"),
    ("[workers.a]\nspool = '/spool'\n", 2, "workers.a.spool", "ssh"),
    ("[workers.local]\nbackend = 'ssh'\naddress = 'h'\n", 2, "workers.local.backend", "local"),
    ("[workers.a]\nbackend = 'ssh'\naddress = 'a@b:0'\n", 3, "workers.a.address", "22"),
    ("[workers.a]\nbackend = 'ssh'\naddress = '-oX'\n", 3, "workers.a.address", None),
    (
        "[workers.a]\nbackend = 'ssh'\naddress = 'h'\nspool = 'x'\n",
        4,
        "workers.a.spool",
        "/x",
    ),
    ("[workers.a]\nclone_base = 'clones'\n", 2, "workers.a.clone_base", "~/clones"),
    ("[workers.a]\nmost_load = 0\n", 2, "workers.a.most_load", "0.1"),
    ("[workers.a]\nmost_load = nan\n", 2, "workers.a.most_load", "0.1"),
    ("[workers.a]\nmost_load = true\n", 2, "workers.a.most_load", None),
    ("[tenants.a.namespaces.b]\ncpus = 1\n", 2, "tenants.a.namespaces.b.cpus", "cpu"),
]


@pytest.mark.parametrize(("text", "line", "field", "near"), WRONG)
def test_what_is_wrong_is_named(
    tmp_path: Path, text: str, line: int, field: str, near: str | None
) -> None:
    error = refusal(tmp_path, text)
    assert error.message.startswith(f"{tmp_path / 'config.toml'}:{line}: {field}: ")
    assert (error.field, error.nearest) == (field, near)


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[queues.gpu]\nlimt = 1\nweight = 0\n[x]\n")
    assert "(and 2 more wrong)" in error.message
    assert len(error.details["problems"]) == 3


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[queues.gpu\nlimit = 1\n", ":1: ", "is no TOML"),
        ("[a]\n[a]\n", ":2: ", "is no TOML"),
        ("a = '''\nx\n", ":2: ", "is no TOML"),
        (b"# \xe4\n", ":1: ", "is not UTF-8"),
        (b"#" * (2**20 + 1), ": ", "is larger than"),
    ],
)
def test_torn_files_are_refused(
    tmp_path: Path, text: str | bytes, where: str, what: str
) -> None:
    message = refusal(tmp_path, text).message
    assert message.startswith(f"{tmp_path / 'config.toml'}{where}")
    assert what in message


def test_a_file_that_is_not_there_is_named_when_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="no such file"):
        check(tmp_path, tmp_path / "none.toml")
    with pytest.raises(InvalidSpec, match="cannot be read"):
        check(tmp_path, tmp_path)


def test_later_sources_win_key_by_key(tmp_path: Path) -> None:
    home, state = tmp_path / "home", tmp_path / "state"
    for folder in (home / "crabtui", state):
        folder.mkdir(parents=True)
    written(home / "crabtui", "[queues.gpu]\nlimit = 1\nweight = 2\n[daemon]\nfewest_slots=3\n")
    written(state, "[queues.gpu]\nlimit = 'none'\n")
    environ = {
        "XDG_CONFIG_HOME": str(home),
        "CRABTUI_DAEMON_FEWEST_SLOTS": "5",
        "CRABTUI_DAEMON_LEASE_TTL": "50s",
        "CRABTUI_STATE": "elsewhere",
    }
    config = load(state, environ=environ, flags=["daemon.fewest_slots=6", "queues.x.limit=4"])
    shown = config.shown
    assert shown["queues.gpu.weight"].source == f"{home}/crabtui/config.toml:3"
    assert shown["queues.gpu.limit"].value == '"none"'
    assert shown["queues.gpu.limit"].source == f"{state}/config.toml:2"
    assert (shown["daemon.lease_ttl"].value, config.settings.lease_ttl_s) == ('"50s"', 50)
    assert shown["daemon.lease_ttl"].source == "CRABTUI_DAEMON_LEASE_TTL"
    assert (config.settings.fewest_slots, shown["daemon.fewest_slots"].source) == (6, "--set")
    assert config.rules.queues["x"].limit == 4
    assert config.files == (f"{home}/crabtui/config.toml", f"{state}/config.toml")


@pytest.mark.parametrize(
    ("environ", "flags", "message", "near"),
    [
        (
            {"CRABTUI_DAEMON_LEASE_TTL": "x"},
            [],
            "CRABTUI_DAEMON_LEASE_TTL: daemon.lease_ttl",
            None,
        ),
        ({"CRABTUI_DAEMON_LEASE_TLL": "9"}, [], "unknown variable", "CRABTUI_DAEMON_LEASE_TTL"),
        ({}, ["daemon.lease_tll=9"], "--set: daemon.lease_tll: unknown key", "lease_ttl"),
        ({}, ["daemon"], "write KEY=VALUE", None),
        ({}, ["a b=9"], "is no key", None),
    ],
)
def test_wrong_variables_and_flags_are_named(
    tmp_path: Path, environ: dict[str, str], flags: list[str], message: str, near: str | None
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        load(tmp_path, environ={"XDG_CONFIG_HOME": str(tmp_path), **environ}, flags=flags)
    assert message in refused.value.message
    assert refused.value.nearest == near


def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "config.toml"
    os.mkfifo(fifo)
    with pytest.raises(InvalidSpec, match="is no regular file"):
        check(tmp_path, fifo)


ELSEWHERE = """\
[workers.local]
gpus = 2
[workers.far]
backend = "ssh"
address = "ann@far:2222"
gpus = 4
spool = "/data/spool"
identity = "~/.ssh/crab"
ssh_config = false
labels = ["fast"]
"""


def test_workers_on_other_machines_have_devices_and_need_no_restart(tmp_path: Path) -> None:
    config = read(tmp_path, ELSEWHERE)
    far = config.workers["far"]
    assert (far.backend, far.address, far.gpu) == ("ssh", "ann@far:2222", 4)
    assert (far.spool, far.identity, far.ssh_config) == ("/data/spool", "~/.ssh/crab", False)
    assert not far.is_here
    assert config.workers["local"].is_here
    assert not config.shown["workers.far.slots"].needs_restart
    assert config.shown["workers.local.slots"].needs_restart


@pytest.mark.parametrize(("said", "kept"), [("no", "no"), ("/opt/py", "/opt/py"), ("", "auto")])
def test_who_answers_on_another_machine(tmp_path: Path, said: str, kept: str) -> None:
    line = f'[workers.far]\npython = "{said}"' if said else "[workers.far]"
    far = read(tmp_path, ELSEWHERE.replace("[workers.far]", line)).workers["far"]
    assert far.python == kept
    assert far.way().get("python", "auto") == kept


def test_this_machine_has_a_python_already(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match=r'workers\.local\.python.*backend = "ssh"'):
        read(tmp_path, '[workers.local]\npython = "no"\n')


def test_a_worker_told_by_command_is_held_to_the_same_rules() -> None:
    table = {"backend": "ssh", "address": "h", "slots": 3, "labels": ["a"], "cpus": 1.5}
    rules = read_worker("far", table, "workers add")
    assert (rules.address, rules.slots, rules.labels, rules.cpu_milli) == ("h", 3, ("a",), 1500)
    with pytest.raises(InvalidSpec, match=r"workers add: workers.far.slots") as caught:
        read_worker("far", table | {"slots": -1}, "workers add")
    assert caught.value.nearest == "0"
    with pytest.raises(InvalidSpec, match="address"):
        read_worker("far", {"backend": "ssh"}, "workers add")


def test_workers_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    names = ("zeta", "alpha", "mid")
    text = "".join(f'[workers.{name}]\nbackend = "local"\n' for name in names)
    assert read(tmp_path, text).rules.worker_order == names


def test_what_is_kept_is_bounded_as_configured(tmp_path: Path) -> None:
    said = ["artifacts.outputs_max_bytes=2G", "artifacts.caches_max_bytes=1048576"]
    told = load(tmp_path, environ={}, flags=said).settings
    assert (told.outputs_max_bytes, told.caches_max_bytes) == (2 * 2**30, 2**20)
    with pytest.raises(InvalidSpec, match="outputs_max_bytes"):
        load(tmp_path, environ={}, flags=["artifacts.output_max_bytes=2G"])
