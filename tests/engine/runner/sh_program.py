"""The host program in sh at work: greeted through the real bootstrap, under any shell."""

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.backends.hosting import COMMAND
from engine.backends.texts import from_sh, to_sh
from engine.runner.sh_bundle import sh_program
from engine.runner.spec import Spec, quote, render
from tests.engine.runner.program import PATH, Program

SHELLS = ("dash", "bash", "busybox", "mksh", "zsh", "ksh93", "yash")
PROBE = Path(__file__).parents[3] / "engine" / "runner" / "probe.sh"


def spec(*argv: str, **fields: Any) -> bytes:
    fields.setdefault("env", (PATH,))
    return to_sh(render(Spec(argv=argv, **fields)))


def sh_spec(script: str, **fields: Any) -> bytes:
    return spec("/bin/sh", "-c", script, **fields)


class ShProgram(Program):
    """`host.sh`, sent to a shell as to any host."""

    def __init__(
        self,
        root: Path | str,
        shell: str = "/bin/sh",
        *,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        before: str = "",
    ) -> None:
        """Have it greet us.

        Args:
            root: Of the spool.
            shell: Runs the host program and the runner's own scripts.
            env: Of the login; None: next to nothing.
            settings: Further variables that come before the probe.
            before: What the account's profile does.
        """
        self._process = subprocess.Popen(
            [shell, "-c", before + shlex.split(COMMAND)[2]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={"PATH": "/usr/bin:/bin", "HOME": "/"} if env is None else dict(env),
        )
        self._got = b""
        self._number = 0
        self.ended: list[str] = []
        self.known: dict[str, list[str]] = {}
        self.noise = self._until(b"crab-1 boot")
        said = {"crab_root": str(root), "crab_controller": "me", "crab_python": "no"}
        said |= {"crab_sh": shell} | dict(settings or {})
        self._sized(b"", assigned(said) + PROBE.read_bytes())
        self._until(b"crab-1 has sh")
        self._sized(b"sh ", sh_program())
        self._until(b"crab-1 ready sh")

    def hello(self, epoch: int = 7) -> dict[str, bytes]:
        word, *told = self.say("hello", epoch).split(b" ")
        assert word == b"ok", told
        pairs = (pair.partition(b"=") for pair in told)
        return {key.decode(): from_sh(value) for key, _, value in pairs}

    def settle(self, attempt: str) -> list[str]:
        """The words of its status once it has ended."""
        self.wait_ended(attempt)
        return self.status(attempt)

    def _sized(self, word: bytes, data: bytes) -> None:
        self.send(b"%s%d\n%s" % (word, len(data), data))

    def _until(self, wanted: bytes) -> list[bytes]:
        lines = []
        while (line := self.line()) != wanted:
            lines.append(line)
        return lines


def assigned(said: Mapping[str, str]) -> bytes:
    """Variables, as the driver puts them before the probe."""
    assert all(re.fullmatch("[a-z_]+", name) for name in said)
    lines = "".join(f"{name}={quote(value)}\n" for name, value in said.items())
    return lines.encode("utf-8", "surrogateescape")
