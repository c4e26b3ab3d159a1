"""A tmux session in which people can watch a job, whatever shell runs the runner's scripts."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.backends.hands import Hands
from tests.engine.backends.test_shells import hands, shell  # noqa: F401
from tests.kit.waiting import wait_until

Tmux = Callable[..., str]
NAME = "aivcs__r__task-1__runner"


@pytest.fixture
def env(tmp_path: Path) -> tuple[tuple[str, str], ...]:
    folder = tmp_path / "t"
    folder.mkdir()
    return (("PATH", os.environ["PATH"]), ("TMUX_TMPDIR", str(folder)), ("HOME", str(tmp_path)))


@pytest.fixture
def tmux(env: tuple[tuple[str, str], ...]) -> Iterator[Tmux]:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")

    def ask(*words: str) -> str:
        command = ["tmux", "-f", "/dev/null", *words]
        done = subprocess.run(command, env=dict(env), capture_output=True, check=False)
        return done.stdout.decode()

    yield ask
    ask("kill-server")


def sessions(tmux: Tmux) -> list[str]:
    return tmux("list-sessions", "-F", "#{session_name}").split()


async def test_a_runner_session_shows_the_log_and_ends_with_its_job(
    hands: Hands,  # noqa: F811
    tmux: Tmux,
    env: tuple[tuple[str, str], ...],
) -> None:
    tmux("new-session", "-d", "-s", "aivcs__r__task-10__runner")
    script = "printf 'see \\033[31mme\\n'; read x; exit 3"
    report = await hands.sh(script, env=env, tmux=NAME, open_stdin=True)
    wait_until(lambda: "see [31mme" in tmux("capture-pane", "-p", "-t", f"={NAME}:"))
    assert set(sessions(tmux)) == {NAME, "aivcs__r__task-10__runner"}
    await hands.backend.feed(report.attempt, hands.epoch, b"x\n", end=False)
    assert (await hands.end(report)).code == 3
    wait_until(lambda: sessions(tmux) == ["aivcs__r__task-10__runner"])


async def test_an_agent_session_stays(
    hands: Hands,  # noqa: F811
    tmux: Tmux,
    env: tuple[tuple[str, str], ...],
) -> None:
    name = "aivcs__r__w__agent"
    for _ in range(2):
        report = await hands.sh("read x", env=env, tmux=name, open_stdin=True)
        log = f"log-{report.attempt}"
        wait_until(lambda: log in tmux("list-windows", "-a", "-F", "#{window_name}"))  # noqa: B023
        await hands.stop(report, grace_ms=2_000)
        await hands.end(report)
        wait_until(lambda: log not in tmux("list-windows", "-a", "-F", "#{window_name}"))  # noqa: B023
        assert sessions(tmux) == [name]


async def test_without_tmux_it_runs_all_the_same(hands: Hands) -> None:  # noqa: F811
    report = await hands.start("/bin/true", env=(("PATH", "/none"),), tmux=NAME)
    assert (await hands.end(report)).code == 0
