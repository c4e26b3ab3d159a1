"""One daemon for each state directory."""

import os
import stat
from pathlib import Path

import pytest

from engine.daemon.lock import StateLock, prepare_state_dir
from engine.errors import StateInUse, UnusableState


def test_the_holder_is_named_and_the_next_gets_it_after(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = StateLock(path)
    with pytest.raises(StateInUse, match=str(os.getpid())) as refused:
        StateLock(path)
    assert refused.value.details["pid"] == str(os.getpid())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first.release()
    StateLock(path).release()


def test_the_directory_is_made_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    prepare_state_dir(path)
    path.chmod(0o755)
    prepare_state_dir(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_file_a_link_and_what_is_not_ours_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UnusableState, match="is a file"):
        prepare_state_dir(tmp_path / "file")
    with pytest.raises(UnusableState, match="cannot be used"):
        prepare_state_dir(tmp_path / "file" / "below")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UnusableState, match="is a link"):
        prepare_state_dir(tmp_path / "link")
    if os.getuid() == 0:
        os.chown(tmp_path / "real", 4711, -1)
        with pytest.raises(UnusableState, match="belongs to user 4711"):
            prepare_state_dir(tmp_path / "real")
