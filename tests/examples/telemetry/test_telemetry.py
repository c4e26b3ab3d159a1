"""The example hears what a real daemon does."""

import subprocess
import sys
from pathlib import Path

from tests.kit.daemon import RealDaemon

SCRIPT = Path(__file__).parent / "listen.py"


def test_it_hears_of_ends_and_of_experiments(tmp_path: Path) -> None:
    with RealDaemon(tmp_path) as daemon:
        step = {"command": ["true"], "metadata": {"source": "lab", "experiment_id": "e7"}}
        daemon.submit({"command": ["true"], "tenant": "secret"}, step, {"command": ["false"]})
        heard = subprocess.run(
            [sys.executable, SCRIPT, daemon.state, "2"],
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        ).stdout
    assert "#1 " not in heard
    assert "#2 job.completed after" in heard
    assert "#3 job.failed after" in heard
    assert "stage.started e7" in heard
