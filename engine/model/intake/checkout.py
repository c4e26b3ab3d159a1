"""The workspace of a job: a repository at a revision, as people write it."""

import posixpath
import re
from collections.abc import Mapping
from typing import Any, Final

from engine.model.intake.draft import Draft
from engine.model.intake.scalars import CONTROL, text
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.workspaces import Keep, Workspace

LONGEST: Final = 2_000
LONGEST_REVISION: Final = 250

_KEYS: Final = ("repo", "revision", "base", "keep")
_KEEP: Final = {keep.value: keep for keep in Keep}
_SCHEMES: Final = ("https", "ssh", "http", "git", "file")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)(/.*)?", re.DOTALL)
_BRIEF = re.compile(
    r"(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9\[][\w.:\[\]-]*:(?![:/]{2}).+", re.ASCII
)
_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_NAME = re.compile(r"[A-Za-z0-9_.][\w.-]*", re.ASCII)
_NO_REVISION = re.compile(r"[\s:?*\[\\]|\.\.|^[-+]")


def workspace(draft: Draft, value: Any, key: str) -> None:
    """Take it from a map, or from `REPO` or `REPO@REVISION`."""
    draft.once("workspace", key)
    if isinstance(value, str):
        repo, revision = divided(text(value))
        value = {"repo": repo, "revision": revision or None}
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a repository, or a map of repo, revision, base and keep")
    for word in value:
        if word not in _KEYS:
            raise wrong_word("key of workspace", str(word), _KEYS).under(str(word)[:100])
    if value.get("repo") is None:
        raise Wrong("needs a repo: a path on the host, an address, or a name")
    said = {word: one for word, one in value.items() if one is not None}
    made: dict[str, Any] = {}
    for word, one in said.items():
        try:
            made[word] = _READ[word](draft, text(one))
        except Wrong as wrong:
            raise wrong.under(word) from None
    draft.spec["workspace"] = Workspace(**made)


def divided(said: str) -> tuple[str, str]:
    """`REPO@REVISION` in two; the `@` of an account in an address is none of those."""
    begin = 0
    if found := _ADDRESS.match(said):
        begin = found.end(2)
    elif not said.startswith(("/", "~", ".")) and ":" in said.partition("/")[0]:
        begin = said.index(":")
    place = said.find("@", begin)
    return (said, "") if place < 0 else (said[:place], said[place + 1 :])


def _plain(said: str, longest: int) -> str:
    if not said:
        raise Wrong("is empty")
    if CONTROL.search(said):
        raise Wrong(f"{shown(said)} has a control character, which no name of a place has")
    if len(said) > longest:
        raise Wrong(f"has {len(said)} characters; at most {longest} are allowed")
    if said.startswith("-"):
        raise Wrong(f"{shown(said)} begins with '-': git would take it for an option")
    return said


def _repo(draft: Draft, said: str) -> str:
    _plain(said, LONGEST)
    if said == "." or said.startswith(("./", "../")):
        return posixpath.normpath(posixpath.join(draft.cwd, said))
    if said.startswith(("/", "~/")):
        return _path(said)
    if ":" in said:
        return _address(said)
    if not _NAME.fullmatch(said) or said in (".", ".."):
        raise Wrong(
            f"{shown(said)} is neither a path (begin it with '/', '~/' or './'), nor an "
            "address, nor the name of a folder",
            near=f"./{said}" if "/" in said else None,
        )
    return said


def _path(said: str) -> str:
    if ".." in said.split("/"):
        raise Wrong(
            f"{shown(said)}: write the path without '..'", near=posixpath.normpath(said)
        )
    return said


def _address(said: str) -> str:
    if _HELPER.match(said):
        raise Wrong(f"{shown(said)} names a helper of git, which could run anything")
    found = _ADDRESS.fullmatch(said)
    if found is None and not _BRIEF.fullmatch(said):
        raise Wrong(f"{shown(said)} is no address: https://…, ssh://… or user@host:path")
    if found is not None:
        _check(found[1], found[2], found[3] or "")
    last = said.rstrip("/").removesuffix(".git")
    last = re.split(r"[/:]", last)[-1]
    if last in ("", ".", "..") or last.startswith("-"):
        raise Wrong(f"{shown(said)}: its last part cannot name a folder")
    return said


def _check(scheme: str, host: str, path: str) -> None:
    if scheme not in _SCHEMES:
        raise wrong_word("kind of address", scheme, _SCHEMES)
    account, _, name = host.rpartition("@")
    if ":" in account:
        raise Wrong("has a password in it, which everybody could read: leave it to git")
    if name.startswith("-") or account.startswith("-"):
        raise Wrong(f"{shown(host)} begins with '-', which no host does")
    if not path.strip("/") or (scheme == "file") != (not host):
        raise Wrong("needs a host and a path, as in https://host/path; of file:///path no host")


def _revision(_: Draft, said: str) -> str:
    _plain(said, LONGEST_REVISION)
    if found := _NO_REVISION.search(said):
        raise Wrong(f"{shown(said)} is no branch, tag or commit: it has {found[0]!r} in it")
    return said


def _base(_: Draft, said: str) -> str:
    if not _plain(said, LONGEST).startswith(("/", "~/")):
        raise Wrong(f"{shown(said)} is not absolute: begin it with '/' or '~/'")
    return _path(said)


def _keep(_: Draft, said: str) -> Keep:
    if said not in _KEEP:
        raise wrong_word("time to keep", said, _KEEP)
    return _KEEP[said]


_READ: Final = {"repo": _repo, "revision": _revision, "base": _base, "keep": _keep}

WORKSPACE_KEYS: Final = {"workspace": workspace}
