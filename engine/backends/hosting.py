"""Gets a host program running at the other end of a line: probe, send, be greeted."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import engine.runner
from engine.backends.dialogue import Dialogue
from engine.backends.wire import Line
from engine.clock import Clock
from engine.errors import LinkRefused, Unreachable
from engine.runner.bundle import READER, python_program
from engine.runner.sh_bundle import sh_program
from engine.runner.spec import quote

GREETED_WITHIN_S = 30.0
"""A slow host, a slow line, a profile that takes its time: all of it together."""

COMMAND = (
    "/bin/sh -c 'CRAB_PATH=$PATH; PATH=/usr/bin:/bin:$PATH; export PATH CRAB_PATH; "
    "echo; echo crab-1 boot; "
    'read -r n && p=$(head -c "$n") && eval "$p"\''
)
"""What every login shell passes on to sh as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abode:
    """Where and how the runner lives on a host."""

    root: str = "-"
    """Absolute path of the spool; `-`: below the account's home."""
    controller: str = "main"
    """Who we are there: one spool for each controller."""
    mark: str = ""
    """Which daemon we are, of all that have our epoch: copies of a state share it."""
    python: str = "auto"
    """`auto`, `no`, or the path of an interpreter."""


async def settle_in(line: Line, dialogue: Dialogue, abode: Abode, clock: Clock) -> str:
    """Open a wire for a dialogue and have a program answer on it.

    Returns:
        Who it is: `python` or `sh`.

    Raises:
        Unreachable: no line, or nobody answered in time.
        LinkRefused: a person must look.
        NoMoreWires: the host allows no further command.
    """
    dialogue.wire = await line.open(COMMAND, dialogue)
    try:
        return await clock.within(GREETED_WITHIN_S, _be_greeted(dialogue, abode))
    except TimeoutError:
        dialogue.fail("its shell did not answer in time")
        raise Unreachable(dialogue.lost.result()) from None
    except BaseException:
        dialogue.fail("nobody waits for it any more")
        raise


async def _be_greeted(dialogue: Dialogue, abode: Abode) -> str:
    speaks = ""
    while not speaks:
        match (await dialogue.greeting()).decode("utf-8", "replace").split(" "):
            case ["boot"]:
                probe = _probe(abode)
                dialogue.send(b"%d\n%s" % (len(probe), probe))
            case ["has", "python", *_]:
                program = python_program()
                dialogue.send(b"python %d\n%s" % (len(program), program))
            case ["has", "sh", *_]:
                program = sh_program()
                dialogue.send(b"sh %d\n%s" % (len(program), program))
            case ["ready", speaks]:
                pass
            case words:
                dialogue.fail(f"it greets us with {' '.join(words)[:80]!r}")
                raise LinkRefused(dialogue.lost.result())
    return speaks


def _probe(abode: Abode) -> bytes:
    said = {
        "crab_reader": READER,
        "crab_root": abode.root,
        "crab_controller": abode.controller,
        "crab_python": abode.python,
    }
    settings = "".join(f"{name}={quote(text)}\n" for name, text in said.items())
    return settings.encode("utf-8", "surrogateescape") + _probe_script()


@cache
def _probe_script() -> bytes:
    return (Path(engine.runner.__path__[0]) / "probe.sh").read_bytes()
