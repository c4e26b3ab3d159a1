"""Records of every released version are read for ever, and torn ones never believed."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from engine.runner import identity, records
from engine.runner.records import Status, encode, parse, read_exit, read_status
from tests.kit.waiting import wait_until

GOLDEN = Path(__file__).parents[2] / "golden" / "spool"
KNOWN = {
    "pid": 102,
    "pid_start": "258315",
    "owner": 101,
    "ident": identity.ident(),
}
EXPECTED = {
    "exited": {"state": "exited", "code": 3, **KNOWN},
    "signal": {"state": "exited", "signal": 15, "why": "stop", **KNOWN},
    "softened": {"state": "exited", "code": 5, "why": "soft", "softened": True, **KNOWN},
    "workspace": {
        "state": "exited",
        "code": 3,
        "message": "0123456789abcdef" * 2 + "01234567",
        **KNOWN,
    },
    "fenced": {"state": "exited", "why": "fenced", "owner": 101, "ident": KNOWN["ident"]},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_golden_exits(name: str) -> None:
    found = read_exit(GOLDEN / name, "1-1-42")
    assert found is not None
    timeless = replace(found, began_ms=None, ended_ms=None)
    assert timeless == Status(attempt="1-1-42", **EXPECTED[name])  # type: ignore[arg-type]


def test_times_are_told_by_the_clock_of_the_boot_that_it_ran_in(folder: Path) -> None:
    live_here(folder)
    start, up_ms = identity.start_time(os.getpid()), identity.uptime_ms() - 5_000
    assert start
    ended = encode("exit", 0, "-", f"{up_ms // 1000}.{up_ms % 1000 // 10:02}")
    life = ended.ljust(47, b" ") + b"\nsup 101 .\n" + encode("job", os.getpid(), start)
    (folder / "life").write_bytes(life)
    for found in (read_status(folder, "1-1-42"), read_exit(folder, "1-1-42")):
        assert found is not None
        assert found.ended_ms is not None
        assert 5_000 <= found.ended_ms < 35_000
        assert found.began_ms is not None
    host = identity.ident().split("/")[0]
    (folder / "gate").write_bytes(encode("run", "0000000042", f"{host}/other-boot/24"))
    found = read_status(folder, "1-1-42")
    assert (found.state, found.began_ms, found.ended_ms) == ("exited", None, None)


@pytest.mark.parametrize("instant", ["0", "-1", "x", "1e9", "1" * 20, ""])
def test_an_instant_that_is_none_is_not_known(instant: str) -> None:
    assert identity.since_ms(instant) is None


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("exited", "exited"),
        ("running", "otherhost"),
        ("void", "void"),
        ("claimed", "claimed"),
        ("nospawn", "exited"),
        ("unfetched", "exited"),
    ],
)
def test_golden_states(name: str, state: str) -> None:
    assert read_status(GOLDEN / name, "1-1-42").state == state


def test_golden_complaint() -> None:
    found = read_status(GOLDEN / "nospawn", "1-1-42")
    assert (found.why, found.code) == ("nospawn", None)
    assert found.message == "cannot start /opt/tool: Exec format error"


def test_golden_refusal() -> None:
    assert read_exit(GOLDEN / "unfetched", "1-1-42") is None
    found = read_status(GOLDEN / "unfetched", "1-1-42")
    assert (found.why, found.code) == ("fetch", None)
    said = "could not read from remote repository"
    assert found.message == f"cannot make a workspace of git@h:x: {said}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(GOLDEN / "running", tmp_path / "1-1-42")


def live_here(folder: Path) -> None:
    (folder / "gate").write_bytes(encode("run", "0000000042", identity.ident()))


def test_after_a_reboot(folder: Path) -> None:
    host = identity.ident().split("/")[0]
    (folder / "gate").write_bytes(encode("run", "0000000042", f"{host}/other-boot/24"))
    assert read_status(folder, "1-1-42").state == "rebooted"


def test_a_recycled_pid_is_nobody(folder: Path) -> None:
    """Its pids live again, as somebody else: that is neither its supervisor nor its job."""
    live_here(folder)
    life = folder / "life"
    life.write_bytes(life.read_bytes().replace(b"101", b"%d" % os.getppid()))
    life.write_bytes(life.read_bytes().replace(b"102", b"%d" % os.getpid()))
    assert read_status(folder, "1-1-42").state == "lost"


def test_its_very_process_makes_it_an_orphan(folder: Path) -> None:
    live_here(folder)
    start = identity.start_time(os.getpid())
    assert start
    job = encode("job", os.getpid(), start)
    (folder / "life").write_bytes(b" " * 47 + b"\nsup 101 .\n" + job)
    assert read_status(folder, "1-1-42").state == "orphan"


@pytest.mark.parametrize("length", range(len("exit 3 - 2583.16 .") + 1))
def test_a_torn_exit_record_is_absent(folder: Path, length: int) -> None:
    record = b"exit 3 - 2583.16 ."[:length]
    rest = (folder / "life").read_bytes()[length:]
    (folder / "life").write_bytes(record + rest)
    complete = length == len("exit 3 - 2583.16 .")
    found = read_exit(folder, "1-1-42")
    assert found is None or (complete and found.code == 3)


def test_a_torn_gate_of_a_dead_supervisor_never_ran(folder: Path) -> None:
    (folder / "gate").write_bytes(b"run 00000")
    assert read_status(folder, "1-1-42").state == "void"


def test_noise_between_records_is_skipped() -> None:
    data = encode("sup", 1) + b"Terminated\n\xff\xfe .\njob 2 3" + b"\n" + encode("job", 2, 3)
    assert [record for record in parse(data) if record[0] in ("sup", "job")] == [
        ["sup", "1"],
        ["job", "2", "3"],
    ]


def test_a_supervisor_that_makes_its_gate_while_we_look_is_not_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on record and opens its gate between our first look and our second."""
    folder = tmp_path / "7-1-1"
    folder.mkdir()
    (folder / "life").write_bytes(b"")
    look = records._read
    with subprocess.Popen(
        ["/bin/sh", "-c", "read wait", "sh", str(folder)], stdin=subprocess.PIPE
    ) as supervisor:
        wait_until(
            lambda: identity.is_about(supervisor.pid, str(folder)),
            what="the system knows its arguments, which is a little after its exec",
        )

        def slow_look(path: Path) -> bytes:
            seen = look(path)
            (folder / "life").write_bytes(encode("sup", supervisor.pid))
            (folder / "gate").touch()  # made, and not yet written
            return seen

        monkeypatch.setattr(records, "_read", slow_look)
        assert read_status(folder, "7-1-1").state == "starting"


@pytest.mark.parametrize(
    "junk",
    [
        b"exit x - 1 .",
        b"exit 9999999999999 - 1 .",
        b"sup \xff .",
        b"job -- 1 .",
        b"job 1 \xff .",
    ],
)
def test_a_job_cannot_upset_who_reads_its_records(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "life").write_bytes(records.RESERVED + b"sup 101 .\n" + junk + b"\n")
    (tmp_path / "gate").write_bytes(encode("run", "0000000042", identity.ident()))
    assert read_status(tmp_path, "1-1-42").state == "lost"
