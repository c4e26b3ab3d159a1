"""Puts the door into a host's spool: what a key with a forced command opens there."""

import hashlib
from pathlib import Path

import engine.runner
from engine.backends.dialogue import Dialogue
from engine.backends.hosting import COMMAND, GREETED_WITHIN_S, Abode
from engine.backends.wire import Line, NoMoreWires
from engine.clock import Clock
from engine.errors import LinkRefused, Unreachable
from engine.runner.bundle import python_program
from engine.runner.sh_bundle import sh_program
from engine.runner.spec import quote

_PROBE_SPEAKS = 'if [ -n "$crab_found" ]; then echo'
"""Where probe.sh has found who can answer, and begins to talk to the controller."""

_INSTALL = """\
[ -z "${{ZSH_VERSION-}}" ] || emulate sh
umask 077
root={root}
[ "$root" != - ] || root=${{XDG_STATE_HOME:-$HOME/.local/state}}/crabtui/{controller}
door=$root/door-{name}
mkdir -p "$door" || exit
if [ ! -O "$root" ]; then echo "$root is not ours" >&2; exit 1; fi
put() {{ # NAME TEXT
  printf %s "$2" >"$door/$1.$$" && mv -f "$door/$1.$$" "$door/$1" || exit
}}
{files}
printf 'crab-1 installed %s\\n' "$door/door.sh"
"""


async def install(line: Line, abode: Abode, clock: Clock) -> str:
    """Put the door into the spool; its path there. It can be repeated.

    Raises:
        Unreachable: the host cannot be had, or has no room.
        LinkRefused: a person must look.
    """
    dialogue = Dialogue(_nothing_ends)
    try:
        dialogue.wire = await line.open(COMMAND, dialogue)
        return await clock.within(GREETED_WITHIN_S, _installed(dialogue, abode))
    except NoMoreWires:
        raise Unreachable("the host lets us run nothing more on this connection") from None
    except TimeoutError:
        raise Unreachable("its shell did not answer in time") from None
    finally:
        dialogue.fail("it has nothing more to do")


async def _installed(dialogue: Dialogue, abode: Abode) -> str:
    while True:
        said, _, rest = (await dialogue.greeting()).partition(b" ")
        match said:
            case b"boot":
                script = _script(abode)
                dialogue.send(b"%d\n%s" % (len(script), script))
            case b"installed":
                return rest.decode("utf-8", "surrogateescape")
            case _:
                why = "the key that lets us in opens a door there already, and no shell"
                raise LinkRefused(why)


def _script(abode: Abode) -> bytes:
    files = door_files(abode.python)
    text = _INSTALL.format(
        root=quote(abode.root),
        controller=quote(abode.controller),
        name=hashlib.sha256("\0".join(files.values()).encode()).hexdigest()[:12],
        files="\n".join(f"put {name} {quote(text)}" for name, text in files.items()),
    )
    return text.encode("utf-8", "surrogateescape")


def door_files(python: str) -> dict[str, str]:
    """What is in the folder of the door, by name."""
    here = Path(engine.runner.__path__[0])
    finding, speaks, _ = (here / "probe.sh").read_text("ascii").partition(_PROBE_SPEAKS)
    assert speaks, "probe.sh does not say any more who can answer"
    door = (here / "door.sh").read_text("ascii")
    return {
        "host.py": python_program().decode("ascii"),
        "host.sh": sh_program().decode("ascii"),
        "door.sh": f"crab_python={quote(python)}\n{finding}\n{door}",
    }


def _nothing_ends(_: bytes) -> None:
    """No attempt is watched in this conversation."""
