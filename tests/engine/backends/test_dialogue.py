"""A dialogue gives every answer to who asked, and leaves nobody waiting for ever."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends.dialogue import MOST_NOISE_BYTES, Dialogue
from engine.errors import Unreachable
from engine.runner.faults import BadRequestError, StaleError


class Written:
    """A wire that keeps what was written."""

    def __init__(self) -> None:
        self.data = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.is_closed = True


def talking(ended: list[bytes] | None = None) -> tuple[Dialogue, Written]:
    dialogue, wire = Dialogue((ended if ended is not None else []).append), Written()
    dialogue.wire = wire
    dialogue.data_received(b"motd\ncrab-1 ready sh\n")
    return dialogue, wire


async def test_answers_go_to_who_asked_in_whatever_pieces_they_come() -> None:
    ended: list[bytes] = []
    dialogue, wire = talking(ended)
    first = dialogue.ask("status", "1-1-1", "2-1-1")
    second = dialogue.ask("tail", "1-1-1", "out", 0, 10)
    third = dialogue.ask("ping")
    assert wire.data == b"1 status 1-1-1 2-1-1\n2 tail 1-1-1 out 0 10\n3 ping\n"
    said = (
        b"1 is 1-1-1 running\n+ ended 9-1-1\n1 is 2-1-1 void\n1 ok\n"
        b"2 data 0 7 0 7\n1 ok\n3 3 ok 77\n"
    )
    for byte in said:
        dialogue.data_received(bytes([byte]))
    assert (await first).parts == [b"1-1-1 running", b"2-1-1 void"]
    assert (await second).data == b"1 ok\n3 "
    assert (await third).words == [b"ok", b"77"]
    assert ended == [b"9-1-1"]


@given(cuts=st.lists(st.integers(0, 60), max_size=6))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    async def talk() -> None:
        dialogue, _ = talking()
        asked = [dialogue.ask("tail", "a", "out", 0, 9), dialogue.ask("ping")]
        said = b"1 data 0 9 0 9\n\n\n2 ok\n\n\x002 ok 5\n"
        edges = [0, *sorted({min(cut, len(said)) for cut in cuts}), len(said)]
        for begin, end in pairwise(edges):
            dialogue.data_received(said[begin:end])
        assert asked[0].result().data == b"\n\n2 ok\n\n\x00"
        assert asked[1].result().words == [b"ok", b"5"]

    asyncio.run(talk())


async def test_errors_are_raised_by_their_kind() -> None:
    dialogue, _ = talking()
    stale, bad, failed = (dialogue.ask("x") for _ in range(3))
    dialogue.data_received(b"1 error stale 9 epoch 4 is over\n2 error bad no such verb: x\n")
    dialogue.data_received(b"3 error failed No space left\n")
    with pytest.raises(StaleError) as caught:
        await stale
    assert caught.value.newest == 9
    with pytest.raises(BadRequestError, match="no such verb: x"):
        await bad
    with pytest.raises(Unreachable, match="No space left"):
        await failed


async def test_a_lost_wire_fails_all_who_wait_and_all_who_come() -> None:
    dialogue, _ = talking()
    asked = dialogue.ask("ping")
    half = dialogue.ask("tail", "a", "out", 0, 100)
    dialogue.data_received(b"2 data 0 100 0 100\nonly some")
    dialogue.connection_lost("reset by peer")
    dialogue.connection_lost("again")
    for one in (asked, half, dialogue.ask("ping")):
        assert one.done()
        with pytest.raises(Unreachable, match="reset by peer"):
            await one
    assert await dialogue.lost == "reset by peer"


@pytest.mark.parametrize(
    "said", [b"nonsense\n", b"77 ok\n", b"1 data 0 0\n", b"1 data x y z w\n", b"\n", b"\xff \n"]
)
async def test_nonsense_ends_the_conversation(said: bytes) -> None:
    dialogue, wire = talking()
    asked = dialogue.ask("ping")
    dialogue.data_received(said)
    assert wire.is_closed
    with pytest.raises(Unreachable, match="nobody can understand"):
        await asked


async def test_a_caller_that_left_is_not_missed() -> None:
    dialogue, _ = talking()
    left, stays = dialogue.ask("ping"), dialogue.ask("ping")
    left.cancel()
    dialogue.data_received(b"1 ok 1\n2 ok 2\n")
    assert (await stays).words == [b"ok", b"2"]


async def test_the_last_words_of_a_host_that_never_spoke_tell_why() -> None:
    dialogue = Dialogue(print)
    dialogue.wire = Written()
    dialogue.stderr_received(b"sh: head: not found\n")
    dialogue.connection_lost("it has ended")
    with pytest.raises(Unreachable, match="it has ended: sh: head: not found"):
        await dialogue.greeting()


async def test_a_profile_that_never_stops_is_not_listened_to() -> None:
    dialogue = Dialogue(print)
    dialogue.wire = wire = Written()
    dialogue.data_received(b"y\n" * MOST_NOISE_BYTES)
    assert wire.is_closed
    with pytest.raises(Unreachable, match="says too much"):
        await dialogue.greeting()
