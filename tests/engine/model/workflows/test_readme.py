"""The workflow in the README is one."""

from pathlib import Path

from crabtui.data.files.flowfile import read_flow
from engine.model.intake import Reader
from engine.model.intake import workflow as package
from engine.policy.workflows.graph import graph_of


def test_the_workflow_in_the_readme_is_one() -> None:
    text = (Path(package.__file__).parent / "README.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]
    found = package.read_workflow(read_flow("readme.yaml", example.encode()), {"data": "d"})
    reader = Reader(found.defaults, owner="ana")
    for task in found.tasks:
        if task.workflow is None:
            reader.read(task.job)
    assert graph_of(found.tasks).order == ("split", "fit", "sweep", "best", "publish")
