"""Views that were given a name: kept in one file beside the configuration."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from crabtui.addresses import Address, format_address
from crabtui.data.table.arranging import parse_arrangement
from engine.config.sources import files
from engine.errors import InvalidSpec, NotFound
from engine.model.filter import parse
from engine.model.words import nearest

VERSION: Final = 1
NAME: Final = "views.json"
MOST: Final = 200
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,39}", re.ASCII)


class SavedView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a list was looked at."""

    view: str = "jobs"
    where: str = ""
    sort: str = ""
    descending: bool = False
    group: str = ""
    columns: str = "auto"
    """As `crabtui.data.table.arranging` writes them."""

    @property
    def address(self) -> Address:
        """Where it is, but for columns and groups."""
        return Address(
            view=self.view, where=self.where, sort=self.sort, descending=self.descending
        )

    @property
    def text(self) -> str:
        """The address, as people read it."""
        return format_address(self.address)


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    views: dict[str, SavedView]


def usual_path() -> Path:
    """The file of this person, whether there is one or not."""
    return files(Path())[0].with_name(NAME)


def load_views(path: Path) -> Mapping[str, SavedView]:
    """The views by name; none if there is no file.

    Raises:
        InvalidSpec: the file cannot be read, or was written by a later version.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return {}
    except OSError as trouble:
        raise InvalidSpec(f"{path}: {trouble.strerror}", field="view") from None
    except msgspec.DecodeError as trouble:
        raise InvalidSpec(f"{path} is no file of views: {trouble}", field="view") from None
    if found.version != VERSION:
        raise InvalidSpec(f"{path} is of version {found.version}, not {VERSION}", field="view")
    return dict(sorted(found.views.items()))


def both(first: str, second: str) -> str:
    """The filter that passes what both of these pass."""
    if not first or not second:
        return first or second
    return f"({first}) ({second})"


def find_view(path: Path, name: str) -> SavedView:
    """The view of this name, checked.

    Raises:
        NotFound: there is none; names the nearest.
        InvalidSpec: the file, or what it says of this view, makes no sense.
    """
    view = _named(load_views(path), name)
    parse(view.where)
    parse_arrangement(view.columns)
    return view


def keep_view(path: Path, name: str, view: SavedView) -> bool:
    """Save a view under this name; True if another one had it before.

    Raises:
        InvalidSpec: no name, too many views, or a file that cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        raise InvalidSpec(
            f"{name[:50]!r} is no name of a view: letters, digits and _.-, at most 40",
            field="view",
        )
    parse(view.where)
    views = dict(load_views(path))
    was = views.get(name)
    if was is None and len(views) >= MOST:
        raise InvalidSpec(f"there are {MOST} saved views already: delete one", field="view")
    _write(path, views | {name: view})
    return was is not None


def drop_view(path: Path, name: str) -> SavedView:
    """Forget a view; it is answered once more. Raises: as `find_view` and `keep_view`."""
    views = dict(load_views(path))
    dropped = _named(views, name)
    del views[name]
    _write(path, views)
    return dropped


def _named(views: Mapping[str, SavedView], name: str) -> SavedView:
    if name not in views:
        near = nearest(name, views)
        hint = f"; did you mean {near!r}?" if near else ""
        raise NotFound(
            f"there is no saved view {name[:50]!r}{hint}", field="view", nearest=near
        )
    return views[name]


def _write(path: Path, views: Mapping[str, SavedView]) -> None:
    """Replace the file in one step."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    text = msgspec.json.format(msgspec.json.encode(_File(version=VERSION, views=dict(views))))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.touch(mode=0o600)
        draft.write_bytes(text + b"\n")
        draft.replace(path)
    except OSError as trouble:
        raise InvalidSpec(
            f"{path} cannot be written: {trouble.strerror}", field="view"
        ) from None
