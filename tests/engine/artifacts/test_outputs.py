"""What a host says are outputs is kept only where it is what the job declared."""

import tarfile
from pathlib import Path

import pytest

from engine.artifacts.folder import Folder
from engine.artifacts.outputs import MOST_BYTES, Unpacked, matches, unpack
from engine.model.keeping import ArtifactType, Output
from tests.engine.artifacts.tars import a_sparse_tar, a_tar

WHEELS = Output(path="dist/*.whl")
REPORT = Output(path="report.xml", type=ArtifactType.JUNIT, name="tests")


def unpacked(folder: Path, tar: bytes, *outputs: Output) -> tuple[Unpacked, Folder]:
    blobs = Folder(folder / "blobs")
    blobs.prepare()
    path = folder / "some.tar"
    path.write_bytes(tar)
    return unpack(path, outputs, blobs), blobs


def test_files_are_kept_by_the_output_that_names_them(tmp_path: Path) -> None:
    tar = a_tar({"dist/a.whl": b"wheel", "./report.xml": b"<x/>"})
    found, blobs = unpacked(tmp_path, tar, WHEELS, REPORT)
    assert [(one.path, one.output) for one in found.found] == [
        ("dist/a.whl", WHEELS),
        ("report.xml", REPORT),
    ]
    assert blobs.read(found.found[0].blob.sha, 0, 10) == b"wheel"
    assert list(found.missing) == []
    assert found.note == ""


def test_what_is_missing_is_named_unless_it_is_optional(tmp_path: Path) -> None:
    optional = Output(path="cov.xml", optional=True)
    found, _ = unpacked(tmp_path, a_tar({"report.xml": b""}), WHEELS, REPORT, optional)
    assert list(found.missing) == ["dist/*.whl"]


@pytest.mark.parametrize(
    "name",
    [
        "../report.xml",
        "/report.xml",
        "dist/../report.xml",
        "dist//a.whl",
        "dist/a\x1b[2J.whl",
        "dist/\udcff.whl",
        "other.txt",
    ],
)
def test_names_that_are_not_declared_or_not_safe_are_left_out(
    tmp_path: Path, name: str
) -> None:
    tar = a_tar({name: b"evil", "report.xml": b"good"})
    found, blobs = unpacked(tmp_path, tar, WHEELS, REPORT, Output(path="*/*"))
    assert [one.path for one in found.found] == ["report.xml"]
    assert "left out" in found.note
    assert len(list(blobs.found())) == 1


def test_links_are_left_out(tmp_path: Path) -> None:
    tar = a_tar({}, {"report.xml": "/etc/passwd"})
    found, _ = unpacked(tmp_path, tar, REPORT)
    assert list(found.found) == []
    assert list(found.missing) == ["report.xml"]


@pytest.mark.parametrize("cut", [100, 520, 700])
def test_a_torn_tar_is_no_tar(tmp_path: Path, cut: int) -> None:
    tar = a_tar({"report.xml": b"x" * 1000})[:cut]
    with pytest.raises(tarfile.TarError):
        unpacked(tmp_path, tar, REPORT)


@pytest.mark.parametrize(
    ("pattern", "path", "does"),
    [
        ("dist/*.whl", "dist/a.whl", True),
        ("dist/*.whl", "dist/sub/a.whl", False),
        ("*", "a", True),
        ("dist", "dist/sub/a.whl", True),
        ("dist", "distant", False),
        ("[ab].txt", "b.txt", True),
        ("A.txt", "a.txt", False),
        ("./-r", "-r", True),
    ],
)
def test_a_star_stays_within_one_folder(pattern: str, path: str, does: bool) -> None:
    assert matches(pattern, path) is does


def test_a_small_tar_of_a_huge_file_fills_no_disk(tmp_path: Path) -> None:
    found, blobs = unpacked(tmp_path, a_sparse_tar("1048577", "0,1"), REPORT)
    assert [one.blob.size for one in found.found] == [1048577]
    found, blobs = unpacked(tmp_path, a_sparse_tar(str(MOST_BYTES + 1), "0,1"), REPORT)
    assert list(found.found) == []
    assert list(found.missing) == ["report.xml"]
    assert "too much" in found.note
    assert not list((blobs.root / "incoming").iterdir())


@pytest.mark.parametrize(("size", "places"), [("many", "0,1"), ("5", "a,b"), ("-1", "0,1")])
def test_numbers_that_are_none_are_those_of_no_tar(
    tmp_path: Path, size: str, places: str
) -> None:
    with pytest.raises(tarfile.TarError):
        unpacked(tmp_path, a_sparse_tar(size, places), REPORT)
