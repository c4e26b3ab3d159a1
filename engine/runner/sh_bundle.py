"""The host program for hosts without Python: its parts and the runner's scripts in one text."""

from functools import cache
from pathlib import Path

from engine.runner.spec import quote
from engine.runner.spool import SCRIPTS, Spool

_HERE = Path(__file__).parent

PARTS = (
    "saying",
    "spool",
    "records",
    "verdicts",
    "relay",
    "attempts",
    "feeding",
    "blobs",
    "logs",
    "facts",
    "sight",
)
"""Files of host_sh, in the order in which they are read."""


@cache
def sh_program() -> bytes:
    """What `eval` makes a host program of: ASCII, and the same on every host."""
    parts = [(_HERE / "host_sh" / f"{name}.sh").read_text("ascii") for name in PARTS]
    return "\n".join([_scripts(), *parts, _text("host.sh")]).encode("ascii")


def _scripts() -> str:
    """The name of their folder, and a function that hands each to another one."""
    each = "".join(f'  "$1" {name} {quote(_text(name))} || return\n' for name in SCRIPTS)
    return f"crab_scripts={Spool(Path('/')).scripts.name}\neach_script() {{\n{each}}}\n"


def _text(name: str) -> str:
    return (_HERE / name).read_text("ascii")
