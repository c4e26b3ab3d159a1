"""What kind of filesystem a path is on: a spool must not be shared between hosts."""

import re
import subprocess
import sys
from pathlib import Path

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|afpfs|webdav|9p|afs|ceph|glusterfs|lustre|gpfs|beegfs|"
    r"fuse\.(sshfs|glusterfs|ceph\w*|rclone|s3fs|goofys|gcsfuse)"
)


def network_filesystem(path: Path) -> str | None:
    """The kind of network filesystem that `path` is on; None if it is a local disk."""
    kind = _kind_of_mount(path.resolve())
    return kind if kind and _NETWORK.fullmatch(kind) else None


def _kind_of_mount(path: Path) -> str | None:
    """The kind of the innermost mount that holds `path`; the last one mounted there wins."""
    kinds = dict(_mounts())
    return next((kinds[str(at)] for at in (path, *path.parents) if str(at) in kinds), None)


def _mounts() -> list[tuple[str, str]]:
    """Where and what every mounted filesystem is, in the order they were mounted."""
    if sys.platform.startswith("linux"):
        rows = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
        return [_mount_of(row) for row in rows]
    done = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False)
    return re.findall(r"^.* on (.+) \((\w+)", done.stdout, re.MULTILINE)


def _mount_of(row: str) -> tuple[str, str]:
    before, after = row.split(" - ", 1)
    return _unescape(before.split()[4]), after.split()[0]


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
