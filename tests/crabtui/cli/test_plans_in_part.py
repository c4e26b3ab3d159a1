"""A plan that is too large to be told whole does not pass for one that is."""

from pathlib import Path

from engine.control.messages import PlanWorkflow
from engine.control.views import PlannedTask, PlanView
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor

NAMES = tuple(f"t{n}" for n in range(9))


def a_plan(left_out: int) -> PlanView:
    return PlanView(
        name="big",
        task_count=9 + left_out,
        levels=tuple((name,) for name in NAMES),
        dependencies={},
        task_map={
            name: PlannedTask(level=at, start_ms=at, end_ms=at + 1, duration_ms=1)
            for at, name in enumerate(NAMES)
        },
        critical_path=NAMES,
        max_parallelism=1,
        efficiency=1.0,
        duration_ms=9 + left_out,
        left_out=left_out,
    )


def plan(crab: Crab, door: FakeDoor, folder: Path, left_out: int) -> str:
    file = folder / "w.yaml"
    file.write_text("tasks: {a: {command: 'true'}}\n")
    door.answers[PlanWorkflow] = a_plan(left_out)
    return crab("workflow", "plan", str(file)).out


def test_what_is_left_out_is_said(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    told = plan(crab, door, tmp_path, 5)
    assert "levels         9 or more\n" in told
    assert "critical path  t0 → t1 → t2 → t3 → …\n" in told
    assert told.endswith("and 5 tasks more\n")


def test_a_whole_one_has_its_end(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    told = plan(crab, door, tmp_path, 0)
    assert "levels         9\n" in told
    assert "efficiency     100% of the time of 1 worker\n" in told
    assert "critical path  t0 → t1 → t2 → t3 → … → t6 → t7 → t8\n" in told
