"""A command must start in milliseconds: what its path may never load."""

import subprocess
import sys

import pytest

HEAVY = {"asyncio", "sqlite3", "aiosqlite", "asyncssh", "textual", "rich", "yaml", "psutil"}


@pytest.mark.parametrize(
    "module",
    [
        "engine.control.blocking",
        "engine.control.bulk",
        "crabtui.__main__",
        "crabtui.cli.frame.run_line",
        "crabtui.cli.submit",
        "crabtui.cli.run",
        "crabtui.cli.ls",
        "crabtui.cli.cancel",
    ],
)
def test_it_loads_nothing_heavy(module: str) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert "engine" in loaded or "crabtui" in loaded
    assert not loaded & HEAVY


def test_the_async_client_loads_no_driver() -> None:
    program = "import engine.control.client, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not set(done.stdout.decode().split()) & (HEAVY - {"asyncio"})
