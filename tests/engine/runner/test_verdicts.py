"""Ends for want of memory are told by their evidence, each kill of the kernel once."""

from pathlib import Path

import pytest

from engine.runner import memory
from engine.runner.records import RESERVED
from engine.runner.verdicts import Verdicts


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes the kernel has killed: the last of the list."""
    counted = [3]
    monkeypatch.setattr(memory, "kernel_kills", lambda: counted[-1])
    return counted


def ended(folder: Path, exit_record: str, *, mem: bool = False, err: str = "") -> Path:
    folder.mkdir()
    record = f"exit {exit_record} 1.0 .\n".ljust(len(RESERVED) - 1)
    (folder / "life").write_text(f"{record}\nsup 1 .\njob 2 3 .\n")
    (folder / "spec").write_text(f"#crab grace=1{' mem=5' if mem else ''}\n")
    (folder / "err").write_text(err)
    return folder


def test_a_kill_by_the_kernel_counts_for_one(kills: list[int], tmp_path: Path) -> None:
    verdicts = Verdicts()
    kills.append(4)
    found = [
        verdicts.exit_of(ended(tmp_path / name, "-9 -"), name) for name in ("1-1-1", "2-1-1")
    ]
    assert [status and status.why for status in found] == ["oom", None]


def test_it_is_remembered_until_it_is_forgotten(kills: list[int], tmp_path: Path) -> None:
    verdicts = Verdicts()
    kills.append(4)
    folder = ended(tmp_path / "1-1-1", "-9 -")
    status = verdicts.exit_of(folder, "1-1-1")
    assert status is not None
    assert status.why == "oom"
    again = verdicts.exit_of(folder, "1-1-1")
    assert again is not None
    assert again.why == "oom"
    verdicts.forget("1-1-1")
    later = verdicts.exit_of(folder, "1-1-1")
    assert later is not None
    assert later.why is None


@pytest.mark.parametrize(
    ("record", "mem", "err", "why"),
    [
        ("1 -", True, "MemoryError", "oom"),
        ("1 -", False, "MemoryError", None),
        ("1 -", True, "", None),
        ("0 -", True, "MemoryError", None),
        ("-9 stop", True, "MemoryError", "stop"),
        ("-9 -", True, "", None),
    ],
)
def test_evidence(
    kills: list[int], tmp_path: Path, record: str, mem: bool, err: str, why: str | None
) -> None:
    status = Verdicts().exit_of(ended(tmp_path / "x", record, mem=mem, err=err), "1-1-1")
    assert status is not None
    assert status.why == why


def test_an_end_that_nobody_recorded_is_not_judged(tmp_path: Path) -> None:
    assert Verdicts().exit_of(tmp_path / "nowhere", "1-1-1") is None
