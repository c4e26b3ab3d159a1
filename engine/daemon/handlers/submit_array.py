"""`submit_array`: one template and many parameters become an array of jobs."""

from engine.control.messages import SubmitArray
from engine.control.views import Submitted
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec
from engine.ledger.rows.submission import Sender
from engine.model.intake import check_surroundings
from engine.policy.arrays.expansion import MOST, sweep


async def answer(desk: Desk, caller: Caller, ask: SubmitArray) -> Submitted:
    """Store a composite job and its members, all or none. Raises: Refused."""
    caller.must_act()
    with desk.reception.judging(caller.user, None):
        check_surroundings(ask.cwd, ask.env)
        check_bound("limit", ask.limit)
        check_bound("stop_after", ask.stop_after)
        members = sweep(ask.values, ask.grid, ask.lines)
    return await desk.reception.submit_array(
        ask.job,
        members,
        Sender(user=caller.user, cwd=ask.cwd, env=ask.env, defaults={}),
        limit=ask.limit,
        stop_after=ask.stop_after,
        request_key=ask.request_key,
    )


def check_bound(field: str, value: int | None) -> None:
    """Raises: InvalidSpec, if an array cannot have this limit or number of failures."""
    if value is not None and not 1 <= value <= MOST:
        near = "1" if value < 1 else str(MOST)
        raise InvalidSpec(f"{field} {value}: 1 to {MOST}", field=field, nearest=near)
