"""What every backend promises that runs commands as processes of a POSIX host."""

import os
import time
from collections.abc import Callable

import psutil
import pytest

from engine.backends.protocol import HostState, Report
from engine.errors import StaleEpoch
from engine.model.ids import AttemptId, Epoch
from engine.runner.log_search import Wanted
from engine.testing.backend_contract import BackendContract, MakeHands, pause
from engine.testing.hands import PATH, Hands


def wait_until(look: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Return when `look` says yes. Raises: AssertionError, if it never does."""
    ends_s = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < ends_s, f"{what}: not within {timeout_s} s"
        pause(0.01)


def wait_gone(pid: int) -> None:
    """Return when there is no such process any more."""
    wait_until(lambda: _is_gone(pid), f"process {pid} gone")


def _is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


async def printed_pids(hands: Hands, report: Report) -> list[int]:
    """The numbers in its output, once that says `ready`."""
    await hands.wait_log(report, b"ready")
    return [int(word) for word in (await hands.log(report)).split() if word.isdigit()]


class CommandContract(BackendContract):
    """As `BackendContract`, and all that is true of real processes."""

    async def test_a_start_is_on_record_with_its_process(self, hands: Hands) -> None:
        report = await hands.sh("echo ready $$; exec sleep 60")
        assert report.state == HostState.RUNNING
        assert report.pid
        assert report.pid_start
        assert report.ident
        assert [report.pid] == await printed_pids(hands, report)
        assert os.getsid(report.pid) == os.getpgid(report.pid) == report.pid

    @pytest.mark.parametrize("code", [0, 1, 2, 126, 127, 128, 129, 143, 255])
    async def test_exit_codes_are_true(self, hands: Hands, code: int) -> None:
        end = await hands.run("/bin/sh", "-c", f"exit {code}")
        assert (end.state, end.code, end.signal, end.why) == (
            HostState.EXITED,
            code,
            None,
            None,
        )

    @pytest.mark.parametrize("signal", [1, 2, 3, 6, 9, 11, 13, 14, 15])
    async def test_signals_are_no_exit_codes(self, hands: Hands, signal: int) -> None:
        end = await hands.run("/bin/sh", "-c", f"kill -{signal} $$; exec sleep 60")
        assert (end.code, end.signal, end.why) == (None, signal, None)

    async def test_python_still_raises_keyboard_interrupt(self, hands: Hands) -> None:
        code = "import signal; print(signal.getsignal(2) is signal.default_int_handler)"
        report = await hands.start("python3", "-c", code, env=(("PATH", os.environ["PATH"]),))
        assert (await hands.end(report)).code == 0
        assert await hands.log(report) == b"True\n"

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"argv": ("no-such-command",)}, ("no-such-command", "No such file")),
            ({"argv": ("/no/such/command",)}, ("/no/such/command", "No such file")),
            ({"argv": ("/etc/passwd",)}, ("/etc/passwd", "Permission denied")),
            ({"argv": ("/tmp",)}, ("/tmp", "Permission denied")),
            ({"argv": ("true",), "cwd": "/no/such"}, ("/no/such", "No such file")),
            ({"argv": ("true",), "cwd": "/etc/passwd"}, ("/etc/passwd", "Not a directory")),
            ({"argv": ("true", "x" * 200_000)}, ("true", "Argument list too long")),
            ({"argv": ("nope",), "env": (PATH, ("UID", "5"))}, ("nope", "No such file")),
            ({"argv": ("a\0b",)}, ("NUL",)),
        ],
    )
    async def test_what_cannot_be_started_says_why(
        self, hands: Hands, fields: dict[str, object], words: tuple[str, ...]
    ) -> None:
        fields = dict(fields)
        argv = fields.pop("argv")
        assert isinstance(argv, tuple)
        end = await hands.run(*argv, **fields)
        assert (end.why, end.code, end.signal) == ("nospawn", None, None)
        for word in words:
            assert word in end.message

    async def test_a_command_may_exit_127_after_a_complaint(self, hands: Hands) -> None:
        end = await hands.run("/bin/sh", "-c", "no-such-thing")
        assert (end.code, end.why) == (127, None)

    async def test_the_environment_is_what_was_given(self, hands: Hands) -> None:
        env = (PATH, ("A", 'it\'s "x"\n$y `z` \\'), ("UID", "5"), ("odd.name", "1"), ("E", ""))
        report = await hands.start("/usr/bin/env", "-0", env=env)
        await hands.end(report)
        entries = dict(
            entry.decode().split("=", 1)
            for entry in (await hands.log(report)).split(b"\0")[:-1]
        )
        assert entries.pop("CRAB_MARK").endswith(f"/{report.attempt}:")
        assert entries == dict(env)

    async def test_without_any_environment(self, hands: Hands) -> None:
        report = await hands.start("/usr/bin/env", env=())
        await hands.end(report)
        assert (await hands.log(report)).startswith(b"CRAB_MARK=")
        assert (await hands.log(report)).count(b"\n") == 1

    async def test_every_byte_arrives_in_arguments(self, hands: Hands) -> None:
        everything = bytes(range(1, 256)).decode("utf-8", "surrogateescape")
        report = await hands.start("printf", "%s", everything)
        await hands.end(report)
        assert await hands.log(report) == bytes(range(1, 256))

    async def test_shell_lines_and_directories(
        self, hands: Hands, tmp_path: os.PathLike[str]
    ) -> None:
        report = await hands.start(shell="pwd -P && echo 'a b' | tr a c", cwd=str(tmp_path))
        assert (await hands.end(report)).code == 0
        assert await hands.log(report) == os.path.realpath(tmp_path).encode() + b"\nc b\n"

    @pytest.mark.parametrize(
        "text",
        ["", "hello", "no newline\nit's\n\n", "ü" * 300_000],
        ids=["empty", "line", "lines", "large"],
    )
    async def test_standard_input_is_what_was_given(self, hands: Hands, text: str) -> None:
        report = await hands.start("cat", stdin=text)
        assert (await hands.end(report)).code == 0
        assert await hands.log(report) == text.encode()

    async def test_standard_input_is_empty_unless_given(self, hands: Hands) -> None:
        report = await hands.start("cat")
        assert (await hands.end(report)).code == 0
        assert await hands.log(report) == b""

    async def test_output_is_bytes_and_streams_stay_apart(self, hands: Hands) -> None:
        report = await hands.sh(r"printf '\377\000\303'; printf 'e\200' >&2")
        await hands.end(report)
        assert await hands.log(report) == b"\xff\0\xc3"
        assert await hands.log(report, "err") == b"e\x80"

    async def test_a_megabyte_of_output(self, hands: Hands) -> None:
        report = await hands.sh("head -c 1048576 /dev/zero | tr '\\0' x")
        await hands.end(report)
        assert await hands.log(report) == b"x" * 1048576

    async def test_lines_of_a_log_are_found_whoever_has_to_look(self, hands: Hands) -> None:
        script = (
            'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; done; '
            "printf 'No LINE 77'"
        )
        report = await hands.sh(script)
        await hands.end(report)
        wanted, lines, at, count = Wanted(b"line 77", fold=True), [], 0, 0
        while True:
            found = await hands.backend.find(report.attempt, "out", at, 1_000, wanted)
            lines += [(line.offset, count + line.before, line.data) for line in found.lines]
            at, count = found.next, count + found.count
            if at >= found.size:
                break
        assert [(before, data) for _, before, data in lines] == [
            (76, b"line 77"),
            (300, b"No LINE 77"),
        ]
        for offset, _, data in lines:
            piece = await hands.backend.tail(report.attempt, "out", offset, len(data))
            assert piece.data == data

    async def test_tail_from_a_byte_and_from_the_end(self, hands: Hands) -> None:
        report = await hands.start("printf", "0123456789")
        await hands.end(report)
        piece = await hands.backend.tail(report.attempt, "out", 3, 4)
        assert (piece.data, piece.offset, piece.size) == (b"3456", 3, 10)
        last = await hands.backend.tail(report.attempt, "out", -2, 100)
        assert (last.data, last.offset) == (b"89", 8)

    async def test_stop_lets_a_job_finish_its_words(self, hands: Hands) -> None:
        report = await hands.sh("trap 'echo bye; exit 3' TERM; echo ready; sleep 60 & wait")
        await hands.wait_log(report, b"ready")
        await hands.stop(report)
        end = await hands.end(report)
        assert (end.code, end.why) == (3, "stop")
        assert b"bye" in await hands.log(report)

    async def test_stop_kills_a_tree_that_ignores_it(self, hands: Hands) -> None:
        script = (
            "trap '' TERM; sleep 70 & echo $!; sh -c 'sleep 71 & echo $!; wait' & "
            "echo ready; wait"
        )
        report = await hands.sh(script)
        pids = await printed_pids(hands, report)
        await hands.stop(report, grace_ms=100)
        end = await hands.end(report)
        assert (end.signal, end.why) == (9, "stop")
        for pid in pids:
            wait_gone(pid)

    async def test_stop_finds_who_left_the_session(self, hands: Hands) -> None:
        report = await hands.sh(
            "setsid sh -c 'trap \"\" TERM; echo $$ ready; sleep 60; :' & wait"
        )
        [escaped] = await printed_pids(hands, report)
        await hands.stop(report, grace_ms=100)
        assert (await hands.end(report)).why == "stop"
        wait_gone(escaped)

    async def test_stop_spares_the_attempt_with_a_longer_name(self, hands: Hands) -> None:
        one = await hands.start("sleep", "60", attempt=AttemptId("1-1-7"))
        other = await hands.start("sleep", "60", attempt=AttemptId("1-1-77"))
        await hands.stop(one, grace_ms=0, signal="KILL")
        assert (await hands.end(one)).why == "stop"
        assert await hands.backend.renew([one.attempt, other.attempt], hands.epoch) == [
            other.attempt
        ]

    async def test_who_outlives_the_leader_is_ended(self, hands: Hands) -> None:
        report = await hands.sh("sleep 60 & echo $! ready")
        [left] = await printed_pids(hands, report)
        assert (await hands.end(report)).code == 0
        wait_gone(left)

    async def test_stop_of_an_ended_attempt_changes_nothing(self, hands: Hands) -> None:
        end = await hands.run("true")
        assert (await hands.stop(end)).code == 0
        [again] = await hands.backend.adopt([end.attempt])
        assert (again.code, again.why) == (0, None)

    async def test_hard_timeout_kills(self, hands: Hands) -> None:
        report = await hands.sh("trap '' TERM; sleep 60 & wait; sleep 60", hard_ms=200)
        end = await hands.end(report)
        assert (end.signal, end.why, end.softened) == (9, "timeout", False)

    async def test_soft_timeout_asks_and_is_on_record(self, hands: Hands) -> None:
        report = await hands.sh(
            "trap 'exit 5' TERM; sleep 60 & wait", soft_ms=200, hard_ms=60_000
        )
        end = await hands.end(report)
        assert (end.code, end.why, end.softened) == (5, "soft", True)

    async def test_a_job_deaf_to_its_soft_timeout_meets_the_hard_one(
        self, hands: Hands
    ) -> None:
        report = await hands.sh("trap '' TERM; sleep 60", soft_ms=100, hard_ms=400)
        end = await hands.end(report)
        assert (end.signal, end.why, end.softened) == (9, "timeout", True)

    async def test_no_timer_outlives_its_job(self, hands: Hands) -> None:
        end = await hands.run("true", hard_ms=3_600_000)
        assert end.code == 0

        def sleepers() -> list[psutil.Process]:
            wanted = ["sleep", "3600.00"]
            return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == wanted]

        wait_until(lambda: not sleepers(), "no timer left")

    async def test_a_lease_ends_what_nobody_renews(self, hands: Hands) -> None:
        end = await hands.end(await hands.start("sleep", "60", lease_ms=300))
        assert (end.signal, end.why) == (9, "lease")

    async def test_a_renewed_lease_lasts(self, hands: Hands) -> None:
        report = await hands.start("sleep", "60", lease_ms=1_500)
        began = time.monotonic()

        def renewed_past_the_first_term() -> bool:
            return time.monotonic() - began > 2.0

        while not renewed_past_the_first_term():
            assert await hands.backend.renew([report.attempt], hands.epoch) == [report.attempt]
        end = await hands.end(report)
        assert end.why == "lease"
        assert time.monotonic() - began > 3.0

    async def test_a_log_that_must_not_grow_ends_its_job(self, hands: Hands) -> None:
        report = await hands.sh("yes | head -c 100000; sleep 60", log_stop_bytes=50_000)
        assert (await hands.end(report)).why == "logcap"

    async def test_more_tokens_than_its_budget_end_a_job(self, hands: Hands) -> None:
        script = 'for n in 3 4; do echo "tokens $n" >>"$CRAB_USAGE"; done; sleep 60'
        report = await hands.sh(script, max_tokens=6)
        assert (await hands.end(report)).why == "tokens"

    async def test_a_second_start_reports_the_first(self, hands: Hands) -> None:
        order = hands.order("sleep", "60")
        [first] = await hands.backend.start([order])
        [second] = await hands.backend.start([order])
        assert isinstance(first, Report)
        assert isinstance(second, Report)
        assert (second.state, second.pid) == (HostState.RUNNING, first.pid)

    async def test_void_beats_a_late_start(self, hands: Hands) -> None:
        order = hands.order("true")
        [voided] = await hands.backend.adopt([order.attempt])
        assert voided.state == HostState.VOID
        [late] = await hands.backend.start([order])
        assert isinstance(late, Report)
        assert late.state == HostState.VOID

    async def test_forgotten_attempts_do_not_come_back(self, hands: Hands) -> None:
        order = hands.order("true")
        [begun] = await hands.backend.start([order])
        assert isinstance(begun, Report)
        await hands.end(begun)
        await hands.backend.forget(order.attempt, hands.epoch)
        [late] = await hands.backend.start([order])
        assert isinstance(late, Report)
        assert late.state == HostState.GONE
        assert await hands.backend.foreign() == []

    async def test_tidy_keeps_logs_and_spares_the_living(self, hands: Hands) -> None:
        quiet = await hands.run("true")
        loud = await hands.run("echo", "hello")
        living = await hands.start("sleep", "60")
        await hands.backend.tidy([quiet.attempt, loud.attempt, living.attempt])
        assert [report.attempt for report in await hands.backend.foreign()] == [living.attempt]
        assert await hands.log(loud) == b"hello\n"
        assert await hands.log(quiet) == b""
        [found] = await hands.backend.adopt([living.attempt])
        assert found.state == HostState.RUNNING

    async def test_trimmed_logs_keep_the_newest_and_true_offsets(self, hands: Hands) -> None:
        report = await hands.sh("seq 100000; echo ready; read x; echo more", stdin="go\n")
        await hands.end(report)
        whole = await hands.log(report)
        gone = await hands.backend.trim_logs(report.attempt, 100_000)
        piece = await hands.backend.tail(report.attempt, "out", 0, 1 << 18)
        assert (piece.size, piece.dropped, piece.offset) == (len(whole), gone, gone)
        assert piece.data == whole[gone:]
        assert 50_000 <= len(whole) - gone <= 54_096
        assert await hands.backend.trim_logs(report.attempt, 100_000) == 0

    async def test_a_stale_daemon_can_do_nothing(self, make_hands: MakeHands) -> None:
        old = await make_hands(Epoch(7))
        running = await old.start("sleep", "60")
        await make_hands(Epoch(8))
        with pytest.raises(StaleEpoch):
            await old.start("true")
        with pytest.raises(StaleEpoch):
            await old.stop(running)
        with pytest.raises(StaleEpoch):
            await old.backend.renew([running.attempt], old.epoch)
        with pytest.raises(StaleEpoch):
            await old.backend.forget(running.attempt, old.epoch)
        with pytest.raises(StaleEpoch):
            await old.backend.hello(Epoch(7))
