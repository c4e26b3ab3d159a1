"""`result`: what a job came to."""

import msgspec

from engine.control.messages import ReadResult
from engine.control.views import ResultView
from engine.daemon.desk import Caller, Desk
from engine.daemon.pictures.rendering import trouble
from engine.errors import NotFound
from engine.model.ids import JobId


async def answer(desk: Desk, _: Caller, ask: ReadResult) -> ResultView:
    """Its result, if it has left one. Raises: NotFound."""
    id_ = JobId(ask.id)
    job = await desk.store.job(id_)
    if job is None:
        raise NotFound(f"there is no job #{id_}", field="id")
    found = (await desk.store.results([id_])).get(id_)
    return ResultView(
        id=id_,
        state=job.now.state.value,
        has_result=found is not None,
        result=None if found is None else msgspec.json.decode(found.body),
        attempt="" if found is None else found.attempt,
        error=trouble(job.now.trouble),
    )
