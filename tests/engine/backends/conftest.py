"""Backends that keep the contract, each on a spool of its own."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.local_shell import LocalShell
from engine.backends.protocol import Backend
from engine.backends.stream_shell import StreamShell
from engine.clock import SystemClock
from engine.model.ids import Epoch
from engine.testing.backend_contract import MakeBackend, MakeHands
from tests.engine.backends.hands import EPOCH, Hands
from tests.kit.pipes import PipeLine
from tests.kit.processes import end_all


def local(root: Path) -> Backend:
    return DetachedBackend(LocalShell(root), SystemClock())


def by_python(root: Path) -> Backend:
    return _streamed(root, "auto")


def by_sh(root: Path) -> Backend:
    return _streamed(root, "no")


def _streamed(root: Path, python: str) -> Backend:
    env = {"PATH": os.environ["PATH"], "HOME": "/"}
    abode = Abode(root=str(root), python=python)
    return DetachedBackend(StreamShell(PipeLine(env=env), SystemClock(), abode), SystemClock())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture(params=[local, by_python, by_sh])
def make_backend(request: pytest.FixtureRequest, root: Path) -> Iterator[MakeBackend]:
    """Makes backends on one spool, which were not greeted yet."""
    yield lambda: request.param(root)
    end_all(root.parent)


@pytest.fixture
async def make_hands(make_backend: MakeBackend) -> AsyncIterator[MakeHands]:
    """Makes backends on one spool, one after the other: as daemons come and go."""
    made: list[Backend] = []

    async def make(epoch: Epoch) -> Hands:
        backend = make_backend()
        made.append(backend)
        await backend.hello(epoch)
        return Hands(backend, epoch)

    yield make
    for backend in made:
        await backend.close()


@pytest.fixture
async def hands(make_hands: MakeHands) -> Hands:
    return await make_hands(EPOCH)
