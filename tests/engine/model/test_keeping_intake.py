"""What people may write of outputs, caches, results to reuse and frozen trees."""

from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.model.intake import read_job
from engine.model.keeping import ArtifactType, BuildCache, Memo, Output
from engine.model.spec import JobSpec


def read(**fields: Any) -> JobSpec:
    return read_job({"command": ["true"], **fields}, owner="ana", cwd="/w")


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("dist/*.whl", Output(path="dist/*.whl")),
        ("./dist//a", Output(path="dist/a")),
        ("junit:report.xml", Output(path="report.xml", type=ArtifactType.JUNIT)),
        ("odd:name", Output(path="odd:name")),
        ("-r", Output(path="./-r")),
        (
            {"path": "a", "type": "log", "name": "the log", "optional": True},
            Output(path="a", type=ArtifactType.LOG, name="the log", optional=True),
        ),
    ],
)
def test_outputs(said: Any, read_as: Output) -> None:
    assert read(outputs=[said]).outputs == (read_as,)
    assert read(outputs=said).outputs == (read_as,)


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ("/etc/passwd", "[0]", "relative"),
        ("../x", "[0]", "leads out"),
        ("a/../../x", "[0]", "leads out"),
        (".", "[0]", "whole folder"),
        ("", "[0]", "empty"),
        ("a\nb", "[0]", "control character"),
        ({"path": "a", "type": "junti"}, "[0].type", "did you mean 'junit'"),
        ({"paht": "a"}, "[0].paht", "did you mean 'path'"),
        ({"type": "log"}, "[0]", "needs a path"),
        ({"path": "a", "name": "a/b"}, "[0].name", "cannot be a name"),
    ],
)
def test_outputs_that_cannot_be(said: Any, place: str, words: str) -> None:
    with pytest.raises(InvalidSpec, match=words) as wrong:
        read(outputs=[said])
    assert wrong.value.field == f"job.outputs{place}"


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("pip=.venv", BuildCache(name="pip", path=".venv")),
        (
            "pip=.venv@requirements.txt,a.lock",
            BuildCache(name="pip", path=".venv", files=("requirements.txt", "a.lock")),
        ),
        ({"name": "n", "path": "p", "key": "v1"}, BuildCache(name="n", path="p", key="v1")),
        (
            {"name": "n", "path": "p", "key": {"files": "*.lock", "text": "v1"}},
            BuildCache(name="n", path="p", key="v1", files=("*.lock",)),
        ),
    ],
)
def test_caches(said: Any, read_as: BuildCache) -> None:
    assert read(caches=[said]).caches == (read_as,)


@pytest.mark.parametrize(
    "said", ["pip", "a/b=x", "pip=/abs", "pip=..", [{"name": "x"}], ["a=b", "a=c"]]
)
def test_caches_that_cannot_be(said: Any) -> None:
    with pytest.raises(InvalidSpec):
        read(caches=said)


def test_memo_counts_from_a_length_of_time() -> None:
    assert read(memo="10m").memo == Memo(ttl_ms=600_000)
    said = {"ttl": "1h", "inputs": ["src", "/data/x"], "env": ["CC"], "version": "gcc 13"}
    assert read(memo=said).memo == Memo(
        ttl_ms=3_600_000, inputs=("/w/src", "/data/x"), env=("CC",), version="gcc 13"
    )


@pytest.mark.parametrize("said", ["soon", {}, {"ttl": 0}, {"ttl": "1h", "env": ["A=B"]}])
def test_memos_that_cannot_be(said: Any) -> None:
    with pytest.raises(InvalidSpec):
        read(memo=said)


def test_only_what_stays_the_same_is_reused() -> None:
    commit = "0a" * 20
    assert read(memo="1h", workspace={"repo": "/r", "revision": commit}).memo is not None
    assert read(workspace="/r").memo is None
    for moves in ("/r", {"repo": "/r", "revision": "main"}, {"repo": "/r", "revision": "0a0a"}):
        with pytest.raises(InvalidSpec, match="memo: needs a workspace at a commit in full"):
            read(memo="1h", workspace=moves)
    with pytest.raises(InvalidSpec, match="typed while it runs"):
        read(memo="1h", open_stdin=True)


def test_a_frozen_tree_is_where_the_job_runs() -> None:
    assert read(frozen="a" * 64).frozen == "a" * 64
    for fields in ({"frozen": "abc"}, {"frozen": "a" * 64, "cwd": "/x"}):
        with pytest.raises(InvalidSpec):
            read(**fields)
    with pytest.raises(InvalidSpec, match="leave out"):
        read(frozen="a" * 64, workspace="/repo")


def test_a_result_is_kept_of_jobs_that_say_so() -> None:
    assert not read().wants_result
    assert read(wants_result=True).wants_result
    with pytest.raises(InvalidSpec):
        read(wants_result="maybe")
