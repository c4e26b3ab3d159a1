"""`crabtui send`: what is piped in arrives whole, and who cannot be sent to says why."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from engine.control.messages import Feed
from engine.control.views import Fed
from engine.errors import Unreachable
from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.fake_door import FakeDoor
from tests.kit.waiting import wait_until

LATE = "until [ -e go ]; do sleep 0.02; done; exec sha256sum"


def runs(daemon: RealDaemon, job: int) -> None:
    wait_until(lambda: daemon.job(job).state == "running")


@pytest.mark.parametrize("words", [("1", "-", "--eof"), ("1", "--eof")])
def test_a_file_is_piped_to_a_late_reader(
    crab: Crab, daemon: RealDaemon, tmp_path: Path, words: tuple[str, ...]
) -> None:
    much = Random(len(words)).randbytes(10_000_000)
    file = tmp_path / "file"
    file.write_bytes(much)
    crab("submit", "--stdin", "--cwd", str(tmp_path), "--", "sh", "-c", LATE)
    runs(daemon, 1)
    argv = [sys.executable, "-m", "crabtui", "--state", str(daemon.state), "send", *words]
    with file.open("rb") as data:
        sending = subprocess.Popen(argv, stdin=data, stdout=subprocess.PIPE)
        spool = daemon.state / "spool"
        wait_until(lambda: len(list(spool.rglob("in.*"))) >= 16, what="as much as may wait")
        assert sending.poll() is None
        (tmp_path / "go").touch()
        out, _ = sending.communicate(timeout=90)
    assert (sending.returncode, out) == (0, b"#1 was sent 10,000,000 bytes\n")
    assert crab("wait", "1").code == 0
    assert crab("logs", "1").out.split()[0] == hashlib.sha256(much).hexdigest()


def test_a_text_does_not_wait_for_a_reader_unless_told_to(
    crab: Crab, daemon: RealDaemon, tmp_path: Path
) -> None:
    crab("submit", "--stdin", "--cwd", str(tmp_path), "--", "sh", "-c", LATE)
    runs(daemon, 1)
    with daemon.client() as client:
        while client.call(Feed(id=1, data=b"x" * (1 << 16))).taken:
            continue
    ran = crab("send", "1", "more")
    assert (ran.code, "#1 does not read now: 4 bytes were not taken" in ran.err) == (3, True)
    (tmp_path / "go").touch()
    assert crab("send", "1", "more", "--eof", "--wait").code == 0
    assert crab("wait", "1").code == 0


def test_who_cannot_be_sent_to_says_why(crab: Crab, daemon: RealDaemon) -> None:
    small = ("submit", "--cpus", "0.1")
    crab(*small, "--stdin", "--hold", "--", "cat")
    crab(*small, "--", "sleep", "60")
    crab(*small, "--stdin", "--", "sh", "-c", "exec <&-; exec sleep 60")
    crab(*small, "--stdin", "--", "cat")
    for number in (2, 3, 4):
        runs(daemon, number)
    assert crab("send", "4", "bye", "--eof").code == 0
    wait_until(lambda: daemon.job(4).state == "succeeded")
    for job, why in [
        ("1", "#1 is queued; only a running job can be sent anything"),
        ("2", "#2 was not submitted with `--stdin`: it reads nothing"),
        ("4", "#4 is succeeded; only a running job can be sent anything"),
        ("99", "#99"),
    ]:
        ran = crab("send", job, "x")
        assert (ran.code, why in ran.err, ran.out) == (3, True, ""), ran
    assert crab("send", "1,2", "x").code == 2

    def is_refused() -> bool:
        ran = crab("send", "3", "x")
        is_told = "#3: attempt" in ran.err and "has closed its standard input" in ran.err
        return ran.code == 3 and is_told

    wait_until(is_refused, what="that it has closed its input")
    crab("cancel", "2", "3", "--kill", "--yes")


def test_only_an_end_is_called_that(crab: Crab, door: FakeDoor) -> None:
    door.answers[Feed] = Fed(id=7, taken=0, ended=True)
    assert crab("send", "7", "", "--eof").out == "the input of #7 has ended\n"


def test_a_host_that_falls_silent_leaves_a_count(
    crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(ask: Feed) -> Fed:
        if ask.data == b"two":
            raise Unreachable("`far` is not reached: no answer for 15 s")
        return Fed(id=ask.id, taken=len(ask.data))

    door.answers[Feed] = answer
    read, write = os.pipe()
    with os.fdopen(read) as end:
        monkeypatch.setattr("sys.stdin", end)
        pieces = iter([b"one", b"two", b""])
        monkeypatch.setattr("os.read", lambda *_: next(pieces))
        ran = crab("send", "7", "-")
    os.close(write)
    assert ran.code == 3
    assert ran.err.splitlines() == [
        "crabtui: #7 was sent at least 3 bytes, and then:",
        "crabtui: `far` is not reached: no answer for 15 s",
    ]
