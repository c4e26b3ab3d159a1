"""Where the key file is, and the keys that hold with it."""

from pathlib import Path
from typing import Final

from crabtui.acts.actions import ACTIONS
from crabtui.acts.motions import MOTIONS
from crabtui.data.keys.keyfile import KeyFile, read_keyfile
from crabtui.data.keys.presets import PRESETS
from crabtui.keymap import Keymap, keymap_of
from engine.config.sources import files
from engine.errors import InvalidSpec

NAME: Final = "keys.toml"
MOST_BYTES: Final = 2**18
IDS: Final = tuple(action.id for action in (*ACTIONS, *MOTIONS))


def usual_path() -> Path:
    """The key file of this person, whether there is one or not."""
    return files(Path())[0].with_name(NAME)


def load_keys(given: Path | None = None) -> Keymap:
    """The keys of the file `given`, else of the usual one; without any the usual keys.

    What is wrong in it is told in the map's `faults`; the rest of it holds.

    Raises:
        InvalidSpec: there is no file `given`.
    """
    path = given or usual_path()
    try:
        file = _read(path)
    except FileNotFoundError:
        if given is not None:
            raise InvalidSpec(f"--keys: there is no file {path}", field="keys") from None
        file = KeyFile()
    except (OSError, UnicodeDecodeError) as trouble:
        why = trouble.strerror if isinstance(trouble, OSError) else "not UTF-8"
        file = KeyFile(faults=(f"{path.name}: cannot be read: {why}",))
    return keymap_of(file, path)


def _read(path: Path) -> KeyFile:
    with path.open("rb") as source:
        data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        return KeyFile(faults=(f"{path.name}: larger than {MOST_BYTES:,} bytes: not read",))
    return read_keyfile(data.decode(), path.name, actions=IDS, presets=PRESETS)
