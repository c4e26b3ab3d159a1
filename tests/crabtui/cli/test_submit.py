"""`submit`: what is sent, what is printed, and what is refused before it is sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.control.messages import Submit, SubmitBegin, SubmitChunk, SubmitCommit
from engine.control.views import Done
from engine.errors import InvalidSpec, KeyTaken
from tests.crabtui.cli.conftest import Crab, Ran
from tests.kit.answers import submitted
from tests.kit.fake_door import FakeDoor, HungUp


@pytest.fixture(autouse=True)
def _answers(door: FakeDoor) -> None:
    door.answers[Submit] = submitted(12)


def sent(door: FakeDoor) -> dict[str, Any]:
    [ask] = door.asked(Submit)
    [job] = ask.jobs
    return job


def test_a_command_travels_as_it_was_typed(crab: Crab, door: FakeDoor) -> None:
    assert crab("submit", "--", "make", "-j4", "a b", "--json") == Ran(0, "#12\n", "")
    assert sent(door) == {"argv": ["make", "-j4", "a b", "--json"]}


def test_options_after_the_command_are_the_commands(crab: Crab, door: FakeDoor) -> None:
    assert crab("submit", "--queue", "q", "make", "-j4").code == 0
    assert sent(door) == {"argv": ["make", "-j4"], "queue": "q"}


def test_every_flag_becomes_a_field(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    flags = (
        "--shell=exit 3 --name=n --queue=gpu --priority=high --cpus=1.5 --memory=2G --gpus=2"
        " --gpu-type=A100 --timeout=5m --soft-timeout=90 --retries=2 --retry=work --after=3,5-6"
        " --after=#9 --not-before=10m --deadline=1h --tag=a --tag=b --key=k"
        " --worker=w --label=l --restart=ask --on-partition=replace"
        " --tenant=t --namespace=ns --env=A=1=2 --env=HOME --hold"
    )
    words = flags.replace("exit 3", "exit\0003").split()
    code = crab("submit", *(w.replace("\0003", " 3") for w in words), f"--cwd={tmp_path}").code
    assert code == 0
    job = sent(door)
    assert job.pop("env")["A"] == "1=2"
    assert job == {
        "shell": "exit 3",
        "name": "n",
        "queue": "gpu",
        "priority": "high",
        "cpus": "1.5",
        "memory": "2G",
        "gpus": 2,
        "gpu_type": "A100",
        "timeout": "5m",
        "soft_timeout": "90",
        "retries": 2,
        "retry": "work",
        "after": [3, 5, 6, 9],
        "not_before": "10m",
        "deadline": "1h",
        "tags": ["a", "b"],
        "key": "k",
        "workers": ["w"],
        "labels": ["l"],
        "restart": "ask",
        "on_partition": "replace",
        "tenant": "t",
        "namespace": "ns",
        "cwd": str(tmp_path),
        "hold": True,
    }


def test_where_and_beside_whom_it_may_run(crab: Crab, door: FakeDoor) -> None:
    flags = (
        "--not-worker=a --prefer=b --prefer=c --not-label=old --placing=pack --storage=10G"
        " --need=license=2 --group=g --group-limit=3 --goal=fix-7 --session=s --preemptible"
        " --estimate=5m"
    )
    assert crab("submit", *flags.split(), "true").code == 0
    assert sent(door) == {
        "argv": ["true"],
        "excluded_workers": ["a"],
        "preferred_workers": ["b", "c"],
        "excluded_labels": ["old"],
        "placing": "pack",
        "storage": "10G",
        "resources": {"custom": {"license": 2}},
        "group": "g",
        "group_limit": 3,
        "goal": "fix-7",
        "session": "s",
        "preemptible": True,
        "estimated_duration": "5m",
    }
    assert crab("submit", "--need=license", "true").code == 2


def test_only_the_allowed_environment_travels(
    crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("LC_TIME", "CONDA_PREFIX", "CONDA_TOKEN", "SECRET_TOKEN", "PYTHONPATH"):
        monkeypatch.setenv(name, "x")
    monkeypatch.chdir(tmp_path)
    crab("submit", "true")
    [ask] = door.asked(Submit)
    assert {"PATH", "HOME", "TZ", "LC_TIME", "CONDA_PREFIX"} <= ask.env.keys()
    assert not {"CONDA_TOKEN", "SECRET_TOKEN", "PYTHONPATH", "CRABTUI_STATE"} & ask.env.keys()
    assert ask.cwd == str(tmp_path)


def test_a_job_inside_a_job_names_its_parent(
    crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRAB_JOB", "7")
    crab("submit", "true")
    assert sent(door)["parent_id"] == 7


def test_json_has_count_ids_and_jobs(crab: Crab, door: FakeDoor) -> None:
    door.answers[Submit] = submitted(12, created=False)
    ran = crab("submit", "--json", "true")
    assert json.loads(ran.out) == {
        "count": 1,
        "ids": [[12, 12]],
        "jobs": [{"id": 12, "created": False}],
    }


def test_a_known_key_says_so(crab: Crab, door: FakeDoor) -> None:
    door.answers[Submit] = submitted(12, created=False)
    assert crab("submit", "--key", "k", "true").out == "#12 (was there already)\n"


def test_a_file_of_jobs_is_one_request(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    door.answers[Submit] = submitted(12, 13)
    file = tmp_path / "jobs.json"
    file.write_text(
        '{"defaults": {"queue": "q"}, "jobs": [{"command": "a"}, {"command": "b"}]}'
    )
    ran = crab("submit", "-f", str(file), "--tag", "t")
    assert (ran.code, ran.out) == (0, "#12–#13 (2 jobs)\n")
    [ask] = door.asked(Submit)
    assert ask.defaults == {"queue": "q", "tags": ["t"]}
    assert ask.jobs == ({"command": "a"}, {"command": "b"})


def bulk(door: FakeDoor, count: int) -> None:
    door.answers[SubmitBegin] = Done()
    door.answers[SubmitChunk] = Done()
    door.answers[SubmitCommit] = submitted(1, count)


def test_ndjson_is_streamed_in_pieces(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    bulk(door, 30_000)
    file = tmp_path / "many.ndjson"
    lines = [json.dumps({"argv": ["echo", f"{n:0100}"]}) + "\n" for n in range(30_000)]
    file.write_text("".join(lines))
    ran = crab("submit", "-f", str(file), "--queue", "q", "--json")
    assert json.loads(ran.out) == {"count": 30_000, "ids": [[1, 30_000]]}
    chunks = [ask.lines for ask in door.asked(SubmitChunk)]
    assert "".join(chunks) == "".join(lines)
    assert len(chunks) > 2
    assert all(len(chunk) <= 2**20 and chunk.endswith("\n") for chunk in chunks)
    [begin] = door.asked(SubmitBegin)
    assert (begin.count, begin.defaults) == (30_000, {"queue": "q"})


def test_a_lost_connection_repeats_under_the_same_key(
    crab: Crab, door: FakeDoor, tmp_path: Path
) -> None:
    bulk(door, 2)
    lost = iter([True, False])

    def commit(_: SubmitCommit) -> Any:
        if next(lost):
            raise HungUp
        return submitted(1, 2)

    door.answers[SubmitCommit] = commit
    file = tmp_path / "two.ndjson"
    file.write_text('{"argv": ["a"]}\n{"argv": ["b"]}\n')
    assert crab("submit", "-f", str(file)).out == "#1–#2 (2 jobs)\n"
    first, second = door.asked(SubmitBegin)
    assert first == second
    assert first.request_key


def test_a_lost_connection_of_one_job_too(crab: Crab, door: FakeDoor) -> None:
    lost = iter([True, False])
    keys = []

    def answer(ask: Submit) -> Any:
        keys.append(ask.request_key)
        if next(lost):
            raise HungUp
        return submitted(12)

    door.answers[Submit] = answer
    assert crab("submit", "true") == Ran(0, "#12\n", "")
    assert len(keys) == 2
    assert len(set(keys)) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no command: write it after --"),
        (("--shell", "x", "y"), "either --shell or a command"),
        (("-f", "x", "y"), "either --file or a command"),
        (("--retries", "two", "true"), "--retries 'two' is no whole number"),
        (("--env", "=x", "true"), "NAME=VALUE"),
        (("--env", "NOT_SET_HERE", "true"), "no such variable"),
        (("--after", "x", "true"), "'x' is not an id"),
        (("--on-key", "rejct", "true"), "'rejct' is not one of"),
        (("--quue", "x", "true"), "no such option '--quue': did you mean '--queue'?"),
        (("echo", "\udcff"), "argument 1 is not valid UTF-8"),
    ],
)
def test_bad_use_is_two_and_nothing_is_sent(
    crab: Crab, door: FakeDoor, words: tuple[str, ...], message: str
) -> None:
    ran = crab("submit", *words)
    assert (ran.code, ran.out) == (2, "")
    assert message.lower() in ran.err.lower()
    assert ran.err.startswith("crabtui: ")
    assert ran.err.count("\n") == 1
    assert door.asked(Submit) == []


def test_what_the_daemon_finds_invalid_is_bad_use(crab: Crab, door: FakeDoor) -> None:
    door.answers[Submit] = InvalidSpec(
        "jobs[0].quue: unknown key", field="jobs[0].quue", nearest="queue"
    )
    ran = crab("submit", "--json", "true")
    assert ran.code == 2
    assert json.loads(ran.err) == {
        "error": {
            "code": "invalid",
            "message": "quue: unknown key",
            "field": "quue",
            "nearest": "queue",
        }
    }


def test_what_the_daemon_refuses_is_three(crab: Crab, door: FakeDoor) -> None:
    door.answers[Submit] = KeyTaken("key 'k' belongs to #3")
    ran = crab("submit", "--key", "k", "--on-key", "reject", "true")
    assert (ran.code, ran.err) == (3, "crabtui: key 'k' belongs to #3\n")


def test_a_file_that_is_not_there(crab: Crab, tmp_path: Path) -> None:
    ran = crab("submit", "-f", str(tmp_path / "none.json"))
    assert ran.code == 2
    assert ran.err == f"crabtui: {tmp_path}/none.json: No such file or directory\n"


def test_a_line_too_long_is_named(crab: Crab, door: FakeDoor, tmp_path: Path) -> None:
    file = tmp_path / "long.ndjson"
    file.write_text('{"argv": ["a"]}\n{"argv": ["' + "x" * 2**20 + '"]}\n')
    ran = crab("submit", "-f", str(file))
    assert ran.code == 2
    assert "line 2 has" in ran.err


def test_an_input_that_is_not_there(crab: Crab, tmp_path: Path) -> None:
    ran = crab("submit", "--stdin", str(tmp_path / "none"), "cat")
    assert (ran.code, "No such file" in ran.err) == (2, True)


@pytest.mark.parametrize("choice", ["return", "reject", "replace"])
@pytest.mark.parametrize("many", [True, False])
def test_on_key_is_for_few_jobs_of_a_file(
    crab: Crab, door: FakeDoor, tmp_path: Path, choice: str, many: bool
) -> None:
    file = tmp_path / ("jobs.json" if many else "jobs.ndjson")
    jobs = [{"argv": ["true"]}] * 101
    file.write_text(json.dumps(jobs) if many else '{"argv": ["true"]}\n' * 2)
    ran = crab("submit", "-f", str(file), "--on-key", choice)
    assert ran.code == 2
    assert f"--on-key {choice} takes a JSON, YAML or TOML file of at most 100 jobs" in ran.err
    assert door.asks == []
