"""Outputs: what an attempt leaves in its folder, packed on its host, on every kind of it."""

import io
import tarfile
from pathlib import Path

import pytest

from engine.backends.protocol import Report
from engine.model.checks import Check
from engine.model.workspaces import Workspace
from tests.engine.backends.hands import PATH, Hands
from tests.kit.repositories import a_repository, worktrees
from tests.kit.waiting import wait_until

SCARY = 'it\'s "a" $(b) `c` ;é -n'


async def packed(hands: Hands, report: Report) -> dict[str, bytes]:
    """The files in its outputs, by name."""
    data = await hands.log(report, "outputs")
    if not data:
        return {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert all(member.isreg() for member in tar)
        files = {member.name: tar.extractfile(member) for member in tar}
        return {name.removeprefix("./"): file.read() for name, file in files.items() if file}


async def test_files_that_match_are_packed(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    script = """mkdir -p dist/sub; echo 1 >dist/a.whl; printf '\\0\\377' >dist/b.whl
        echo x >dist/c; printf more >>old.txt; printf odd >"$ODD" """
    env = (PATH, ("ODD", SCARY))
    outputs = ("dist/*.whl", "old.txt", "none/*", "it's*")
    report = await hands.sh(script, cwd=str(tmp_path), env=env, outputs=outputs)
    assert (await hands.end(report)).code == 0
    assert await packed(hands, report) == {
        "dist/a.whl": b"1\n",
        "dist/b.whl": b"\0\xff",
        "old.txt": b"oldmore",
        SCARY: b"odd",
    }


@pytest.mark.parametrize("script", ["echo 1 >a; exit 3", "echo 1 >a; kill -9 $$"])
async def test_those_of_failures_too(hands: Hands, tmp_path: Path, script: str) -> None:
    report = await hands.sh(script, cwd=str(tmp_path), outputs=("a",))
    assert (await hands.end(report)).code != 0
    assert await packed(hands, report) == {"a": b"1\n"}


async def test_those_of_what_was_ended(hands: Hands, tmp_path: Path) -> None:
    stopped = await hands.sh(
        "echo 1 >a; echo ready; exec sleep 60", cwd=str(tmp_path), outputs=("a",)
    )
    await hands.wait_log(stopped, b"ready")
    await hands.stop(stopped)
    late = await hands.sh("exec sleep 60", cwd=str(tmp_path), outputs=("a",), hard_ms=200)
    assert (await hands.end(stopped)).why == "stop"
    assert (await hands.end(late)).why == "timeout"
    assert await packed(hands, stopped) == {"a": b"1\n"}
    assert await packed(hands, late) == {"a": b"1\n"}


async def test_a_folder_means_all_files_in_it(hands: Hands, tmp_path: Path) -> None:
    script = "mkdir -p html/css; echo 1 >html/index; echo 2 >html/css/a; ln -s /etc html/etc"
    report = await hands.sh(script, cwd=str(tmp_path), outputs=("html/",))
    await hands.end(report)
    assert await packed(hands, report) == {"html/index": b"1\n", "html/css/a": b"2\n"}


async def test_no_link_is_followed(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "job").mkdir()
    script = """mkdir in; ln -s .. out; ln -s ../secret linked; echo 1 >in/a; ln -s in too
        ln -s ../../secret in/b; mkfifo in/c"""
    outputs = ("out/secret", "out/*", "linked", "in/*", "too/*", "out")
    report = await hands.sh(script, cwd=str(tmp_path / "job"), outputs=outputs)
    assert (await hands.end(report)).code == 0
    assert await packed(hands, report) == {"in/a": b"1\n"}


async def test_one_file_of_two_names_is_two_files(hands: Hands, tmp_path: Path) -> None:
    script = "echo 1 >a; ln a b"
    report = await hands.sh(script, cwd=str(tmp_path), outputs=("a", "?"))
    assert (await hands.end(report)).code == 0
    assert await packed(hands, report) == {"a": b"1\n", "b": b"1\n"}


async def test_names_of_two_lines_lead_nowhere(hands: Hands, tmp_path: Path) -> None:
    script = "mkdir -p d; echo 1 >\"d/x\n./y\"; echo 2 >'d/a\\b'; echo 3 >d/ok; echo 4 >y"
    report = await hands.sh(script, cwd=str(tmp_path), outputs=("d", "d/*"))
    assert (await hands.end(report)).code == 0
    assert set(await packed(hands, report)) == {"d/ok"}


@pytest.mark.parametrize("glob", ["/etc/passwd", "../x", "a/../../x", "", "a\nb"])
async def test_globs_that_lead_out_are_refused(hands: Hands, glob: str) -> None:
    end = await hands.run("true", outputs=(glob,))
    assert (end.why, end.code) == ("nospawn", None)
    assert "does not lie in the job's folder" in end.message


async def test_they_go_when_their_attempt_is_tidied(hands: Hands, tmp_path: Path) -> None:
    report = await hands.sh("echo log; echo 1 >a", cwd=str(tmp_path), outputs=("a",))
    await hands.end(report)
    assert await packed(hands, report)
    await hands.backend.tidy([report.attempt])
    assert await hands.log(report, "outputs") == b""
    assert await hands.log(report) == b"log\n"


async def test_they_are_packed_before_a_workspace_goes(hands: Hands, tmp_path: Path) -> None:
    repo = a_repository(tmp_path / "repo")
    gate = Check(shell="echo 2 >b")
    work = Workspace(repo=str(repo))
    report = await hands.sh("echo 1 >a", workspace=work, outputs=("?",), gate=gate)
    assert (await hands.end(report)).code == 0
    assert await packed(hands, report) == {"a": b"1\n", "b": b"2\n"}
    wait_until(lambda: worktrees(repo) == [])


async def test_without_matches_there_is_nothing(hands: Hands, tmp_path: Path) -> None:
    report = await hands.sh("true", cwd=str(tmp_path), outputs=("a", "b*"))
    assert (await hands.end(report)).code == 0
    assert await packed(hands, report) == {}
    assert await hands.log(report, "notes") == b""


async def test_a_folder_that_is_gone_changes_no_end(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    report = await hands.sh("rmdir ../job", cwd=str(tmp_path / "job"), outputs=("*",))
    assert (await hands.end(report)).code == 0
    assert await packed(hands, report) == {}
