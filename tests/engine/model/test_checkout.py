"""What may be said of a workspace, and what is refused, with which words."""

from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.model.intake.checkout import divided
from engine.model.intake.reader import read_job
from engine.model.workspaces import Keep, Workspace


def read(value: Any, **more: Any) -> Workspace | None:
    job = {"argv": ["true"], "workspace": value, **more}
    return read_job(job, owner="me", cwd="/home/me/app").workspace


@pytest.mark.parametrize(
    ("said", "repo", "revision"),
    [
        ("/srv/app", "/srv/app", ""),
        ("app@main", "app", "main"),
        ("~/app@v1.2", "~/app", "v1.2"),
        (".", "/home/me/app", ""),
        ("../lib@HEAD~2", "/home/me/lib", "HEAD~2"),
        ("./it's a sub@HEAD@{1}", "/home/me/app/it's a sub", "HEAD@{1}"),
        (
            "https://example.org/x/app.git@feature/a",
            "https://example.org/x/app.git",
            "feature/a",
        ),
        ("https://me@example.org/app", "https://me@example.org/app", ""),
        ("ssh://git@example.org:22/app@main", "ssh://git@example.org:22/app", "main"),
        ("git@example.org:x/app.git", "git@example.org:x/app.git", ""),
        ("git@example.org:x/app.git@main", "git@example.org:x/app.git", "main"),
        ("example.org:app@0123abc", "example.org:app", "0123abc"),
        ("file:///srv/app@v1", "file:///srv/app", "v1"),
    ],
)
def test_the_short_form(said: str, repo: str, revision: str) -> None:
    assert read(said) == Workspace(repo=repo, revision=revision)
    short = divided(said)
    assert short[1] == revision


def test_the_long_form() -> None:
    said = {"repo": "/a@b", "revision": "v1", "base": "~/clones", "keep": "failed"}
    assert read(said) == Workspace(
        repo="/a@b", revision="v1", base="~/clones", keep=Keep.FAILED
    )
    assert read({"repo": "app", "revision": None}) == Workspace(repo="app")
    assert read(None) is None


@pytest.mark.parametrize(
    ("said", "place", "hint"),
    [
        ("", "repo", "empty"),
        ("-c", "repo", "option"),
        ("--upload-pack=x", "repo", "option"),
        ("..", "repo", "neither a path"),
        ("a/b", "repo", "neither a path"),
        ("/a/../b", "repo", "'..'"),
        ("~/../b", "repo", "'..'"),
        ("/a\nb", "repo", "control character"),
        ("/a\0b", "", "NUL"),
        ("ext::sh -c id", "repo", "helper"),
        ("ext::sh", "repo", "helper"),
        ("ftp://h/x", "repo", "kind of address"),
        ("https://me:secret@h/x", "repo", "password"),
        ("https://h", "repo", "host and a path"),
        ("file://h/x", "repo", "host and a path"),
        ("ssh://-oProxyCommand=id/x", "repo", "begins with '-'"),
        ("-oProxyCommand=id:x", "repo", "option"),
        ("me@-oProxyCommand=id:x", "repo", "no address"),
        ("h:..", "repo", "cannot name a folder"),
        ("h:x/-n", "repo", "cannot name a folder"),
        ({"repo": "app", "revision": "-f"}, "revision", "option"),
        ({"repo": "app", "revision": "a b"}, "revision", "no branch"),
        ({"repo": "app", "revision": "a:b"}, "revision", "no branch"),
        ({"repo": "app", "revision": "a..b"}, "revision", "no branch"),
        ({"repo": "app", "revision": "+a"}, "revision", "no branch"),
        ({"repo": "app", "revision": "a\nb"}, "revision", "control character"),
        ({"repo": "app", "base": "clones"}, "base", "not absolute"),
        ({"repo": "app", "base": "/a/../b"}, "base", "'..'"),
        ({"repo": "app", "keep": "alway"}, "keep", "'always'"),
        ({"repo": "app", "revison": "x"}, "revison", "'revision'"),
        ({"revision": "x"}, "", "needs a repo"),
        ({"repo": 7}, "repo", "text"),
        (7, "", "a repository"),
    ],
)
def test_what_is_refused(said: Any, place: str, hint: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        read(said)
    assert caught.value.field == "job.workspace" + (f".{place}" if place else "")
    assert hint in caught.value.message


def test_it_is_where_the_job_runs() -> None:
    with pytest.raises(InvalidSpec, match="leave out `cwd`"):
        read("app", cwd="/tmp")
