"""`add_worker`: a host is reached, looked at, and takes work from then on."""

from contextlib import suppress
from functools import partial

from engine.config import WorkerRules, read_worker
from engine.control.messages import AddWorker
from engine.control.views import Acted, Result
from engine.daemon.desk import Caller, Desk
from engine.daemon.fleet.adding_line import adding_line
from engine.daemon.fleet.host_answers import abode, named, try_neighbours
from engine.errors import BackendError, InvalidSpec, LinkRefused, NotAllowed
from engine.model.ids import check_name

LOOK_S = 15.0
"""So long the first look may take before it is answered without what it will show."""

BY_COMMAND = "workers add"
"""What errors call the place where a worker was told by command."""


async def add(desk: Desk, caller: Caller, ask: AddWorker) -> Acted:
    """Reach a new worker's host, and have it take work from now on.

    Raises:
        InvalidSpec: something in its table is wrong.
        NotAllowed: there is a worker of this name; says where.
        Unreachable, LinkRefused: its host cannot be had; nothing was added.
    """
    caller.must_act()
    check_name("worker", ask.name)
    rules = read_worker(ask.name, ask.table, BY_COMMAND)
    if rules.is_here:
        raise InvalidSpec(
            f"{BY_COMMAND}: workers.{ask.name}.backend: parts of this machine are told of in "
            "the configuration; a worker elsewhere has an address",
            field="backend",
            nearest="ssh",
        )
    is_free = partial(_must_be_new, desk, ask.name, rules)
    is_free()
    try:
        await desk.enrolment.admit(
            ask.name, rules, ask.table, trust=ask.trust, actor=caller.user, is_free=is_free
        )
    except LinkRefused as error:
        again = adding_line(ask.name, ask.table)
        raise named(ask.name, rules.address, error, again) from error
    except BackendError as error:
        raise named(ask.name, rules.address, error) from error
    if ask.trust:
        try_neighbours(desk, ask.name)
    with suppress(TimeoutError):
        await desk.clock.within(LOOK_S, desk.fleet.members[ask.name].linking.first_look())
    return Acted(
        results=(Result(id=ask.name, ok=True, now=_taken_on(desk, ask.name)),), matched=1
    )


def _taken_on(desk: Desk, name: str) -> str:
    """What a new worker has, and what else is to be said of it."""
    worker = desk.working_set.workers[name]
    has = [f"{worker.slots} slots", f"{worker.capacity.cpu_milli / 1000:g} cpu"]
    if worker.capacity.gpu:
        has.append(f"{worker.capacity.gpu} gpu")
    return "; ".join((f"takes work: {', '.join(has)}", *desk.fleet.told_of(name)))


def _must_be_new(desk: Desk, name: str, rules: WorkerRules) -> None:
    if place := desk.configured.place_of(name):
        raise NotAllowed(
            f"worker {name!r} stands in the configuration ({place}): change it there and run "
            "`crabtui reload`",
            field="name",
        )
    if name in desk.working_set.workers:
        raise NotAllowed(
            f"there is a worker {name!r} already: `crabtui workers remove {name}` first, or "
            "choose another name",
            field="name",
        )
    for member in desk.fleet.members.values():
        if rules.address and not member.rules.is_here and abode(member.rules) == abode(rules):
            raise NotAllowed(
                f"that is worker {member.name!r}: the same account and the same spool on the "
                f"same host, so all it has would count twice; a second worker there has a "
                "`--spool` of its own, and says with `--slots` and `--cpus` what part is its",
                field="address",
                nearest=member.name,
            )
