"""Starting, stopping and not finding a daemon."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.control.messages import ListJobs, ListWorkers, Stop
from engine.control.views import WorkersView, WorkerView
from tests.crabtui.cli.conftest import Crab
from tests.kit.answers import a_page, a_row
from tests.kit.fake_door import FakeDoor, HungUp, a_hello


def a_worker(name: str) -> WorkerView:
    return WorkerView(
        name=name,
        backend="ssh",
        health="healthy",
        draining=False,
        slots=1,
        slots_taken=0,
        capacity={},
        taken={},
        seen_at=None,
    )


def leave(_: Any) -> None:
    raise HungUp


def test_stop(crab: Crab, door: FakeDoor) -> None:
    door.answers[Stop] = leave
    ran = crab("stop")
    assert (ran.code, ran.out) == (0, "daemon 4711 has stopped; jobs keep running\n")


def test_stop_works_on_a_daemon_of_another_protocol(crab: Crab, door: FakeDoor) -> None:
    from engine.control.messages import SayHello

    door.answers[SayHello] = a_hello(protocol=99)
    door.answers[Stop] = leave
    assert crab("stop", "--json").out == '{"stopped":4711}\n'


def test_another_protocol_is_refused_with_the_way_out(crab: Crab, door: FakeDoor) -> None:
    from engine.control.messages import SayHello

    door.answers[SayHello] = a_hello(protocol=99)
    ran = crab("ls")
    assert ran.code == 3
    assert "crabtui restart" in ran.err


@pytest.mark.parametrize("verb", ["stop", "stats"])
def test_verbs_that_start_no_daemon(crab: Crab, state: Path, verb: str) -> None:
    ran = crab(verb, "--json")
    assert ran.code == 3
    told = json.loads(ran.err)["error"]
    assert told["code"] == "no_daemon"
    assert str(state / "run" / "door") in told["message"]
    assert not state.exists()


def test_a_daemon_that_cannot_start_says_why(
    crab: Crab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRABTUI_STATE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("in the way")
    ran = crab("ls")
    assert ran.code == 3
    assert ran.err.startswith("crabtui: the daemon did not start: ")
    assert str(tmp_path / "file") in ran.err


def test_a_socket_path_too_long(crab: Crab, tmp_path: Path) -> None:
    ran = crab("--state", str(tmp_path / ("x" * 100)), "ls")
    assert ran.code == 3
    assert "100 is the most" in ran.err


def test_state_before_and_after_the_verb(crab: Crab, tmp_path: Path) -> None:
    other = tmp_path / "o"
    with FakeDoor(other) as door:
        door.answers[ListJobs] = a_page()
        assert crab("--state", str(other), "ls").code == 0
        assert crab("ls", "--state", str(other)).code == 0


@pytest.mark.parametrize("words", [(), ("jobs",), ("ui", "jobs"), ("jobs?state=running",)])
def test_the_console_needs_a_terminal(crab: Crab, words: tuple[str, ...]) -> None:
    ran = crab(*words)
    assert ran.code == 2
    assert "crabtui ls" in ran.err


def test_words_that_are_no_text(crab: Crab, door: FakeDoor) -> None:
    assert door.asks == []
    ran = crab("ls", "name:\udcff")
    assert (ran.code, ran.err) == (2, "crabtui: not valid UTF-8: 'name:\\udcff'\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(crab: Crab, shell: str) -> None:
    out = crab("completion", shell).out
    assert "_CRABTUI_COMPLETE" in out
    assert "crabtui" in out


def test_completion_of_another_shell(crab: Crab) -> None:
    assert crab("completion", "tcsh").code == 2


def test_completion_answers_the_shell(crab: Crab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CRABTUI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "crabtui can")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert crab().out == "plain,cancel\n"


def crabtui(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "crabtui", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_a_reader_that_left_is_no_trouble(door: FakeDoor) -> None:
    rows = [a_row(n, name="x" * 200) for n in range(1, 1000)]
    door.answers[ListJobs] = a_page(*rows)
    with crabtui("ls") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_bug_is_one_line(door: FakeDoor, tmp_path: Path) -> None:
    program = (
        "import crabtui.cli.ls as ls, crabtui.__main__ as main, sys\n"
        "ls.enter = None\n"
        "sys.argv = ['crabtui', 'ls']\n"
        "main.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith(b"crabtui: this is a bug of ours: TypeError")
    assert done.stderr.count(b"\n") == 1


def test_the_exit_code_survives_the_quick_way_out(door: FakeDoor) -> None:
    with crabtui("show", "x") as process:
        _, err = process.communicate()
    assert (process.returncode, err.count(b"\n")) == (2, 1)


@pytest.mark.parametrize(
    ("free", "said", "level"),
    [
        (3 << 20, "3 MB free", "FAIL"),
        (900 << 20, "900 MB free", "warn"),
        (5 << 30, "5.0 GB", "ok"),
    ],
)
def test_little_room_is_told_in_megabytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, said: str, level: str
) -> None:
    from crabtui.cli.checks import check_space

    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    found = check_space(tmp_path)
    assert (found.level, found.text.startswith(said)) == (level, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, []),
        (b"", []),
        (b"SQLite format 3\0and more", []),
        (b"SQLite form", ["is no database: no daemon starts with it"]),
        (b"\0" * 5_000, ["is no database: no daemon starts with it"]),
    ],
)
def test_a_file_that_is_no_database_is_told_before_a_daemon_fails_with_it(
    tmp_path: Path, content: bytes | None, said: list[str]
) -> None:
    from crabtui.cli.checks import check_database

    path = tmp_path / "crabtui.db"
    if content is not None:
        path.write_bytes(content)
    found = list(check_database(tmp_path))
    assert [(one.level, one.text) for one in found] == [
        ("FAIL", f"{path} {words}") for words in said
    ]


def test_a_database_that_cannot_be_opened_is_told_too(tmp_path: Path) -> None:
    from crabtui.cli.checks import check_database

    (tmp_path / "crabtui.db").mkdir()
    assert [one.level for one in check_database(tmp_path)] == ["FAIL"]


@pytest.mark.parametrize(
    "words",
    [
        *(f"{verb} {flag}" for verb in ("submit", "run", "edit 1")
          for flag in ("--worker", "--not-worker", "--prefer")),
        *(f"session {verb} --worker" for verb in ("attach", "exec", "kill", "list", "prune")),
    ],
)  # fmt: skip
def test_names_of_workers_are_completed(
    crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    found = tuple(a_worker(name) for name in ("gpu-1", "gpu-2", "cpu"))
    door.answers[ListWorkers] = WorkersView(workers=found, now_at=0)
    monkeypatch.setenv("_CRABTUI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"crabtui {words} gpu")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) + 1))
    assert crab().out.splitlines() == ["plain,gpu-1", "plain,gpu-2"]
