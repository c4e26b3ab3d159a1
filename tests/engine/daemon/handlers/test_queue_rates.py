"""How fast jobs come into a queue."""

from pathlib import Path
from typing import Any

from engine.control import messages as ask
from tests.kit.engine import an_engine

HELD: dict[str, Any] = {"argv": ["true"], "hold": True}


async def test_what_came_in_the_last_minute_is_counted_by_queue(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit(*[{**HELD, "queue": name} for name in ("gpu", "gpu", "cpu")])
        await engine.ask(ask.SubmitArray(job={**HELD, "queue": "cpu"}, values=("1-5",)))
        view: Any = await engine.ask(ask.ListQueues())
        came = {queue.name: queue.came_per_min for queue in view.queues}
        assert came == {"default": 0, "gpu": 2, "cpu": 6}
