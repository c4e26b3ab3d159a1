"""Frozen trees compared, whatever their names are, and whatever they are said to be."""

import tarfile
from pathlib import Path

import pytest

from engine.artifacts.trees import compared
from tests.engine.artifacts.tars import a_tar


def differ(folder: Path, one: bytes, other: bytes) -> dict[str, tuple[str, str]]:
    (folder / "a").write_bytes(one)
    (folder / "b").write_bytes(other)
    found, _ = compared(folder / "a", folder / "b")
    return {each.path: (each.change, each.diff) for each in found}


def test_files_are_compared_by_what_is_in_them(tmp_path: Path) -> None:
    one = a_tar({"same": b"1", "text": b"1\n", "bytes": b"\0a", "gone": b"x\n"}, {"l": "same"})
    other = a_tar({"same": b"1", "text": b"2\n", "bytes": b"\0b", "new": b"y\n"}, {"l": "new"})
    found = differ(tmp_path, one, other)
    assert {path: change for path, (change, _) in found.items()} == {
        "bytes": "changed",
        "gone": "removed",
        "l": "changed",
        "new": "added",
        "text": "changed",
    }
    assert "-1\n+2\n" in found["text"][1]
    assert found["bytes"][1] == ""
    assert "--> same" in found["l"][1]


def test_names_that_are_no_text_can_be_shown(tmp_path: Path) -> None:
    one = a_tar({"\udcff": b"1\n"}, {"l": "\udcfe"})
    found = differ(tmp_path, one, a_tar({}, {"l": "x"}))
    assert found["\ufffd"][0] == "removed"
    assert found["l"][0] == "changed"
    assert "-1\n" in found["\ufffd"][1].encode().decode()


@pytest.mark.parametrize("data", [b"no tar at all", b"x" * 2048])
def test_what_is_no_tar_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(tarfile.TarError):
        differ(tmp_path, data, a_tar({}))
