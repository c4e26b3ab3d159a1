"""Pause, resume and feed: the host first, then the record; refused in words."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import Report
from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import InvalidSpec, NotAllowed, Unreachable
from engine.model.ids import AttemptId, Epoch
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import FakeBackend, an_engine

CAT = {"argv": ["cat"], "open_stdin": True}


class Handled(FakeBackend):
    """Says what it was told about processes, and takes so many bytes."""

    def __init__(self) -> None:
        super().__init__(cpus=1)
        self.told: list[str] = []
        self.room = 100_000
        self.is_away = False
        self.is_deaf = False
        """Takes one piece, and then nothing any more."""

    async def hold_still(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Report:
        if self.is_away:
            raise Unreachable("no route")
        self.told.append(f"pause {clocks_too}")
        return await super().hold_still(attempt, epoch, clocks_too=clocks_too)

    async def go_on(self, attempt: AttemptId, epoch: Epoch) -> Report:
        self.told.append("resume")
        return await super().go_on(attempt, epoch)

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        if self.is_deaf and self.told:
            raise InvalidSpec("it has closed its standard input")
        taken = len(data) if len(data) <= self.room else 0
        self.room -= taken
        self.told.append(f"feed {len(data)} {end}")
        return taken


async def test_a_job_is_paused_and_resumed_once(tmp_path: Path) -> None:
    host = Handled()
    async with an_engine(tmp_path, host) as engine:
        running, waiting = await engine.submit(CAT, CAT)
        await engine.running(running)
        both = ask.Targets(ids=(running, waiting))
        for _ in range(2):
            done: Any = await engine.ask(ask.Pause(targets=both, clocks=True))
            assert [one.ok for one in done.results] == [True, False]
        assert done.results[0].now == "running, paused"
        await engine.ask(ask.Resume(targets=ask.Targets(ids=(running,))))
        assert host.told == ["pause True", "resume"]
        story = await engine.story(running)
        assert story[-2:] == ["attempt.paused", "attempt.resumed"]


async def test_who_cannot_be_told_is_not_called_paused(tmp_path: Path) -> None:
    host = Handled()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(CAT)
        await engine.running(job)
        host.is_away = True
        done: Any = await engine.ask(ask.Pause(targets=ask.Targets(ids=(job,))))
        error = done.results[0].error
        assert (done.results[0].ok, error) == (False, f"#{job}: no link to `local`: no route")
        assert (await engine.job(job)).now.paused_at is None


async def test_bytes_go_in_pieces_until_one_is_not_taken(tmp_path: Path) -> None:
    host = Handled()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(CAT)
        await engine.running(job)
        fed: Any = await engine.ask(ask.Feed(id=job, data=b"x" * 150_000, end=True))
        assert (fed.taken, fed.ended) == (65_536, False)
        assert host.told == ["feed 65536 False", "feed 65536 False"]
        fed = await engine.ask(ask.Feed(id=job, data=b"y", end=True))
        assert (fed.taken, fed.ended) == (1, True)
        assert (await engine.story(job))[-1] == "attempt.fed"


class FallsSilent(FakeBackend):
    """Takes one piece."""

    taken = 0

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        if self.taken:
            raise Unreachable("no route")
        self.taken = len(data)
        return self.taken


async def test_what_a_host_took_before_it_fell_silent_is_counted(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, FallsSilent(), clock=clock) as engine:
        [job] = await engine.submit(CAT)
        await engine.running(job)

        async def send() -> None:
            with pytest.raises(Unreachable, match="no link to `local`: no route") as told:
                await engine.ask(ask.Feed(id=job, data=b"x" * 150_000, end=True))
            assert told.value.details["taken"] == 65_536

        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(send())
            while not sending.done():
                clock.advance(1)
                await turns(5)
        assert "attempt.fed" in await engine.story(job)


class Breaks(FakeBackend):
    """Its link breaks after each piece was taken, before that is told."""

    def __init__(self) -> None:
        super().__init__(cpus=1)
        self.got: list[tuple[int, bytes]] = []

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        if self.got and self.got[-1][0] == piece:
            return len(data)
        self.got.append((piece, data))
        raise Unreachable("cut")


async def test_a_piece_without_an_answer_is_sent_again_as_the_same(tmp_path: Path) -> None:
    host = Breaks()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(CAT)
        await engine.running(job)
        data = bytes(range(256)) * 600
        fed: Any = await engine.ask(ask.Feed(id=job, data=data, end=True))
        assert (fed.taken, fed.ended) == (len(data), True)
        assert b"".join(piece for _, piece in host.got) == data
        numbers = [number for number, _ in host.got]
        assert numbers == sorted(set(numbers))


async def test_who_stops_to_listen_is_counted_what_it_took(tmp_path: Path) -> None:
    host = Handled()
    async with an_engine(tmp_path, host) as engine:
        [job] = await engine.submit(CAT)
        await engine.running(job)
        host.is_deaf = True
        fed: Any = await engine.ask(ask.Feed(id=job, data=b"x" * 150_000, end=True))
        assert (fed.taken, fed.ended) == (65_536, False)
        with pytest.raises(NotAllowed, match="closed its standard input"):
            await engine.ask(ask.Feed(id=job, data=b"y"))
