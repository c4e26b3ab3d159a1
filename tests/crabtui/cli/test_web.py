"""`crabtui web` says at once what no page could be shown."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["jbs?state=running"], "unknown view 'jbs'"),
        (["--theme", "crab-drak"], "unknown theme 'crab-drak'"),
    ],
)
def test_what_no_console_could_start_with_is_refused(words, says):
    ran = subprocess.run(
        [sys.executable, "-m", "crabtui", "web", "--port", "0", *words],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert ran.returncode == 2
    assert says in ran.stderr
    assert ran.stdout == ""
