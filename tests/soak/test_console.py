"""A minute of the soak in a process of its own; `python -m tests.soak` runs it for longer."""

import subprocess
import sys


def test_nothing_grows_and_nothing_is_left():
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--minutes", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
