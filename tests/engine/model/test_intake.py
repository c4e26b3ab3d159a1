"""Submitted jobs: what is accepted, under which names, and what it becomes."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Category, InvalidSpec
from engine.model.intake import FREE_KEYS, JOB_KEYS, KEY_TYPES, Reader, read_job
from engine.model.intake.lines import decode_line
from engine.model.limits import PRESETS, Backoff, Partition, Restart, RetryPolicy, Timeouts
from engine.model.priority import Priority
from engine.model.resources import Resources
from engine.model.rules import Placing
from engine.model.spec import Command, Constraints, JobSpec, LogPolicy
from engine.policy.shapes import shape_of

NOW = 1_795_000_000_000_000


def job(**raw):
    return read_job({"argv": ["true"], **raw}, owner="ann", cwd="/home/ann", now_at=NOW)


def test_the_smallest_job_gets_every_default():
    assert read_job({"command": ["true"]}, owner="ann") == JobSpec(
        command=Command(argv=("true",)), owner="ann"
    )


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        ({"command": ["ls", "-l"]}, Command(argv=("ls", "-l"))),
        ({"command": "ls | wc"}, Command(shell="ls | wc")),
        ({"argv": ["ls", ""]}, Command(argv=("ls", ""))),
        ({"shell": "ls"}, Command(shell="ls")),
        ({"payload": {"argv": ["ls"], "stdin": "x"}}, Command(argv=("ls",), stdin="x")),
        ({"command": ["ls"], "cwd": "/srv"}, Command(argv=("ls",), cwd="/srv")),
        ({"command": ["ls"], "cwd": "a/b"}, Command(argv=("ls",), cwd="/home/ann/a/b")),
        ({"command": ["ls"], "cwd": "."}, Command(argv=("ls",), cwd="/home/ann")),
        ({"command": ["ls"], "env": {"A": "é"}}, Command(argv=("ls",), env={"A": "é"})),
        ({"command": ["ls"], "cwd": None, "name": None}, Command(argv=("ls",))),
    ],
)
def test_commands(raw, command):
    assert read_job(raw, owner="ann", cwd="/home/ann").command == command


@pytest.mark.parametrize(
    ("raw", "field", "value"),
    [
        ({"tenant_id": "t"}, "tenant", "t"),
        ({"priority": "batch"}, "priority", Priority.NORMAL),
        ({"priority": "Realtime"}, "priority", Priority.CRITICAL),
        ({"priority": "medium"}, "priority", Priority.NORMAL),
        ({"is_critical": True}, "priority", Priority.CRITICAL),
        ({"is_critical": True, "priority": "critical"}, "priority", Priority.CRITICAL),
        ({"tags": ["a", "b", "a"]}, "tags", ("a", "b")),
        ({"tags": "a"}, "tags", ("a",)),
        ({"timeout": "10m"}, "timeouts", Timeouts(hard_ms=600_000)),
        ({"timeout": 1.5}, "timeouts", Timeouts(hard_ms=1500)),
        ({"timeout_ms": 5, "soft_timeout": "1ms"}, "timeouts", Timeouts(hard_ms=5, soft_ms=1)),
        ({"constraints": {"timeout_ms": 5}}, "timeouts", Timeouts(hard_ms=5)),
        ({"resources": {"timeout_ms": 5}}, "timeouts", Timeouts(hard_ms=5)),
        ({"grace": 0}, "timeouts", Timeouts(grace_ms=0)),
        ({"cpu": 0.5}, "resources", Resources(cpu_milli=500)),
        ({"resources": {"cpu": "250m"}}, "resources", Resources(cpu_milli=250)),
        ({"cpus": 0.1 + 0.2}, "resources", Resources(cpu_milli=300)),
        ({"memory": "2G"}, "resources", Resources(memory_mb=2048)),
        ({"memory": "1.5 GiB"}, "resources", Resources(memory_mb=1536)),
        ({"memory": 512}, "resources", Resources(memory_mb=512)),
        ({"memory": "1K"}, "resources", Resources(memory_mb=1)),
        ({"gpu": "A100"}, "resources", Resources(gpu=1, gpu_type="A100")),
        ({"gpu": "A100", "gpu_count": 4}, "resources", Resources(gpu=4, gpu_type="A100")),
        ({"gpu_count": 4, "gpu": "A100"}, "resources", Resources(gpu=4, gpu_type="A100")),
        (
            {"resources": {"custom": {"z": 1, "lic": 2}}},
            "resources",
            Resources(custom=(("lic", 2), ("z", 1))),
        ),
        ({"retry": "work"}, "retry", PRESETS["work"]),
        ({"retry_policy": "crab"}, "retry", PRESETS["crab"]),
        ({"max_retries": 2}, "retry", RetryPolicy(max_attempts=3)),
        (
            {"max_retries": 4, "retry": "crab"},
            "retry",
            RetryPolicy(max_attempts=5, base_ms=100, max_ms=30_000, jitter=False),
        ),
        ({"retry_backoff_ms": 7}, "retry", RetryPolicy(base_ms=7)),
        (
            {
                "retry": {
                    "preset": "work",
                    "backoff": "linear",
                    "base": "2s",
                    "exit_codes": [75, 3],
                    "on_signal": False,
                    "categories": ["lost"],
                }
            },
            "retry",
            RetryPolicy(
                max_attempts=3,
                backoff=Backoff.LINEAR,
                base_ms=2000,
                exit_codes=(3, 75),
                on_signal=False,
                categories=(Category.LOST,),
            ),
        ),
        ({"depends_on": [3, "#4"]}, "constraints", Constraints(depends_on=(3, 4))),
        ({"after": 3}, "constraints", Constraints(depends_on=(3,))),
        ({"not_before": "10m"}, "constraints", Constraints(not_before_at=NOW + 600_000_000)),
        ({"not_before": 17}, "constraints", Constraints(not_before_at=17)),
        (
            {"deadline": "1970-01-01T00:00:01Z"},
            "constraints",
            Constraints(deadline_at=1_000_000),
        ),
        (
            {"concurrency_group": "g 1", "constraints": {"max_concurrent_in_group": 2}},
            "constraints",
            Constraints(concurrency_group="g 1", max_concurrent_in_group=2),
        ),
        ({"worker": "w"}, "constraints", Constraints(required_workers=("w",))),
        ({"labels": ["zone=b"]}, "constraints", Constraints(required_labels=("zone=b",))),
        ({"blocks": []}, "constraints", Constraints()),
        ({"restart": "ask"}, "restart", Restart.ASK),
        ({"constraints": {"on_partition": "replace"}}, "on_partition", Partition.REPLACE),
        ({"log_policy": "stop"}, "log_policy", LogPolicy.STOP),
        ({"log_cap": "1M"}, "log_cap_bytes", 2**20),
        ({"hold": True}, "held", True),
        ({"trace_id": "AB" * 16}, "trace_id", "ab" * 16),
        ({"estimated_duration": "1h"}, "estimated_duration_ms", 3_600_000),
        ({"metadata": {"a": {"b": [1, None]}}}, "metadata", {"a": {"b": [1, None]}}),
        (
            {"evaluation": {"run_id": "r", "agent_phase": 4}},
            "metadata",
            {"run_id": "r"},
        ),
        ({"evaluation": {"agent_phase": 4}}, "agent_phase", 4),
        ({"requires_network": True}, "metadata", {"requires_network": True}),
    ],
)
def test_fields(raw, field, value):
    assert getattr(job(**raw), field) == value


def test_where_and_beside_whom_it_may_run():
    spec = job(
        goal="fix-7",
        group="g",
        group_limit=3,
        placing="pack",
        session="s",
        preferred_labels=["ssd"],
        excluded_labels="old",
        preemptible=True,
    )
    assert spec.preemptible
    assert spec.constraints == Constraints(
        goal="fix-7",
        concurrency_group="g",
        max_concurrent_in_group=3,
        placing=Placing.PACK,
        session_id="s",
        preferred_labels=("ssd",),
        excluded_labels=("old",),
    )
    with pytest.raises(InvalidSpec, match="spread"):
        job(placing="spred")


def test_a_job_builds_on_the_defaults():
    defaults = {
        "command": "make",
        "env": {"A": "1", "B": "1"},
        "resources": {"cpu": 2, "memory": "1G"},
        "metadata": {"run": 1},
        "is_critical": True,
        "tags": ["nightly"],
    }
    reader = Reader(defaults, owner="ann")
    plain = reader.read({})
    own = reader.read(
        {
            "argv": ["ls"],
            "env": {"B": "2"},
            "cpu": 1,
            "metadata": {"x": 2},
            "priority": "low",
            "tags": [],
        }
    )
    assert plain.command == Command(shell="make", env={"A": "1", "B": "1"})
    assert plain.priority is Priority.CRITICAL
    assert own.command == Command(argv=("ls",), env={"A": "1", "B": "2"})
    assert own.resources == Resources(cpu_milli=1000, memory_mb=1024)
    assert own.metadata == {"run": 1, "x": 2}
    assert own.priority is Priority.LOW
    assert own.tags == ()
    assert reader.read({}) == plain


@pytest.mark.parametrize(
    ("raw", "field", "said"),
    [
        ([], "job", "a map"),
        ({}, "job", "nothing to run"),
        ({"command": []}, "job.command", "empty"),
        ({"command": [""]}, "job.command[0]", "empty"),
        ({"command": " "}, "job.command", "empty"),
        ({"command": 3}, "job.command", "not a number"),
        ({"argv": ["a"], "shell": "b"}, "job.shell", "give one of"),
        ({"argv": ["a"], "payload": {"argv": ["b"]}}, "job.payload.argv", "give one of"),
        ({"argv": "ls"}, "job.argv", "a list of words"),
        ({"argv": ["a", True]}, "job.argv[1]", "true or false"),
        ({"argv": ["a", "b\0c"]}, "job.argv[1]", "NUL"),
        ({"argv": ["a", "\ud800"]}, "job.argv[1]", "no valid text"),
        ({"argv": ["a", "x" * 131_072]}, "job.argv[1]", "131071"),
        ({"argv": ["a", "é" * 70_000]}, "job.argv[1]", "131071"),
        ({"argv": ["a"], "env": {"1A": "x"}}, "job.env.1A", "cannot name a variable"),
        ({"argv": ["a"], "env": {"A=": "x"}}, "job.env.A=", "cannot name a variable"),
        ({"argv": ["a"], "env": {"A": 1}}, "job.env.A", "must be text"),
        ({"argv": ["a"], "env": {"A": "x" * 131_071}}, "job.env.A", "131071"),
        (
            {"argv": ["a"], "env": {f"A{i}": "x" * 60_000 for i in range(9)}},
            "job.env",
            "in all",
        ),
        ({"argv": ["a"], "env": ["A=1"]}, "job.env", "a map"),
        ({"argv": ["a"], "cwd": "~/x"}, "job.cwd", "not expanded"),
        ({"argv": ["a"], "cwd": ""}, "job.cwd", "empty"),
        ({"argv": ["a"], "stdin": "a\0"}, "job.stdin", "NUL"),
        ({"comand": ["a"]}, "job.comand", "did you mean 'command'"),
        ({"argv": ["a"], "resources": {"cpuu": 1}}, "job.resources.cpuu", "'cpu'"),
        ({"argv": ["a"], "retry": {"bas_ms": 1}}, "job.retry.bas_ms", "'base_ms'"),
        ({"argv": ["a"], "payload": {"name": "x"}}, "job.payload.name", "unknown key"),
        ({"argv": ["a"], "status": "queued"}, "job.status", "set by the engine"),
        ({"argv": ["a"], "kind": "stage"}, "job", "say which `stage_module`"),
        ({"argv": ["a"], "kind": "comand"}, "job.kind", "'command'"),
        ({"argv": ["a"], "name": "a\nb"}, "job.name", "control character"),
        ({"argv": ["a"], "name": "x" * 201}, "job.name", "200"),
        ({"argv": ["a"], "name": 3}, "job.name", "must be text"),
        ({"argv": ["a"], "queue": "a b"}, "job.queue", "cannot be a name"),
        ({"argv": ["a"], "tags": ["ok", "\x1b[31m"]}, "job.tags", "control character"),
        ({"argv": ["a"], "priority": "hihg"}, "job.priority", "'high'"),
        ({"argv": ["a"], "priority": 1}, "job.priority", "must be a priority"),
        ({"argv": ["a"], "is_critical": 1}, "job.is_critical", "true or false"),
        (
            {"argv": ["a"], "is_critical": True, "priority": "low"},
            "job.is_critical",
            "otherwise",
        ),
        ({"argv": ["a"], "timeout": -1}, "job.timeout", "out of range"),
        ({"argv": ["a"], "timeout": 0}, "job.timeout", "too short"),
        ({"argv": ["a"], "timeout": "soon"}, "job.timeout", "no length of time"),
        ({"argv": ["a"], "timeout": True}, "job.timeout", "true or false"),
        ({"argv": ["a"], "timeout_ms": 1.5}, "job.timeout_ms", "whole number"),
        ({"argv": ["a"], "timeout_ms": True}, "job.timeout_ms", "whole number"),
        ({"argv": ["a"], "timeout": 1, "timeout_ms": 5}, "job.timeout_ms", "'timeout'"),
        (
            {"argv": ["a"], "timeout": 1, "soft_timeout": 2},
            "job.soft_timeout",
            "above the hard",
        ),
        ({"argv": ["a"], "cpu": float("nan")}, "job.cpu", "out of range"),
        ({"argv": ["a"], "cpu": -1}, "job.cpu", "out of range"),
        ({"argv": ["a"], "cpu": "two"}, "job.cpu", "no number of cores"),
        ({"argv": ["a"], "cpu": "nan"}, "job.cpu", "no number of cores"),
        ({"argv": ["a"], "cpu": "inf"}, "job.cpu", "no number of cores"),
        ({"argv": ["a"], "memory": "2 bananas"}, "job.memory", "no size"),
        ({"argv": ["a"], "memory_mb": "2G"}, "job.memory_mb", "whole number"),
        ({"argv": ["a"], "gpu": -1}, "job.gpu", "out of range"),
        ({"argv": ["a"], "max_retries": -1}, "job.max_retries", "out of range"),
        ({"argv": ["a"], "max_retries": "2"}, "job.max_retries", "whole number"),
        (
            {"argv": ["a"], "max_retries": 1, "max_attempts": 2},
            "job.max_attempts",
            "'max_retries'",
        ),
        ({"argv": ["a"], "retry": "hard"}, "job.retry", "unknown retry preset"),
        ({"argv": ["a"], "retry": 3}, "job.retry", "a preset"),
        (
            {"argv": ["a"], "retry": {"multiplier": 0.5}},
            "job.retry.multiplier",
            "out of range",
        ),
        (
            {"argv": ["a"], "retry": {"base_ms": 9, "max_ms": 8}},
            "job.retry.base_ms",
            "above the longest",
        ),
        ({"argv": ["a"], "retry": {"exit_codes": [0]}}, "job.retry.exit_codes", "out of range"),
        (
            {"argv": ["a"], "retry": {"categories": ["canceled"]}},
            "job.retry.categories",
            "never retried",
        ),
        ({"argv": ["a"], "depends_on": ["x"]}, "job.depends_on[0]", "no job id"),
        ({"argv": ["a"], "depends_on": [0]}, "job.depends_on[0]", "out of range"),
        ({"argv": ["a"], "blocks": [1]}, "job.blocks", "not available yet"),
        ({"argv": ["a"], "not_before": "tomorrow"}, "job.not_before", "no time"),
        ({"argv": ["a"], "not_before": "2h", "deadline": "1h"}, "job.deadline", "not after"),
        (
            {"argv": ["a"], "constraints": {"locality": "moon"}},
            "job.constraints.locality",
            "unknown locality",
        ),
        (
            {"argv": ["a"], "worker": "a", "excluded_workers": ["a"]},
            "job.excluded_workers",
            "'a'",
        ),
        ({"argv": ["a"], "trace_id": "xyz"}, "job.trace_id", "32 hexadecimal"),
        ({"argv": ["a"], "log_cap": "lots"}, "job.log_cap", "no size"),
        (
            {"argv": ["a"], "evaluation": {"agent_phase": 5}},
            "job.evaluation.agent_phase",
            "1 to 4",
        ),
        ({"argv": ["a"], "metadata": {"a": float("inf")}}, "job.metadata.a", "JSON"),
        ({"argv": ["a"], "metadata": {"a": [2**63]}}, "job.metadata.a[0]", "JSON"),
        ({"argv": ["a"], "metadata": {"a": "\0"}}, "job.metadata.a", "NUL"),
        ({"argv": ["a"], "metadata": {"a": list(range(10_001))}}, None, "10000 values"),
        ({"argv": ["a"], "metadata": {"a": "x" * 2**20}}, "job", "one job may have"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(raw, field, said):
    with pytest.raises(InvalidSpec) as caught:
        read_job(raw, owner="ann")
    assert said in caught.value.message
    assert field is None or caught.value.field == field


def test_metadata_may_not_be_bottomless():
    deep: dict[str, object] = {}
    for _ in range(17):
        deep = {"a": deep}
    with pytest.raises(InvalidSpec, match="nested more than 16 deep"):
        job(metadata=deep)


def test_the_place_of_a_job_in_its_batch_is_said():
    with pytest.raises(InvalidSpec) as caught:
        Reader(owner="ann").read({"argv": ["a"], "resources": {"cpu": "x"}}, "jobs[3]")
    assert caught.value.field == "jobs[3].resources.cpu"
    assert caught.value.message.startswith("jobs[3].resources.cpu: ")


def test_wrong_defaults_are_refused_once():
    with pytest.raises(InvalidSpec) as caught:
        Reader({"queu": "a"}, owner="ann")
    assert caught.value.field == "defaults.queu"
    assert caught.value.nearest == "queue"


@given(
    st.dictionaries(
        st.sampled_from(sorted(JOB_KEYS)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(sorted(JOB_KEYS)), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        max_size=4,
    )
)
@settings(max_examples=500, deadline=None)
def test_anything_becomes_a_spec_or_a_refusal(raw):
    try:
        spec = read_job({"argv": ["true"], **raw}, owner="ann")
    except InvalidSpec:
        return
    json.dumps(spec.metadata, allow_nan=False)


def test_the_tables_speak_of_known_keys():
    assert set(FREE_KEYS) <= set(JOB_KEYS)
    inner = {"base_ms", "max_ms", "exit_codes", "custom", "multiplier", "jitter", "optional"}
    assert set(KEY_TYPES) - inner - {"on_signal", "on_timeout"} <= set(JOB_KEYS)


def test_jobs_of_equal_needs_have_one_shape():
    one = job(cpu=2, worker=["b", "a"], name="x", concurrency_group="g")
    two = job(cpu=2, worker=["a", "b"], name="y", concurrency_group="g", priority="low")
    assert shape_of(one) == shape_of(two)
    assert shape_of(one) != shape_of(job(cpu=1))
    assert shape_of(one).workers == ("a", "b")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"a": 1, "a": 2}', "given twice"),
        ('{"a": {"b": 1, "b": 2}}', "given twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": ', "no JSON"),
        ("[" * 100_000, "nested"),
        ('{"a": ' + "1" * 5000 + "}", "digits"),
        ('{"timeout": 1e400}', "1e400 is too large"),
        ('{"name": "\\ud800"}', "half a character"),
    ],
)
def test_lines_that_are_no_jobs(line, said):
    with pytest.raises(InvalidSpec, match=said) as caught:
        decode_line(line, "jobs[7]")
    assert caught.value.field.startswith("jobs[7]")


def test_both_halves_of_a_character_are_one():
    assert decode_line('{"name": "\\ud83e\\udd80"}', "jobs[0]") == {"name": "🦀"}


def test_a_small_job_costs_little():
    reader = Reader(owner="ann")
    line = '{"command":["/bin/echo","hello"],"name":"job","queue":"q","cpu":1,"timeout":60}'
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(2_000):
            reader.read(decode_line(line, "job"), "job")
        best = min(best, (time.process_time() - began) / 2_000)
    assert best < 60e-6  # about 12 µs on a quiet machine; this catches a change of order


def test_the_model_reads_no_clock_and_no_disk():
    folder = Path(__file__).parents[3] / "engine/model"
    for file in [*folder.glob("intake/*.py"), *folder.glob("filter/*.py")]:
        assert not any(word in file.read_text() for word in ("import os", "import time\n"))


def test_a_number_that_is_none_is_told_with_its_column():
    line = r'{"a \" NaN": "NaN", "b": NaN}'
    with pytest.raises(InvalidSpec) as refused:
        decode_line(line, "jobs[3]")
    assert refused.value.message == "jobs[3]: NaN is no JSON number (column 26)"
    assert line[25:28] == "NaN"


def test_an_unknown_key_without_a_near_one_does_not_bring_them_all():
    with pytest.raises(InvalidSpec) as refused:
        job(zzzqqq=1)
    assert "command, argv, shell" in refused.value.message
    assert "crabtui submit --help" in refused.value.message
    assert len(refused.value.message) < 200
    with pytest.raises(InvalidSpec, match="one of: agent_phase, is_promotion_gate"):
        job(evaluation={"zzzqqq": 1})
