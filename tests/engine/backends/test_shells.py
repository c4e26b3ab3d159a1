"""The runner's scripts do the same under every shell that may be a host's /bin/sh."""

import hashlib
import io
import shutil
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.backends.protocol import HostCache
from engine.clock import SystemClock
from engine.model.checks import Check
from tests.engine.backends.hands import EPOCH, PATH, Hands
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until

SHELLS = ("dash", "bash", "busybox", "mksh", "zsh", "ksh93", "yash")
SPEAKING = ("dash", "bash", "busybox", "mksh", "ksh93", "yash")
"""Those which tell a signal from an exit code above 128."""


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture
async def hands(shell: str, tmp_path: Path) -> AsyncIterator[Hands]:
    link = tmp_path / ("sh" if shell == "busybox" else shell)
    link.symlink_to(shutil.which(shell) or "")
    backend = DetachedBackend(LocalShell(tmp_path / "spool", str(link)), SystemClock())
    await backend.hello(EPOCH)
    yield Hands(backend)
    await backend.close()
    end_all(tmp_path)


async def test_success_failure_and_signal(hands: Hands) -> None:
    assert (await hands.run("true")).code == 0
    assert (await hands.run("false")).code == 1
    assert (await hands.run("/bin/sh", "-c", "kill $$")).signal == 15
    assert (await hands.run("/bin/sh", "-c", "kill -INT $$")).signal == 2


async def test_codes_that_look_like_signals(hands: Hands, shell: str) -> None:
    end = await hands.run("/bin/sh", "-c", "exit 143")
    assert (end.code, end.signal) == ((143, None) if shell in SPEAKING else (None, 15))


async def test_what_cannot_start(hands: Hands) -> None:
    for argv, cwd in (("nope", "/"), ("true", "/no/such"), ("/etc/passwd", "/")):
        end = await hands.run(argv, cwd=cwd)
        assert end.why == "nospawn"
        assert (cwd if argv == "true" else argv) in end.message
    assert (await hands.run("/bin/sh", "-c", "exit 127")).code == 127


async def test_the_job_is_its_own_session(hands: Hands) -> None:
    report = await hands.sh("ps -o sid= -o pgid= -p $$")
    assert (await hands.end(report)).code == 0
    assert (await hands.log(report)).split() == [str(report.pid).encode()] * 2


async def test_environment_and_input(hands: Hands, shell: str) -> None:
    locale = "C" if shell == "ksh93" else "xx_YY.UTF-8"  # ksh93 drops one that it lacks
    env = (PATH, ("A", 'it\'s "x" \\n\n$y'), ("UID", "5"), ("LANG", locale))
    report = await hands.start("/usr/bin/env", "-0", env=env, stdin="x")
    assert (await hands.end(report)).code == 0
    entries = dict(
        entry.decode().split("=", 1) for entry in (await hands.log(report)).split(b"\0")[:-1]
    )
    for name in ("CRAB_MARK", "_", "_AST_FEATURES", "SHLVL"):  # mksh, ksh93 and zsh add some
        entries.pop(name, None)
    assert entries == dict(env)
    assert await hands.log(report, "err") == b""


async def test_arguments(hands: Hands, shell: str) -> None:
    wanted = ["", "a b", "it's", '"', "$HOME", "`x`", "\\", "\n", "-n", "*"]
    if shell != "yash":  # it reads no script beyond ASCII without a locale
        wanted.append("ü\udc80")
    report = await hands.start("/usr/bin/printf", "%s\\0", *wanted)
    await hands.end(report)
    printed = (await hands.log(report)).decode("utf-8", "surrogateescape")
    assert printed.split("\0")[:-1] == wanted


async def test_stop_of_a_deaf_tree(hands: Hands) -> None:
    report = await hands.sh("trap '' TERM; sleep 60 & echo ready; wait; sleep 60")
    await hands.wait_log(report, b"ready")
    await hands.stop(report, grace_ms=100)
    end = await hands.end(report)
    assert (end.signal, end.why) == (9, "stop")


async def test_timeouts(hands: Hands) -> None:
    hard = await hands.start("sleep", "60", hard_ms=200)
    soft = await hands.start("sleep", "60", soft_ms=200)
    assert (await hands.end(hard)).why == "timeout"
    end = await hands.end(soft)
    assert (end.signal, end.why, end.softened) == (15, "soft", True)


async def test_contexts_and_results(hands: Hands, shell: str) -> None:
    text = "it's $x `y` \\n\n" * 4_000 + ("" if shell == "yash" else "ü")
    script = 'cat "$CRAB_CONTEXT" >"$CRAB_RESULT"'
    report = await hands.sh(script, context=text, wants_result=True)
    assert (await hands.end(report)).code == 0
    assert await hands.log(report, "result") == text.encode()


async def test_gates(hands: Hands) -> None:
    passed = await hands.start("echo", "a", gate=Check(shell="echo b"))
    assert (await hands.end(passed)).code == 0
    assert await hands.log(passed) == b"a\nb\n"
    end = await hands.run("true", gate=Check(shell="exit 3"))
    assert (end.code, end.why) == (3, "gate")
    end = await hands.run("true", gate=Check(shell="kill $$"))
    assert (end.signal, end.why) == (15, "gate")
    end = await hands.run("false", gate=Check(shell="exit 3"))
    assert (end.code, end.why) == (1, None)


async def test_outputs(hands: Hands, tmp_path: Path) -> None:
    script = "mkdir 'a b'; echo 1 >'a b/c d'; echo 2 >-e; ln -s 'a b' l; echo 3 >x.whl"
    outputs = ("a*/*", "./-e", "l/*", "*.whl", "no*")
    report = await hands.sh(script, cwd=str(tmp_path), outputs=outputs)
    assert (await hands.end(report)).code == 0
    with tarfile.open(fileobj=io.BytesIO(await hands.log(report, "outputs"))) as tar:
        assert sorted(tar.getnames()) == ["./-e", "./a b/c d", "./x.whl"]


async def test_trees_and_caches(hands: Hands, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("./it's here"))
    sha = hashlib.sha256(packed.getvalue()).hexdigest()
    (tmp_path / sha).write_bytes(packed.getvalue())
    await hands.backend.give(sha, tmp_path / sha)
    cache = HostCache(name="dep", path="dep", files=("it*",))
    for said in (b"it's here\nbuilt\n", b"dep\nit's here\n"):
        script = "ls; test -e dep || { echo built; mkdir dep; echo 1 >dep/a; }"
        report = await hands.sh(
            script, frozen=sha, caches=(cache,), gate=Check(shell="test -e dep/a")
        )
        assert (await hands.end(report)).code == 0
        assert await hands.log(report) == said
    wait_until(lambda: list((tmp_path / "spool" / "trees").iterdir()) == [])
