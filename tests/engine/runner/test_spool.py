"""A spool is private, local, guarded by its epochs, and no text of a user is a path in it."""

import errno
import os
from pathlib import Path

import pytest

from engine.runner import logs, mounts, verbs
from engine.runner.faults import BadRequestError, StaleError, TakenError, UnusableError
from engine.runner.records import encode
from engine.runner.spool import SCRIPTS, Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "spool")
    made.prepare()
    made.fence(1)
    return made


def test_it_is_private_and_has_its_scripts(spool: Spool) -> None:
    assert spool.root.stat().st_mode & 0o777 == 0o700
    for name in SCRIPTS:
        assert (spool.scripts / name).read_bytes()
    spool.prepare()


def test_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(UnusableError, match="chmod 700"):
        Spool(tmp_path / "open").prepare()
    assert list((tmp_path / "open").iterdir()) == []


def test_what_the_system_says_is_told_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableError) as unusable:
        Spool(tmp_path / "file" / "spool").prepare()
    assert str(unusable.value).endswith(f"Not a directory: {tmp_path / 'file' / 'spool'}")
    assert "Errno" not in str(unusable.value)


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UnusableError, match="not a folder of ours"):
        Spool(tmp_path / "link").prepare()


def test_a_network_filesystem_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("/", "ext4"), (str(tmp_path.resolve()), "nfs4")]
    monkeypatch.setattr(mounts, "_mounts", lambda: rows)
    with pytest.raises(UnusableError, match="nfs4"):
        Spool(tmp_path / "spool").prepare()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "-x", ".x", "a b", "ü", "x" * 121, "a\n"]
)
def test_a_name_that_could_mean_something_is_refused(spool: Spool, name: str) -> None:
    with pytest.raises(BadRequestError):
        verbs.claim(spool, name, 1, b"", lease=False)


def test_epochs_only_grow(spool: Spool) -> None:
    spool.fence(9)
    spool.fence(10)
    spool.fence(10)
    assert spool.newest_epoch() == 10
    with pytest.raises(StaleError, match="epoch 10"):
        spool.fence(9)


def test_who_only_compares_fences_off_nobody(spool: Spool) -> None:
    assert spool.check_epoch(9) == 1
    verbs.void(spool, "1-1-1", 9)
    verbs.reason(spool, "1-1-1", 9)
    verbs.gc(spool, "1-1-1", 9)
    assert spool.newest_epoch() == 1
    spool.fence(9)
    with pytest.raises(StaleError, match="epoch 9"):
        spool.check_epoch(8)


def test_what_is_no_epoch_is_not_ours(spool: Spool) -> None:
    (spool.fences / "junk").mkdir()
    spool.fence(9)
    spool.fence(10)
    assert spool.newest_epoch() == 10
    assert (spool.fences / "junk").exists()


def test_a_claim_is_made_once(spool: Spool) -> None:
    verbs.claim(spool, "1-1-1", 1, b"", lease=False)
    with pytest.raises(TakenError):
        verbs.claim(spool, "1-1-1", 1, b"", lease=False)
    assert verbs.status(spool, "1-1-1").state == "claimed"
    assert verbs.void(spool, "1-1-1", 1).state == "void"
    assert verbs.void(spool, "1-1-1", 1).state == "void"


def test_clean_up_that_was_cut_off_is_finished_later(spool: Spool) -> None:
    verbs.void(spool, "1-1-1", 1)
    (spool.tombs / "1-1-1").symlink_to("void 0 - .")  # then it was killed
    assert verbs.status(spool, "1-1-1").state == "gone"
    assert verbs.tidy(spool, "1-1-1")
    assert not (spool.attempts / "1-1-1").exists()
    with pytest.raises(TakenError, match="cleaned up"):
        verbs.claim(spool, "1-1-1", 1, b"", lease=False)


def test_what_lives_is_not_cleaned_up(spool: Spool) -> None:
    verbs.claim(spool, "1-1-1", 1, b"", lease=False)
    assert not verbs.tidy(spool, "1-1-1")
    assert not verbs.gc(spool, "1-1-1", 1)
    assert verbs.status(spool, "1-1-1").state == "claimed"


def test_tidied_attempts_cost_no_block(spool: Spool) -> None:
    verbs.void(spool, "1-1-1", 1)
    verbs.tidy(spool, "1-1-1")
    assert [entry.name for entry in spool.attempts.iterdir()] == []
    assert (spool.tombs / "1-1-1").lstat().st_blocks == 0


def test_tombstones_share_an_inode_and_outlive_each_other(spool: Spool) -> None:
    names = ["1-1-1", "2-1-1", "3-1-1"]
    for name in names:
        verbs.void(spool, name, 1)
        assert verbs.tidy(spool, name)
    assert len({(spool.tombs / name).lstat().st_ino for name in names}) == 1
    (spool.tombs / "3-1-1").unlink()
    verbs.void(spool, "4-1-1", 1)
    assert verbs.tidy(spool, "4-1-1")
    for name in ("1-1-1", "2-1-1", "4-1-1"):
        with pytest.raises(TakenError):
            verbs.claim(spool, name, 1, b"", lease=False)


def test_a_tombstone_is_made_where_links_cannot_be(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(*_: object, **__: object) -> None:
        raise OSError(errno.EMLINK, "Too many links")

    names = ["1-1-1", "2-1-1"]
    for name in names:
        verbs.void(spool, name, 1)
    monkeypatch.setattr(os, "link", too_many)
    for name in names:
        assert verbs.tidy(spool, name)
        assert verbs.status(spool, name).state == "gone"


def test_a_moved_log_keeps_true_offsets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no hole can be made, twice over, while its writer appends."""
    monkeypatch.setattr(logs, "_punch", lambda fd, length: False)
    whole = b"".join(b"%d\n" % number for number in range(5000))
    with (tmp_path / "out").open("ab", buffering=0) as log:
        log.write(whole[:10_000])
        assert logs.trim(tmp_path, "out", 6_000) == 7_000
        log.write(whole[10_000:20_000])
        assert logs.trim(tmp_path, "out", 6_000) == 10_000
    piece = logs.read_piece(tmp_path, "out", 0, 1 << 18)
    assert (piece.offset, piece.dropped, piece.size) == (17_000, 17_000, 20_000)
    assert piece.data == whole[17_000:20_000]


def test_a_log_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        logs.read_piece(tmp_path, "out", 0, 100)


def test_a_stream_is_out_or_err(spool: Spool) -> None:
    with pytest.raises(BadRequestError):
        logs.check_stream("../../secret")


def test_records_end_in_a_dot() -> None:
    assert encode("void", 43) == b"void 43 .\n"
