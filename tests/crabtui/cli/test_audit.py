"""`crabtui audit` and `--context`, with a real daemon."""

import json
from pathlib import Path

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon


def test_what_was_done_is_told_with_what_it_changed(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    for _ in range(2):
        crab("submit", "--hold", "--", "true")
    crab("cancel", "1", "--why", "not needed")
    crab("queues", "limit", "gpu", "3")
    crab("hold", "1", "2", "99")
    lines = crab("audit").out.splitlines()
    assert [line.split(" (cli)  ")[1] for line in lines] == [
        "cancel #1: 1 changed  not needed",
        "set queue gpu limit=3: 1 changed",
        "hold #1 #2 #99: 1 as it was, 2 refused",
    ]
    [one] = map(json.loads, crab("audit", "--json", "--act", "cancel").out.splitlines())
    assert (one["verb"], one["client"], one["asked"]) == ("cancel", "cli", {"ids": [1]})
    assert one["first"] == one["last"] == one["seq"] - 1
    assert crab("audit", "--by", "nobody-at-all").out == ""
    assert crab("audit", "--since", "1h", "-n", "1").out == lines[-1] + "\n"


def test_a_receipt_tells_of_each_object(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    crab("submit", "--hold", "--", "true")
    crab("hold", "1", "99")
    seq = json.loads(crab("audit", "--json").out)["seq"]
    assert "#99  there is no job #99" in crab("audit", "--receipt", str(seq)).out
    refused = crab("audit", "--receipt", str(seq), "--refused", "--json").out.splitlines()
    assert [json.loads(line)["id"] for line in refused] == [99]
    ran = crab("audit", "--receipt", "1")
    assert (ran.code, "not kept" in ran.err) == (3, True)


def test_a_context_says_whose_daemon_is_meant(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crab("submit", "--hold", "--", "true")
    config = tmp_path / "config" / "crabtui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[contexts.here]\nstate = "{daemon.state}"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CRABTUI_STATE", str(tmp_path / "elsewhere"))
    assert crab("ls", "--context", "here", "--json").out.count('"id":1') == 1
    assert crab("--context", "here", "ls", "--json").out.count('"id":1') == 1
    picture = crab("--context", "here", "--dump", "txt", "--size", "100x20", "--fresh").out
    assert picture.lstrip().startswith("here ")
    assert " RO " not in picture
    config.write_text(config.read_text() + "protected = true\n")
    assert " RO " in crab("--context", "here", "--dump", "txt", "--fresh").out
    near = crab("ls", "--context", "her")
    assert (near.code, "'here'" in near.err) == (2, True)
    both = crab("ls", "--context", "here", "--state", "/x")
    assert (both.code, "--state" in both.err) == (2, True)
