"""A host that cannot search has its logs read; what is found is the same."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backends import log_reading
from engine.backends.protocol import Chunk
from engine.model.ids import AttemptId
from engine.runner.log_search import Wanted, search

LINES = st.lists(st.sampled_from([b"", b"needle", b"a Needle b", b"x" * 300]), max_size=30)


class Host:
    def __init__(self, data: bytes, dropped: int = 0) -> None:
        self.data, self.dropped = data, dropped

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        begin = min(max(offset, self.dropped), len(self.data))
        data = self.data[begin : begin + limit]
        return Chunk(data=data, offset=begin, size=len(self.data), dropped=self.dropped)


@settings(max_examples=60, deadline=None)
@given(LINES, st.booleans(), st.integers(1, 700))
def test_what_is_read_here_is_found_as_there(tmp_path_factory, lines, ended, length):
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    folder = tmp_path_factory.mktemp("a")
    (folder / "out").write_bytes(data)
    host, wanted, at = Host(data), Wanted(b"needle", fold=True), 0
    while at < len(data):
        there = search(folder, "out", at, length, wanted)
        here = asyncio.run(
            log_reading.find(host.tail, AttemptId("1-1-1"), "out", at, length, wanted)
        )
        assert here == there
        assert here.next > at
        at = here.next


async def test_what_was_dropped_is_passed_over():
    host = Host(b"needle 1\nneedle 2\nneedle 3\n", dropped=9)
    found = await log_reading.find(
        host.tail, AttemptId("1-1-1"), "out", 0, 100, Wanted(b"needle")
    )
    assert [line.data for line in found.lines] == [b"needle 2", b"needle 3"]
    assert (found.start, found.count) == (9, 2)
