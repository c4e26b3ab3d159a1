"""The door: a frame that is on its way is sent whole, whatever is dropped meanwhile."""

from tests.kit.engine import an_engine
from tests.kit.raw_door import Raw, a_door

LARGE = 3_000_000
"""Bytes of a frame that fit into no socket's buffer."""


async def test_a_drop_tears_no_frame(tmp_path):
    async with an_engine(tmp_path) as engine, a_door(engine, tmp_path) as path:
        [job] = await engine.submit({"argv": ["true"]})
        attempt = await engine.running(job)
        engine.host.logs[attempt] = b"x" * LARGE
        raw = await Raw.connect(path)
        for number in range(1, 20):
            raw.ask(number, verb="follow_log", id=job)
        first = await raw.read()
        for number in range(1, 20):
            raw.send({"id": number, "drop": True})
        raw.ask(99, verb="stats")
        assert "item" in first
        while (reply := await raw.read())["id"] != 99:
            assert "item" in reply
        assert "ok" in reply
        await raw.close()
