"""A list of nothing says so in words, and how to begin; never a bare heading, never silence."""

from typing import Any

import pytest

from engine.control import messages as m
from engine.control import views as v
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor

NOW = 1_700_000_100_000_000

EMPTY: list[tuple[str, type[Any], Any, str, str]] = [
    ("hooks", m.ListHooks, v.HooksView(hooks=()), "no hooks", "--on-end"),
    ("cron", m.ListCrons, v.CronsView(crons=(), now_at=NOW), "nothing recurs", "cron add"),
    ("artifacts list", m.ListArtifacts, v.ArtifactsView(artifacts=()), "no art", "--output"),
    ("tools", m.ListTools, v.ToolsView(tools=(), modules=()), "no tools", "[tools]"),
    ("workflow list", m.ListWorkflows, v.FlowsView(flows=(), now_at=NOW), "no workflow", "run"),
    ("goals", m.ListGoals, v.GoalsView(goals=(), inversions=()), "no goal", "--goal"),
    ("tenants", m.ListTenants, v.TenantsView(tenants=()), "no tenant", "--tenant"),
    ("queues", m.ListQueues, v.QueuesView(queues=()), "no queues", "--queue"),
    ("queues list", m.ListQueues, v.QueuesView(queues=()), "no queues", "--queue"),
    ("workers", m.ListWorkers, v.WorkersView(workers=(), now_at=NOW), "no work", "workers add"),
    ("audit", m.ListActs, v.ActsPage(acts=(), head=0), "no acts yet", "cancels"),
    (
        "audit --by ann",
        m.ListActs,
        v.ActsPage(acts=(), head=0),
        "no act is like that",
        "without",
    ),
]


@pytest.mark.parametrize(("words", "ask", "answer", "said", "begin"), EMPTY)
def test_an_empty_list_says_so_and_how_to_begin(
    crab: Crab, door: FakeDoor, words: str, ask: type[Any], answer: Any, said: str, begin: str
) -> None:
    door.answers[ask] = answer
    ran = crab(*words.split())
    text = ran.out + ran.err
    assert ran.code == 0
    assert said in text
    assert begin in text
    assert len(text.splitlines()) == 1


@pytest.mark.usefixtures("state")
def test_views_can_be_listed_by_name_too(crab: Crab) -> None:
    assert crab("views", "list") == crab("views")


def test_modules_without_tools_are_named(crab: Crab, door: FakeDoor) -> None:
    modules = (v.ModuleView(name="my.tools", worker="local"),)
    door.answers[m.ListTools] = v.ToolsView(tools=(), modules=modules)
    assert crab("tools").out == "no tools: no function with @tool is in my.tools\n"


def test_a_workflow_that_never_ran_is_named(crab: Crab, door: FakeDoor) -> None:
    door.answers[m.ListWorkflows] = v.FlowsView(flows=(), now_at=NOW)
    assert crab("workflow", "list", "nightly").out == "no workflow called nightly has run\n"


def test_a_verb_without_its_command_is_answered_with_help_as_it_is_laid_out(crab: Crab) -> None:
    ran = crab("workflow")
    assert ran.code == 2
    assert ran.err.startswith("Usage: crabtui workflow")
    assert "\n  plan " in ran.err
