"""A spool below a home with blanks, quotes and worse, under every shell."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.clock import SystemClock
from engine.errors import UnusableState
from engine.model.ids import Epoch
from tests.engine.backends.hands import EPOCH, Hands
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

SHELLS = ("dash", "bash", "busybox", "mksh", "zsh", "ksh93", "yash")
ROOTS = (
    "a home of mine",
    'it\'s "quoted"',
    "$HOME `id` $(id)",
    "back\\slash\\n\\c\\",
    "*[a-z]?{x,y}~",
    "a;b&c|d<e>f#!%",
    "a:b",
    "-rf --",
    "tab\there",
)
WORST = " '\"`$(x)\\*?[a];&|<>#!~ %:\t-"


@pytest.fixture(params=SHELLS)
def sh(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = shutil.which(request.param)
    if path is None:
        pytest.skip(f"{request.param} is not installed")
    link = tmp_path / ("sh" if request.param == "busybox" else request.param)
    link.symlink_to(path)
    return link


async def hands_on(root: Path, sh: Path, epoch: Epoch = EPOCH) -> Hands:
    backend = DetachedBackend(LocalShell(root, str(sh)), SystemClock())
    await backend.hello(epoch)
    return Hands(backend, epoch)


@pytest.fixture
async def hands(tmp_path: Path, sh: Path) -> AsyncIterator[Hands]:
    made = await hands_on(tmp_path / WORST / "spool", sh)
    yield made
    await made.backend.close()
    end_all(tmp_path / WORST)


async def test_ends_of_all_kinds(hands: Hands) -> None:
    assert (await hands.run("true")).code == 0
    report = await hands.sh("echo out; kill $$")
    assert (await hands.end(report)).signal == 15
    assert await hands.log(report) == b"out\n"
    assert (await hands.run("nope")).why == "nospawn"
    assert (await hands.end(await hands.start("cat", stdin="x"))).code == 0


async def test_deadlines_leases_and_log_caps(hands: Hands) -> None:
    hard = await hands.start("sleep", "60", hard_ms=200)
    soft = await hands.start("sleep", "60", soft_ms=200)
    lease = await hands.start("sleep", "60", lease_ms=200)
    noisy = await hands.start("/usr/bin/yes", log_stop_bytes=1000)
    thirsty = 'printf "tokens 0600\\nno\\ntokens x\\ntok" >>"$CRAB_USAGE"'
    more = 'printf "ens 401\\n" >>"$CRAB_USAGE"'
    over = await hands.sh(f"{thirsty}; {more}; exec sleep 60", max_tokens=1000)
    within = await hands.sh(f"{thirsty}; {more}; exec sleep 3", max_tokens=1001)
    assert (await hands.end(hard)).why == "timeout"
    assert (await hands.end(soft)).why == "soft"
    assert (await hands.end(lease)).why == "lease"
    assert (await hands.end(noisy)).why == "logcap"
    assert (await hands.end(over)).why == "tokens"
    assert (await hands.end(within)).code == 0


async def test_a_stop_finds_what_escaped_by_its_mark(hands: Hands) -> None:
    script = "setsid sh -c 'echo $$; trap \"\" TERM; sleep 61' & wait"
    report = await hands.sh(script)
    await hands.wait_log(report, b"\n")
    escaped = int(await hands.log(report))
    await hands.stop(report, grace_ms=100)
    assert (await hands.end(report)).why == "stop"
    wait_until(lambda: not _lives(escaped))


async def test_the_next_daemon_adopts(hands: Hands, sh: Path, tmp_path: Path) -> None:
    report = await hands.start("sleep", "60")
    later = await hands_on(tmp_path / WORST / "spool", sh, Epoch(8))
    [found] = await later.backend.adopt([report.attempt])
    assert (found.state, found.pid) == ("running", report.pid)
    await later.stop(found, grace_ms=100)
    end = await later.end(found)
    assert end.why == "stop"
    await later.backend.tidy([end.attempt])
    await later.backend.close()


@pytest.mark.parametrize("name", ROOTS)
async def test_each_oddity_by_itself(name: str, tmp_path: Path) -> None:
    hands = await hands_on(tmp_path / name / "spool", Path("/bin/sh"))
    report = await hands.sh("echo x; sleep 60")
    await hands.wait_log(report, b"x\n")
    await hands.stop(report, grace_ms=100)
    assert (await hands.end(report)).why == "stop"
    await hands.backend.tidy([report.attempt])
    await hands.backend.close()


@pytest.mark.parametrize("root", ["/tmp/a\nb", "relative", "/tmp/../etc/x", "/"])
async def test_what_is_no_root(root: str) -> None:
    with pytest.raises(UnusableState, match="absolute path"):
        await hands_on(Path(root), Path("/bin/sh"))


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
