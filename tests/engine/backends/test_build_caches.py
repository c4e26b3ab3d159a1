"""Build caches: paths that a host keeps from attempt to attempt, on every kind of host."""

from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import CacheUse, HostCache, Report
from engine.loops.collect import cache_uses
from engine.model.workspaces import Workspace
from tests.engine.backends.hands import Hands
from tests.kit.repositories import a_repository

FILL = "test -e dep/a || { mkdir -p dep; echo made >dep/a; ln -s a dep/l; }; cat dep/a dep/l"
DEP = HostCache(name="dep", path="dep", key="v1")


async def run(hands: Hands, folder: Path, *caches: HostCache, **fields: Any) -> Report:
    folder.mkdir(exist_ok=True)
    script = fields.pop("script", FILL)
    report = await hands.sh(script, cwd=str(folder), caches=caches, **fields)
    return await hands.end(report)


async def uses(hands: Hands, report: Report) -> list[tuple[str, bool]]:
    found = cache_uses(await hands.log(report, "notes"))
    return [(use.name, use.is_hit) for use in found]


async def test_what_one_stored_another_gets(hands: Hands, tmp_path: Path) -> None:
    first = await run(hands, tmp_path / "one", DEP)
    assert (first.code, await uses(hands, first)) == (0, [("dep", False)])
    (tmp_path / "one" / "dep" / "a").write_text("changed since\n")
    second = await run(hands, tmp_path / "two", DEP)
    assert (second.code, await uses(hands, second)) == (0, [("dep", True)])
    assert await hands.log(second) == b"made\nmade\n"
    assert (tmp_path / "two" / "dep" / "l").is_symlink()
    other = await run(hands, tmp_path / "three", HostCache(name="dep", path="dep", key="v2"))
    assert await uses(hands, other) == [("dep", False)]


async def test_what_failed_stores_nothing(hands: Hands, tmp_path: Path) -> None:
    await run(hands, tmp_path / "one", DEP, script="mkdir dep; echo bad >dep/a; exit 1")
    second = await run(hands, tmp_path / "two", DEP)
    assert await uses(hands, second) == [("dep", False)]
    assert await hands.log(second) == b"made\nmade\n"


async def test_files_belong_to_the_key(hands: Hands, tmp_path: Path) -> None:
    cache = HostCache(name="dep", path="dep", files=("lock*", "sub/*.txt"))
    said = []
    for number, lock in enumerate(("1", "1", "2")):
        folder = tmp_path / f"it's {number}"
        folder.mkdir()
        (folder / "lock file").write_text(lock)
        said += await uses(hands, await run(hands, folder, cache))
    assert [is_hit for _, is_hit in said] == [False, True, False]


@pytest.mark.parametrize("damage", ["cut", "flipped", "no sum"])
async def test_what_is_damaged_counts_as_missing(
    hands: Hands, tmp_path: Path, root: Path, damage: str
) -> None:
    await run(hands, tmp_path / "one", DEP)
    [tar] = root.glob("caches/dep/*.tar")
    data = tar.read_bytes()
    if damage == "cut":
        tar.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        tar.write_bytes(data.replace(b"made", b"mbde"))
    else:
        tar.with_suffix(".sum").unlink()
    second = await run(hands, tmp_path / "two", DEP)
    assert (second.code, await uses(hands, second)) == (0, [("dep", False)])
    assert await hands.log(second) == b"made\nmade\n"
    third = await run(hands, tmp_path / "three", DEP)
    assert await uses(hands, third) == [("dep", True)]


async def test_in_a_worktree_by_several_names(hands: Hands, tmp_path: Path) -> None:
    work = Workspace(repo=str(a_repository(tmp_path / "repo")))
    other = HostCache(name="other", path="deep/er", key="x")
    script = f"{FILL}; mkdir -p deep; test -e deep/er || echo 1 >deep/er"
    for hit in (False, True):
        end = await hands.end(await hands.sh(script, workspace=work, caches=(DEP, other)))
        assert end.code == 0
        assert await uses(hands, end) == [("dep", hit), ("other", hit)]


async def test_a_command_that_is_not_there(hands: Hands, tmp_path: Path) -> None:
    end = await hands.run("nope", cwd=str(tmp_path), caches=(DEP,))
    assert (end.why, end.code) == ("nospawn", None)
    assert "nope" in end.message


@pytest.mark.parametrize(
    "cache",
    [
        HostCache(name="../x", path="a"),
        HostCache(name="a/b", path="a"),
        HostCache(name="", path="a"),
        HostCache(name="a", path="/etc"),
        HostCache(name="a", path="a/../../b"),
        HostCache(name="a", path="a", files=("../x",)),
    ],
)
async def test_what_leads_out_is_refused(hands: Hands, cache: HostCache) -> None:
    end = await hands.run("true", caches=(cache,))
    assert (end.why, end.code) == ("nospawn", None)


def test_notes_are_understood() -> None:
    notes = (
        b"cache a hit:k 12 3 .\ncache b miss:k2 4 0 .\nstored b 70 9 .\noutputs large .\n"
        b"cache torn hit:k 1"
    )
    assert cache_uses(notes) == (
        CacheUse(name="a", is_hit=True, restore_ms=12, size_bytes=3 * 1024),
        CacheUse(name="b", is_hit=False, restore_ms=4, store_ms=70, size_bytes=9 * 1024),
    )
    assert cache_uses(b"cache a hit:k x y .\nstored z 1 2 .\ncache .\n") == ()
