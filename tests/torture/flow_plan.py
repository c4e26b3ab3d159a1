"""Workflows whose every run leaves a trace, and of which all is known beforehand."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

Asked = dict[str, Any]


@dataclass(slots=True)
class FlowPlan:
    """A workflow, and everything that must be true of its run in the end."""

    name: str
    folder: Path
    tasks: dict[str, Asked] = field(default_factory=dict)
    growth: dict[str, Asked] = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=dict)
    """What old tasks wait for once it has grown."""
    runs: dict[str, int] = field(default_factory=dict)
    """By name of a task or of one within it, how often it runs."""
    behind: list[tuple[str, str]] = field(default_factory=list)
    """(what ends, what starts after that)"""
    results: dict[str, Any] = field(default_factory=dict)
    """By task, what it has to say."""
    states: dict[str, str] = field(default_factory=dict)

    @property
    def gate(self) -> Path:
        """There once the growth is acknowledged."""
        return self.folder / f"gate-{self.name}"

    @property
    def book(self) -> Path:
        return self.folder / "book"

    def asked(self) -> Asked:
        return {"name": self.name, "defaults": {"cpus": 0.05}, "tasks": self.tasks}

    def add(self, name: str, script: str, *, within: str = "", says: str = "") -> Asked:
        """A task that writes its beginning and its end into the book; `says` is its result."""
        called = f"{self.name}/{within}{name}"
        self.runs[called] = 1
        return {"command": ["/bin/sh", "-c", self.script(called, script, shlex.quote(says))]}

    def script(self, called: str, script: str, word: str) -> str:
        """What it does; `word` of the shell is its result."""
        book = shlex.quote(str(self.book))
        return "\n".join(
            [
                f'echo "{called} $CRAB_ATTEMPT start" >>{book}',
                f"printf '%s' {word} >\"$CRAB_RESULT\"",
                script,
                f'echo "{called} $CRAB_ATTEMPT end" >>{book}',
            ]
        )

    def after(self, name: str, *others: str) -> None:
        """A task begins after these have ended."""
        self.behind += [(f"{self.name}/{one}", f"{self.name}/{name}") for one in others]


def a_flow(chance: Random, number: int, folder: Path) -> FlowPlan:
    """A random graph, a failure, a fan-out, a workflow within, growth and a last task."""
    plan = FlowPlan(name=f"w{number}", folder=folder)
    _add_graph(plan, chance)
    _add_failures(plan, chance)
    _add_fan_out(plan, chance)
    _add_inner(plan, chance)
    _add_growth(plan, chance)
    return plan


def _nap(chance: Random) -> str:
    return f"sleep {chance.choice((0, 0.01, 0.05, 0.2))}"


def _add_graph(plan: FlowPlan, chance: Random) -> None:
    names: list[str] = []
    for number in range(chance.randint(3, 7)):
        name = f"t{number}"
        task = plan.add(name, _nap(chance), says=f'"{name}"')
        on = chance.sample(names, min(len(names), chance.randint(0, 2)))
        plan.tasks[name] = {**task, "depends_on": on}
        plan.after(name, *on)
        plan.results[name] = name
        names.append(name)
        plan.states[name] = "succeeded"


def _add_failures(plan: FlowPlan, chance: Random) -> None:
    """One fails the first time: its run is taken up again. One always does: a value helps."""
    mark = shlex.quote(str(plan.folder / f"mark-{plan.name}"))
    flaky = f'mkdir {mark} 2>/dev/null && {{ echo "{plan.name}/flaky $CRAB_ATTEMPT end" '
    flaky += f">>{shlex.quote(str(plan.book))}; exit 5; }}; {_nap(chance)}"
    plan.tasks["flaky"] = {**plan.add("flaky", flaky, says='"at last"'), "depends_on": ["t0"]}
    plan.runs[f"{plan.name}/flaky"] = 2
    plan.after("flaky", "t0")
    bad = plan.add("bad", f"{_nap(chance)}; code=3") | {"fallback": {"value": "instead"}}
    bad["command"][-1] += "\nexit $code"
    plan.tasks["bad"] = bad
    plan.tasks["rescue"] = {
        **plan.add("rescue", _nap(chance)),
        "depends_on": [{"task": "bad", "after": "failure"}],
    }
    plan.after("rescue", "bad")
    plan.tasks["never"] = {
        **plan.add("never", "true"),
        "depends_on": [{"task": "t0", "after": "failure"}],
    }
    plan.runs[f"{plan.name}/never"] = 0
    plan.results |= {"flaky": "at last", "bad": "instead"}
    plan.states |= {"flaky": "succeeded", "bad": "failed"}
    plan.states |= {"rescue": "succeeded", "never": "skipped"}


def _add_fan_out(plan: FlowPlan, chance: Random) -> None:
    count = chance.randint(0, 4)
    items = [chance.randint(0, 99) for _ in range(count)]
    plan.tasks["list"] = plan.add("list", _nap(chance), says=str(items))
    script = plan.script(f"{plan.name}/each.$1", _nap(chance), '"$2"')
    command = ["/bin/sh", "-c", script, "sh", "${{ index }}", "${{ item }}"]
    plan.tasks["each"] = {"command": command, "for_each": "list"}
    for place in range(count):
        plan.runs[f"{plan.name}/each.{place}"] = 1
        plan.after(f"each.{place}", "list")
        plan.after("last", f"each.{place}")
    plan.results |= {"list": items, "each": items}
    plan.states |= {"list": "succeeded", "each": "succeeded"}


def _add_inner(plan: FlowPlan, chance: Random) -> None:
    y = plan.add("y", _nap(chance), within="in.", says="2")
    tasks = {
        "x": plan.add("x", _nap(chance), within="in.", says="1"),
        "y": y | {"depends_on": ["x"]},
    }
    plan.tasks["in"] = {"workflow": {"tasks": tasks}, "depends_on": ["flaky"]}
    plan.after("in.x", "flaky")
    plan.after("in.y", "in.x")
    plan.results["in"] = {"x": 1, "y": 2}
    plan.states["in"] = "succeeded"


def _add_growth(plan: FlowPlan, chance: Random) -> None:
    gate = shlex.quote(str(plan.gate))
    wait = f"until [ -e {gate} ]; do sleep 0.02; done"
    plan.tasks["gate"] = plan.add("gate", wait, says='"open"')
    on = [name for name in plan.tasks if name not in ("rescue", "never")]
    copy = f'cat "$CRAB_CONTEXT" >{shlex.quote(str(plan.folder / f"told-{plan.name}"))}'
    plan.tasks["last"] = plan.add("last", copy) | {"depends_on": on}
    plan.after("last", "t0", "flaky", "bad", "list", "in.y", "gate", "g1")
    plan.growth = {
        "g0": plan.add("g0", _nap(chance), says='"g0"') | {"depends_on": ["t0"]},
        "g1": plan.add("g1", _nap(chance), says='"g1"') | {"depends_on": ["g0", "bad"]},
    }
    plan.after("g0", "t0")
    plan.after("g1", "g0", "bad")
    plan.edges = {"last": ["g1"]}
    plan.results |= {"gate": "open", "g1": "g1"}
    plan.states |= dict.fromkeys(("gate", "last", "g0", "g1"), "succeeded")
