"""`config` and `reload` on the command line."""

import json
from pathlib import Path

from engine.control.messages import Reload, ShowConfig
from engine.control.views import ConfigView, Reloaded, SettingView
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor

LIMIT = SettingView(
    key="queues.gpu.limit", value="9", source="/x/config.toml:12", about="How many run."
)
RENEW = SettingView(
    key="daemon.lease_renew", value='"5s"', source="default", about="How often.",
    needs_restart=True,
)  # fmt: skip


def test_without_a_daemon_it_reads_the_files_and_starts_none(crab: Crab, state: Path) -> None:
    state.mkdir()
    (state / "config.toml").write_text("[queues.gpu]\nlimit = 2\n")
    ran = crab("config", "queues.gpu", "--json")
    told = json.loads(ran.out)
    assert told["daemon"] is False
    assert told["settings"][0]["source"] == f"{state}/config.toml:2"
    assert not (state / "run").exists()
    said = crab("config").out
    assert f"file: {state}/config.toml\n" in said
    assert "no daemon runs here" in said
    assert "scheduler.ageing " in said
    assert "retry.default" in said


def test_a_wrong_file_is_bad_use(crab: Crab, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("[queues.gpu]\nlimt = 2\nweight = 0\n")
    ran = crab("config", "--check", str(file))
    assert ran.code == 2
    assert f"{file}:2: queues.gpu.limt" in ran.err
    assert f"{file}:3: queues.gpu.weight" in ran.err
    assert json.loads(crab("config", "--check", str(file), "--json").err)["error"] == {
        "code": "invalid",
        "message": f"{file}:2: queues.gpu.limt: unknown key of [queues.gpu] 'limt': "
        "did you mean 'limit'? (and 1 more wrong)",
        "field": "queues.gpu.limt",
        "nearest": "limit",
    }
    file.write_text("[queues.gpu]\nlimit = 2\n")
    assert crab("config", "--check", str(file)).out == f"{file}: nothing is wrong; 1 settings\n"


def test_a_machine_that_is_lent_twice_is_told(crab: Crab, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text("[workers.part]\ncpus = 90000\nmemory = 0\nstorage = 0\n")
    ran = crab("config", "--check", str(file))
    assert ran.code == 0
    assert "crabtui: warning: workers.local.cpus is not set, so it lends all" in ran.err
    [warning] = json.loads(crab("config", "--check", str(file), "--json").out)["warnings"]
    assert "part 90000 cpu" in warning


def test_an_unknown_setting_is_bad_use(crab: Crab) -> None:
    ran = crab("config", "scheduler.agein.g")
    assert ran.code == 2
    assert "did you mean 'scheduler.ageing'" in ran.err


def test_a_running_daemon_is_asked(crab: Crab, door: FakeDoor) -> None:
    door.answers[ShowConfig] = ConfigView(settings=(RENEW, LIMIT), files=("/x/config.toml",))
    lines = crab("config").out.splitlines()
    assert lines[1].split() == ["daemon.lease_renew*", '"5s"', "default", "How", "often."]
    assert lines[2].split()[:3] == ["queues.gpu.limit", "9", "/x/config.toml:12"]
    assert lines[4:] == [
        "file: /x/config.toml",
        "* takes effect at the next start: `crabtui restart`",
    ]


def test_a_reload_says_what_changed(crab: Crab, door: FakeDoor) -> None:
    door.answers[Reload] = Reloaded(
        changed=("queues.gpu.limit: 8 -> 9",), needs_restart=("daemon.x: 1 -> 2",)
    )
    assert crab("reload").out == (
        "queues.gpu.limit: 8 -> 9\ndaemon.x: 1 -> 2  (after `crabtui restart`)\n"
    )
    door.answers[Reload] = Reloaded(changed=(), needs_restart=())
    assert crab("reload").out == "nothing has changed\n"


def test_a_reload_starts_no_daemon(crab: Crab, state: Path) -> None:
    assert crab("reload").code == 3
    assert not state.exists()
