"""`run`, `logs` and `wait`: bytes, codes, interrupts, and daemons that are replaced."""

import base64
import json
import os
import signal
import sys
from io import BytesIO
from typing import Any

import msgspec
import pytest

from crabtui.cli.printing.log_writer import LogWriter
from engine.control.messages import (
    Cancel,
    FollowLog,
    ListJobs,
    ReadLog,
    Submit,
    Targets,
    Wait,
)
from engine.control.views import Result, Waited
from engine.errors import NotFound, Unreachable
from tests.crabtui.cli.conftest import Crab, Ran
from tests.kit.answers import a_chunk, a_log, a_page, a_row, acted, finished, submitted
from tests.kit.fake_door import FakeDoor, HungUp, Open


def ends(*all_finished: Any, unfinished: tuple[int, ...] = ()) -> Waited:
    return Waited(finished=all_finished, unfinished=unfinished)


GATE = {"code": "gate", "message": "its gate `false` exited with 1"}


@pytest.fixture
def job(door: FakeDoor) -> FakeDoor:
    """Job 12 writes a little, then succeeds."""

    def log(ask: FollowLog) -> list[Any]:
        return [a_chunk({"out": b"hello\xff\n", "err": b"oh\n"}[ask.stream])]

    door.answers[Submit] = submitted(12)
    door.answers[FollowLog] = log
    door.answers[Wait] = ends(finished(12))
    door.answers[Cancel] = acted(Result(id=12, ok=True))
    return door


class TestRun:
    def test_output_goes_where_it_belongs(self, crab: Crab, job: FakeDoor) -> None:
        assert crab("run", "--", "make") == Ran(0, "hello\udcff\n", "oh\n")
        assert job.asked(Wait) == [Wait(ids=(12,))]

    @pytest.mark.parametrize(
        ("end", "code", "said"),
        [
            (finished(12), 0, ""),
            (finished(12, "failed", exit_code=3), 3, ""),
            (finished(12, "failed", signal=9), 137, "crabtui: #12 failed (SIGKILL)\n"),
            (finished(12, "timeout", signal=9), 124, "crabtui: #12 timeout (SIGKILL)\n"),
            (finished(12, "canceled", signal=15), 130, "crabtui: #12 canceled (SIGTERM)\n"),
            (finished(12, "canceled", exit_code=0), 130, "crabtui: #12 canceled (exit 0)\n"),
            (
                finished(12, "failed", error={"message": "no such file: cc"}),
                125,
                "crabtui: #12 failed (no such file: cc)\n",
            ),
            (finished(12, "skipped"), 125, "crabtui: #12 skipped\n"),
            (
                finished(12, "failed", exit_code=1, error=GATE),
                1,
                "crabtui: #12 failed (its gate `false` exited with 1)\n",
            ),
            (
                finished(12, "failed", exit_code=1, error={"code": "exit", "message": "it"}),
                1,
                "",
            ),
        ],
    )
    def test_exit_codes(
        self, crab: Crab, job: FakeDoor, end: Any, code: int, said: str
    ) -> None:
        job.answers[FollowLog] = []
        job.answers[Wait] = ends(end)
        assert crab("run", "make") == Ran(code, "", said)

    def test_what_is_ours_is_125(self, crab: Crab, job: FakeDoor) -> None:
        job.answers[Submit] = NotFound("no job #3", field="after")
        assert crab("run", "--after", "3", "make").code == 125
        assert crab("run").code == 125

    def test_json_tells_output_and_end(self, crab: Crab, job: FakeDoor) -> None:
        lines = [json.loads(line) for line in crab("--json", "run", "x").out.splitlines()]
        out = {"id": 12, "stream": "out", "data": base64.b64encode(b"hello\xff\n").decode()}
        assert out in lines
        assert lines[-1] == {
            "id": 12,
            "state": "succeeded",
            "exit_code": 0,
            "signal": None,
            "error": None,
        }

    def test_it_goes_on_after_a_restart(self, crab: Crab, job: FakeDoor) -> None:
        def log(ask: FollowLog) -> Any:
            if ask.stream == "err":
                return []
            if ask.offset == 0:
                return Open([a_chunk(b"one ")])
            return [a_chunk(b"two\n", offset=ask.offset)]

        def hang_up_once(ask: FollowLog) -> Any:
            if ask.stream == "err" and job.connections == 2:
                raise HungUp
            return log(ask)

        job.answers[FollowLog] = hang_up_once
        assert crab("run", "make").out == "one two\n"
        assert [ask.offset for ask in job.asked(FollowLog) if ask.stream == "out"] == [0, 4]

    def test_a_broken_link_is_told_once_and_its_code_is_the_jobs(
        self, crab: Crab, job: FakeDoor
    ) -> None:
        gap = a_chunk(
            b"", final=False, waits="no link to `a` (no route); going on when it is back"
        )

        def log(ask: FollowLog) -> list[Any]:
            if ask.stream == "err":
                return [gap, a_chunk(b"", final=True, waits="the rest is out of reach")]
            return [a_chunk(b"one "), gap, a_chunk(b"two\n", offset=4)]

        job.answers[FollowLog] = log
        job.answers[Wait] = ends(finished(12, "failed", exit_code=9))
        ran = crab("run", "make")
        assert (ran.code, ran.out) == (9, "one two\n")
        assert ran.err.count("crabtui: the rest is out of reach\n") == 1
        assert 1 <= ran.err.count("crabtui: no link to `a` (no route)") <= 2

    def test_the_first_interrupt_cancels(self, crab: Crab, job: FakeDoor) -> None:
        def interrupt(_: Wait) -> Waited:
            os.kill(os.getpid(), signal.SIGINT)
            job.wait_until(lambda: any(isinstance(ask, Cancel) for ask in job.asks))
            return ends(finished(12, "canceled", signal=15))

        job.answers[Wait] = interrupt
        ran = crab("run", "make")
        assert ran.code == 130
        [ask] = job.asked(Cancel)
        assert ask == Cancel(targets=Targets(ids=(12,)), why="interrupted at the terminal")

    def test_the_second_interrupt_detaches(self, crab: Crab, job: FakeDoor) -> None:
        def interrupt(_: Any) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            return Open()

        job.answers[Wait] = interrupt
        job.answers[Cancel] = lambda ask: (interrupt(ask), acted())[1]
        ran = crab("run", "make")
        assert ran.code == 125
        assert "#12 goes on" in ran.err

    def test_detach_on_interrupt(self, crab: Crab, job: FakeDoor) -> None:
        def interrupt(_: Wait) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            return Open()

        job.answers[Wait] = interrupt
        ran = crab("run", "--detach-on-interrupt", "make")
        assert ran.code == 125
        assert job.asked(Cancel) == []


class TestWait:
    def test_all_succeeded(self, crab: Crab, job: FakeDoor) -> None:
        job.answers[Wait] = ends(finished(12), finished(13))
        assert crab("wait", "12-13") == Ran(0, "#12 succeeded\n#13 succeeded\n", "")
        assert job.asked(Wait) == [Wait(ids=(12, 13))]

    def test_one_failed(self, crab: Crab, job: FakeDoor) -> None:
        job.answers[Wait] = ends(finished(12), finished(13, "failed", exit_code=2))
        ran = crab("wait", "12", "13")
        assert (ran.code, ran.out) == (1, "#12 succeeded\n#13 failed (exit 2)\n")

    def test_out_of_time(self, crab: Crab, job: FakeDoor) -> None:
        job.answers[Wait] = ends(finished(12), unfinished=(13,))
        ran = crab("wait", "12", "13", "--timeout", "1.5")
        assert ran.code == 4
        assert ran.err == "crabtui: 1 have not ended in time\n"
        assert 1_000 < job.asked(Wait)[0].timeout_ms <= 1_500

    def test_any(self, crab: Crab, job: FakeDoor) -> None:
        job.answers[Wait] = ends(finished(12), unfinished=(13,))
        assert crab("wait", "--any", "12", "13").code == 0
        assert job.asked(Wait) == [Wait(ids=(12, 13), any=True)]

    def test_a_filter_means_what_matches_now(self, crab: Crab, job: FakeDoor) -> None:
        pages = iter([a_page(a_row(1), a_row(2), next=2), a_page(a_row(5))])
        job.answers[ListJobs] = lambda _: next(pages)
        crab("wait", "tag:x")
        assert job.asked(Wait) == [Wait(ids=(1, 2, 5))]

    def test_json(self, crab: Crab, job: FakeDoor) -> None:
        told = json.loads(crab("wait", "12", "--json").out)
        assert told["unfinished"] == []
        assert told["finished"][0]["state"] == "succeeded"

    def test_it_goes_on_after_a_restart(self, crab: Crab, job: FakeDoor) -> None:
        def hang_up_once(_: Wait) -> Any:
            if job.connections == 1:
                raise HungUp
            return ends(finished(12))

        job.answers[Wait] = hang_up_once
        assert crab("wait", "12").code == 0


LOG = b"one\ntwo\nthree\nfour\n"


class TestLogs:
    @pytest.mark.parametrize(
        ("tail", "shown"),
        [
            (0, b""),
            (1, b"four\n"),
            (3, b"two\nthree\nfour\n"),
            (4, LOG),
            (9, LOG),
        ],
    )
    def test_tail(self, crab: Crab, door: FakeDoor, tail: int, shown: bytes) -> None:
        door.answers[ReadLog] = a_log(LOG)
        assert crab("logs", "12", "--tail", str(tail)).out.encode() == shown

    def test_a_link_that_has_just_broken_is_given_a_moment(
        self, crab: Crab, door: FakeDoor
    ) -> None:
        silence = Unreachable("no link to `a`: the host hung up")
        whole, answers = a_log(LOG), [silence, silence]

        def read(ask: ReadLog) -> Any:
            if ask.offset and answers:
                return answers.pop()
            return whole(msgspec.structs.replace(ask, limit=5))

        door.answers[ReadLog] = read
        said = "crabtui: no link to `a`: the host hung up; waiting for it for 10s\n"
        assert crab("logs", "12") == Ran(0, LOG.decode(), said)

    def test_a_link_that_stays_broken_is_an_error(
        self, crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("crabtui.cli.logs.PATIENCE_S", 0.0)
        door.answers[ReadLog] = Unreachable("no link to `a`: the host hung up")
        assert crab("logs", "12") == Ran(3, "", "crabtui: no link to `a`: the host hung up\n")

    def test_a_host_that_is_long_gone_is_not_waited_for(
        self, crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("crabtui.cli.logs.time.sleep", pytest.fail)
        said = "`a` is out of reach since 41s; `crabtui logs -f` waits for it"
        door.answers[ReadLog] = Unreachable(said, details={"unheard_s": 41.0})
        assert crab("logs", "12") == Ran(3, "", f"crabtui: {said}\n")

    def test_following_through_a_gap(self, crab: Crab, door: FakeDoor) -> None:
        gap = a_chunk(b"", final=False, waits="no link to `a`; going on when it is back")
        lost = a_chunk(b"", waits="what attempt 12-1-3 wrote last is out of reach on `a`")
        door.answers[FollowLog] = [a_chunk(b"one "), gap, gap, a_chunk(b"two\n", offset=4)]
        ran = crab("logs", "-f", "12")
        assert ran == Ran(0, "one two\n", f"crabtui: {gap.waits}\n")
        door.answers[FollowLog] = [a_chunk(b"one\n"), gap, lost]
        said = f"crabtui: {gap.waits}\ncrabtui: {lost.waits}\n"
        assert crab("logs", "-f", "12") == Ran(3, "one\n", said)

    def test_tail_counts_a_line_without_end(self, crab: Crab, door: FakeDoor) -> None:
        door.answers[ReadLog] = a_log(LOG + b"five")
        assert crab("logs", "12", "--tail", "2").out == "four\nfive"

    def test_whole_and_raw(self, crab: Crab, door: FakeDoor) -> None:
        raw = bytes(range(256))
        door.answers[ReadLog] = a_log(raw)
        ran = crab("logs", "#12", "--err", "--attempt", "2")
        assert (ran.code, ran.out.encode("utf-8", "surrogateescape")) == (0, raw)
        first = door.asked(ReadLog)[0]
        assert (first.id, first.stream, first.attempt) == (12, "err", 2)

    def test_what_was_dropped_is_said(self, crab: Crab, door: FakeDoor) -> None:
        door.answers[ReadLog] = a_log(LOG, dropped=8)
        ran = crab("logs", "12")
        assert ran.out == "three\nfour\n"
        assert ran.err == "crabtui: the first 8 bytes were dropped: the log was full\n"

    def test_follow(self, crab: Crab, door: FakeDoor) -> None:
        door.answers[FollowLog] = [a_chunk(b"a"), a_chunk(b"b", offset=1)]
        assert crab("logs", "-f", "12").out == "ab"
        assert door.asked(FollowLog) == [FollowLog(id=12)]

    def test_follow_from_the_tail(self, crab: Crab, door: FakeDoor) -> None:
        door.answers[ReadLog] = a_log(LOG)
        door.answers[FollowLog] = lambda ask: [a_chunk(LOG[ask.offset :], offset=ask.offset)]
        assert crab("logs", "-f", "12", "--tail", "1").out == "four\n"

    def test_json_has_pieces_in_base64(self, crab: Crab, door: FakeDoor) -> None:
        door.answers[FollowLog] = [a_chunk(b"\xff")]
        told = json.loads(crab("logs", "-f", "--json", "12").out)
        assert told == {"attempt": "12-1-3", "stream": "out", "offset": 0, "data": "/w=="}


class Screen:
    """An output that says it is a terminal."""

    def __init__(self) -> None:
        self.buffer = BytesIO()

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("piece", [1, 2, 3, 100])
def test_a_terminal_gets_colours_and_nothing_else(piece: int) -> None:
    raw = "é \x1b[31mred\x1b[2J\x1b]0;title\x07 é\x1b[1;4mbold\x1bPq\x1b\\\n".encode()
    screen = Screen()
    writer = LogWriter(screen)
    for start in range(0, len(raw), piece):
        writer.write(raw[start : start + piece])
    writer.finish()
    shown = screen.buffer.getvalue().decode()
    assert shown == "é \x1b[31mred é\x1b[1;4mbold\n\x1b[0m"


def test_an_unfinished_sequence_never_reaches_the_terminal() -> None:
    screen = Screen()
    writer = LogWriter(screen)
    writer.write(b"a\x1b]0;title without an end")
    assert screen.buffer.getvalue() == b"a"
    writer.finish()
    assert b"\x1b" not in screen.buffer.getvalue()


def test_a_reader_that_left_cancels_what_runs(crab: Crab, job: FakeDoor) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as pipe, pytest.MonkeyPatch.context() as patch:  # noqa: PTH123
        patch.setattr(sys, "stdout", pipe)
        assert crab("run", "yes").code == 141
    assert len(job.asked(Cancel)) == 1
