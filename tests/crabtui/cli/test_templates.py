"""The workflows that come along, run for real: with an agent that is a script."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from crabtui.templates import read_template, template_names
from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.repositories import a_repository

AGENT = """
told=$(cat)
case "$told" in
    *"Change nothing"*) echo "edit file" ;;
    *) printf '%s' "$told" | grep -q 'edit file' || exit 9; echo fixed > file ;;
esac
"""
TEST = """
printf '<testsuite tests="2" failures="0"><testcase name="%s"/></testsuite>' \
    "$CRAB_SHARD" > "$CRAB_JUNIT"
test "$CRAB_SHARD" != "$1"
"""


def report(crab: Crab, name: str) -> Any:
    return json.loads(crab("workflow", "show", name, "--report", "--json").out)


def test_each_is_listed_and_printed(crab: Crab) -> None:
    listed = crab("workflow", "templates").out
    assert template_names() == ["coding-agent", "test-shards"]
    for name in template_names():
        assert name in listed
        assert f"name: {name}" in crab("workflow", "templates", "show", name).out
        assert read_template(name)["description"]
    ran = crab("workflow", "templates", "show", "coding-agnt")
    assert (ran.code, "did you mean 'coding-agent'" in ran.err) == (2, True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return a_repository(tmp_path / "repo")


@pytest.fixture
def agent(tmp_path: Path) -> str:
    path = tmp_path / "agent.sh"
    path.write_text(AGENT)
    return f"sh {path}"


@pytest.mark.usefixtures("daemon")
def test_an_agents_patch_is_tested_and_summarized(crab: Crab, repo: Path, agent: str) -> None:
    words = ("workflow", "run", "--template", "coding-agent", "--wait", "-p", f"repo={repo}")
    goal = 'it\'s broken; "mend" $it'
    told = ("-p", f"goal={goal}", "-p", f"agent={agent}")
    ran = crab(*words, *told, "-p", "test=grep -q fixed file")
    assert ran.code == 0, ran.err + crab("workflow", "show", "coding-agent").out
    found = report(crab, "coding-agent")["task_results"]
    assert found["analyze"]["result"] == {"plan": "edit file\n"}
    assert "+fixed" in found["patch"]["result"]["diff"]
    assert found["summarize"]["result"]["passed"] is True
    assert (repo / "file").read_text() == "two\n"
    assert goal in crab("logs", str(found["summarize"]["id"])).out


@pytest.mark.usefixtures("daemon")
def test_a_patch_that_fails_its_tests_is_summarized_too(
    crab: Crab, repo: Path, agent: str
) -> None:
    words = ("workflow", "run", "--template", "coding-agent", "--wait", "-p", f"repo={repo}")
    ran = crab(*words, "-p", "goal=x", "-p", f"agent={agent}", "-p", "test=exit 7")
    assert ran.code == 1
    found = report(crab, "coding-agent")
    assert found["error"] == "test: the command exited with 7"
    assert found["task_results"]["summarize"]["result"]["passed"] is False


@pytest.mark.usefixtures("daemon")
def test_an_agent_that_changes_nothing_fails(crab: Crab, repo: Path) -> None:
    words = ("workflow", "run", "--template", "coding-agent", "--wait", "-p", f"repo={repo}")
    assert crab(*words, "-p", "goal=x", "-p", "agent=cat").code == 1
    found = report(crab, "coding-agent")["task_results"]
    assert (found["patch"]["status"], found["test"]["status"]) == ("failed", "skipped")


def test_budgets_and_locks_reach_the_jobs(crab: Crab, daemon: RealDaemon, repo: Path) -> None:
    words = ("workflow", "run", "--template", "coding-agent", "-p", f"repo={repo}")
    given = ("goal=x", "agent=false", "timeout=90s", "max_cost_usd=2", "max_tokens=5")
    crab(*words, *(word for one in given for word in ("-p", one)))
    job = daemon.job(2)
    assert job.constraints["goal"] == "x"
    assert job.constraints["timeout_ms"] == 90_000
    assert job.metadata["max_tokens"] == 5
    assert job.resources["max_cost_usd"] == 2.0
    assert job.payload["env"]["CRAB_BUDGET"] == "5"  # type: ignore[index]
    daemon.wait_state(1)


@pytest.mark.parametrize(("bad", "code"), [("0", 0), ("2", 1)])
@pytest.mark.usefixtures("daemon")
def test_shards_are_merged(crab: Crab, repo: Path, tmp_path: Path, bad: str, code: int) -> None:
    script = tmp_path / "test.sh"
    script.write_text(TEST)
    words = ("workflow", "run", "--template", "test-shards", "--wait", "-p", f"repo={repo}")
    ran = crab(*words, "-p", "shards=3", "-p", f"test=sh {script} {bad}")
    assert ran.code == code, ran.err + crab("workflow", "show", "test-shards").out
    merge = report(crab, "test-shards")["task_results"]["merge"]
    printed = crab("logs", str(merge["id"])).out
    merged = ElementTree.fromstring(printed)
    assert (merged.tag, merged.get("tests")) == ("testsuites", "6")
    assert [case.get("name") for case in merged.iter("testcase")] == ["1", "2", "3"]
