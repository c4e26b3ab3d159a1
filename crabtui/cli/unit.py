"""The systemd unit that keeps a daemon running, and what a user's session may do to it."""

import configparser
import getpass
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from crabtui.program import PROGRAM

LINGER: Final = Path("/var/lib/systemd/linger")
LOGIND: Final = Path("/etc/systemd/logind.conf")

_UNIT: Final = """\
# ~/.config/systemd/user/crabtui.service, then:
#   systemctl --user daemon-reload && systemctl --user enable --now crabtui
[Unit]
Description=crabtui: durable jobs on this machine
Documentation=man:systemd.unit(5)

[Service]
Type=exec
ExecStart={start}
# Fails, and changes nothing, if the configuration is wrong.
ExecReload={reload}
Restart=on-failure
# Jobs outlive the daemon, so only its own process is stopped.
KillMode=process
# No PrivateTmp=, ProtectHome= or the like: jobs would see another file system than you.
{linger}
[Install]
WantedBy=default.target
"""


def unit(state: Path) -> str:
    """The text of a user unit for the daemon of `state`."""
    start = _command("--daemon", "--state", str(state))
    reload = _command("reload", "--state", str(state))
    linger = "" if lingers() else f"# {linger_warning()}\n"
    return _UNIT.format(start=start, reload=reload, linger=linger)


def _command(*words: str) -> str:
    return " ".join(map(_quoted, [*PROGRAM, *words]))


def lingers(folder: Path = LINGER) -> bool:
    """Whether this user's processes may outlive the last session."""
    return (folder / getpass.getuser()).exists()


def linger_warning() -> str:
    """What to do so that they may."""
    return (
        "when your last session ends, systemd stops your services and perhaps your jobs: "
        f"`loginctl enable-linger {getpass.getuser()}` keeps them"
    )


def kills_user_processes(main: Path = LOGIND) -> bool:
    """Whether logging out kills what was started in the session (KillUserProcesses=yes)."""
    extra = sorted(main.with_name(main.name + ".d").glob("*.conf"))
    return _last_setting([main, *extra]) in {"yes", "true", "on", "1"}


def _last_setting(files: Iterable[Path]) -> str:
    found = "no"
    for file in files:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(file)
        except (configparser.Error, OSError):
            continue
        found = parser.get("Login", "KillUserProcesses", fallback=found).lower()
    return found


def _quoted(word: str) -> str:
    safe = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{safe}"' if any(char in safe for char in " \t'\"\\;") else safe
