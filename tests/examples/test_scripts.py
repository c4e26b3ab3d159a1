"""Each script does against a real daemon what its first lines say."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.daemon import RealDaemon

SAID = {
    "basic": ["#1 succeeded", "#2 failed exit 1", "hello"],
    "priorities": ["release then nightly"],
    "retries": ["flaky succeeded after 2", "broken failed after 1"],
    "async_submission": ["4 succeeded, 4 failed"],
    "monitoring": ["4 job.completed, 1 job.failed"],
    "promotion_gate": [
        "0.95 train succeeded, judge succeeded, promote succeeded, report skipped",
        "0.5 train succeeded, judge failed, promote skipped, report succeeded",
    ],
    "experiment_pipeline": [
        "e-1 propose, object.low, object.high, synthesize",
        "{'worst_low': 0.974, 'worst_high': 1.984} answer 1.37",
    ],
    "training": ["best of 8: 0.321", "trained on: 0.000 after 2000 steps"],
    "text_tools": [
        "more than once: {'to': 2, 'be': 2}",
        "as a value: FileNotFoundError",
        "succeeded be",
    ],
}

POOLED = ("experiment_pipeline", "text_tools")
"""Those that bring tools or stages."""


def name_in_configuration(state: Path, module: str) -> None:
    """As the first lines of the script say."""
    state.mkdir(mode=0o700)
    tools = f'[tools]\nmodules = ["{module}"]\npath = ["{Path(__file__).parent}"]\n'
    (state / "config.toml").write_text(tools)


@pytest.mark.parametrize("name", SAID)
def test_a_script_says_what_it_did(name: str, tmp_path: Path) -> None:
    if name in POOLED:
        name_in_configuration(tmp_path / "s", name)
    with RealDaemon(tmp_path) as daemon:
        script = Path(__file__).with_name(f"{name}.py")
        ran = subprocess.run(
            [sys.executable, script, daemon.state],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, "")
    for line in SAID[name]:
        assert line in ran.stdout.splitlines()
