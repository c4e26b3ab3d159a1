"""Tasks of a workflow that are arrays: their members, or what is wrong with them."""

from engine.errors import InvalidSpec
from engine.model.definition import TaskDefinition
from engine.policy.arrays.expansion import Sweep, sweep


def sweep_of(task: TaskDefinition, where: str = "") -> Sweep:
    """The members of the array that a task is.

    Args:
        task: With `array`.
        where: The task's place in the definition; empty: at the top of it.

    Raises:
        InvalidSpec: as `sweep`, under the task's place.
    """
    assert task.array is not None
    try:
        return sweep(task.array.values, task.array.grid, task.array.lines)
    except InvalidSpec as wrong:
        place = f"{where or f'tasks.{task.name}'}.array.{wrong.field}"
        said = wrong.message.removeprefix(f"{wrong.field}: ")
        raise InvalidSpec(f"{place}: {said}", field=place, nearest=wrong.nearest) from None
