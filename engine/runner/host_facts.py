"""What this machine is and can do."""

import getpass
import os
import re
import shutil
from pathlib import Path

from engine.runner.faults import UnusableError


def session_maker() -> str:
    """How a job gets a session of its own here: the path of setsid, or `perl`.

    Raises:
        UnusableError: this machine has neither.
    """
    search = "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"
    if setsid := shutil.which("setsid", path=search):
        return setsid
    if shutil.which("perl", path=search):
        return "perl"
    raise UnusableError("neither setsid nor perl is installed: jobs cannot be set free")


def home() -> Path:
    """The account's folder; the root of all if it has none."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")


def user() -> str:
    """The account's name; its number if it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def search_path() -> str:
    """Where a login finds commands; as it was before we looked for our own."""
    return os.environ.get("CRAB_PATH") or os.environ.get("PATH", os.defpath)


def capabilities() -> tuple[str, ...]:
    """What can be used to catch and end processes here."""
    found = [name for name in ("setsid", "perl", "tmux") if shutil.which(name)]
    marker = ("marker",) if Path("/proc/self/environ").exists() else ()
    pidfd = ("pidfd",) if hasattr(os, "pidfd_open") else ()
    return (*found, "group", *marker, *pidfd)


def warnings() -> tuple[str, ...]:
    """What could end jobs behind our back; sentences for people."""
    if _kills_at_logout() and not _lingers():
        user = getpass.getuser()
        return (
            "systemd ends all your processes when you log out (KillUserProcesses=yes): "
            f"run `loginctl enable-linger {user}`",
        )
    return ()


def _kills_at_logout() -> bool:
    files = [Path("/etc/systemd/logind.conf"), *Path("/etc/systemd/logind.conf.d").glob("*")]
    texts = [path.read_text(errors="replace") for path in files if path.is_file()]
    found = re.findall(r"^\s*KillUserProcesses\s*=\s*(\w+)", "\n".join(texts), re.MULTILINE)
    return bool(found) and found[-1].lower() in ("yes", "true", "on", "1")


def _lingers() -> bool:
    return Path("/var/lib/systemd/linger", getpass.getuser()).exists()
