"""Memory limits that bite, and an end for want of memory that is called by its name."""

import shutil
import sys
from pathlib import Path

import pytest

from engine.backends.bounds import words
from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.clock import SystemClock
from engine.runner.bounds import RLIMIT, SCOPE
from engine.runner.spec import Spec, render
from tests.engine.backends.hands import EPOCH, Hands

GREEDY = (sys.executable, "-S", "-c", "len(bytearray(400 << 20))")


async def test_more_memory_than_asked_for_is_refused_and_named(hands: Hands) -> None:
    end = await hands.run(*GREEDY, memory_mb=200)
    assert (end.code, end.why) == (1, "oom")
    assert b"MemoryError" in await hands.log(end, "err")


async def test_what_was_asked_for_may_be_used(hands: Hands) -> None:
    end = await hands.run(*GREEDY, memory_mb=900)
    assert (end.code, end.why) == (0, None)
    end = await hands.run(*GREEDY)
    assert (end.code, end.why) == (0, None)


async def test_without_a_limit_words_about_memory_are_only_words(hands: Hands) -> None:
    end = await hands.run("/bin/sh", "-c", "echo MemoryError >&2; exit 1")
    assert (end.code, end.why) == (1, None)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox", "mksh", "zsh", "ksh93", "yash"])
async def test_every_shell_sets_the_limit(shell: str, tmp_path: Path) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    link = tmp_path / ("sh" if shell == "busybox" else shell)
    link.symlink_to(path)
    backend = DetachedBackend(LocalShell(tmp_path / "spool", str(link)), SystemClock())
    await backend.hello(EPOCH)
    hands = Hands(backend)
    end = await hands.run(
        sys.executable,
        "-c",
        "import resource as r; print(r.getrlimit(r.RLIMIT_DATA))",
        memory_mb=300,
    )
    size = 300 << 20
    assert await hands.log(end) == f"({size}, {size})\n".encode()
    await backend.close()


async def test_the_level_is_told(tmp_path: Path) -> None:
    backend = DetachedBackend(LocalShell(tmp_path / "spool"), SystemClock())
    assert (await backend.hello(EPOCH)).limits.partition(":")[0] in (SCOPE, RLIMIT)
    await backend.close()


def test_a_scope_goes_before_the_command() -> None:
    before = words(SCOPE, "7-1-1", 512, 2000)
    assert before[0] == "systemd-run"
    assert "--property=MemoryMax=512M" in before
    assert "--property=CPUWeight=200" in before
    script = render(Spec(argv=("echo", "a b"), memory_mb=512, within=before)).decode()
    assert script.endswith("'--' 'echo' 'a b'\n")
    assert "bound" not in script


def test_a_scope_is_asked_of_the_manager_of_the_account_there() -> None:
    before = words("scope:4711", "7-1-1", 512, 2000)
    assert before[:4] == (
        "/usr/bin/env",
        "XDG_RUNTIME_DIR=/run/user/4711",
        "systemd-run",
        "--user",
    )


def test_nothing_goes_before_it_where_no_memory_was_asked_for() -> None:
    assert words(SCOPE, "7-1-1", 0, 2000) == ()
    assert words(RLIMIT, "7-1-1", 512, 2000) == ()
