"""The verbs of the host protocol: what each is given, and what it answers."""

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from engine.runner import (
    blobs,
    bounds,
    feeding,
    host_facts,
    host_words,
    identity,
    log_search,
    logs,
    machine,
    pausing,
    supervisors,
    verbs,
)
from engine.runner.faults import BadRequestError, RunnerError
from engine.runner.host_asked import Asked, Say
from engine.runner.host_words import count, name, number, signal_name, text, yes_no
from engine.runner.host_work import Work
from engine.runner.records import Status
from engine.runner.sight import GpuLook, Look
from engine.runner.usage import Use


def hello(work: Work, asked: Asked, epoch: int, *marks: str) -> None:
    """Prepare the spool, fence off older epochs, and say what the host is.

    Who may not start anything here fences off nobody.

    Args:
        work: At hand.
        asked: The request.
        epoch: Of the daemon.
        marks: Which daemon it is, among all that may have this epoch; none, or one.
    """
    spool = work.spool
    spool.prepare()
    if work.may("start"):
        spool.fence(epoch)
        for mark in marks:
            spool.claim(epoch, mark)
    else:
        spool.check_epoch(epoch)
    spool.meet()
    blobs.expire(spool)
    told = (
        ("ident", identity.ident()),
        ("epoch", spool.newest_epoch()),
        ("system", platform.system()),
        ("home", os.fsencode(host_facts.home())),
        ("user", host_facts.user()),
        ("path", os.fsencode(host_facts.search_path())),
        ("cpu_milli", machine.cores() * 1000),
        ("memory_mb", machine.memory_mb()),
        ("storage_mb", machine.disk_free_mb(spool.root)),
        ("session", work.session),
        ("capabilities", ";".join(host_facts.capabilities())),
        ("warnings", ";".join(host_facts.warnings())),
        ("limits", _limits()),
        ("uptime_ms", identity.uptime_ms()),
        ("now_us", identity.now_us()),
    )
    asked.done(b"ok", *host_words.pairs(told))


def status(work: Work, asked: Asked, *attempts: str) -> None:
    """Of each."""
    _tell(asked, [work.status(attempt) for attempt in attempts])


def list_(work: Work, asked: Asked) -> None:
    """Of every attempt that was not cleaned up."""
    _tell(asked, [work.judged(one) for one in verbs.statuses(work.spool)])


def void(work: Work, asked: Asked, epoch: int, *attempts: str) -> None:
    """Make sure that those which have not started never do."""
    _tell(asked, [verbs.void(work.spool, attempt, epoch) for attempt in attempts])


def watch(work: Work, asked: Asked, *attempts: str) -> None:
    """Tell of their ends from now on."""
    statuses = [work.status(attempt) for attempt in attempts]
    asked.done(b"ok")
    for one in statuses:
        work.watch(one)


def stop(
    work: Work, asked: Asked, attempt: str, epoch: int, grace_ms: int, signal: str
) -> None:
    """Begin to end it."""
    now, pid = supervisors.stop(
        work.spool, attempt, epoch, sh=work.sh, signal_name=signal, grace_ms=grace_ms
    )
    work.let_go(pid)
    asked.is_now(now)


def renew(work: Work, asked: Asked, epoch: int, at_ms: int, *attempts: str) -> None:
    """Which of them provably live; their leases begin anew, as of then."""
    work.spool.check_epoch(epoch)
    live = [attempt for attempt in attempts if verbs.renew(work.spool, attempt, at_ms)]
    asked.done(b"ok", *(attempt.encode("ascii") for attempt in live))


def tail(work: Work, asked: Asked, attempt: str, stream: str, offset: int, limit: int) -> None:
    """A piece of a log."""
    folder = verbs.log_folder(work.spool, attempt)
    piece = logs.read_piece(folder, stream, offset, limit)
    numbers = piece.offset, piece.size, piece.dropped, len(piece.data)
    asked.data(b"%d %d %d %d" % numbers, piece.data)


def find(
    work: Work,
    asked: Asked,
    attempt: str,
    stream: str,
    offset: int,
    length: int,
    fold: bool,
    wanted: bytes,
) -> None:
    """Lines of a window of a log that may have a text."""
    folder = verbs.log_folder(work.spool, attempt)
    found = log_search.search(folder, stream, offset, length, log_search.Wanted(wanted, fold))
    data = host_words.of_found(found)
    asked.data(b"%d %d %d %d" % (found.start, found.size, found.dropped, len(data)), data)


def trim(work: Work, asked: Asked, attempt: str, cap_bytes: int) -> None:
    """Drop the oldest bytes of its logs over the cap."""
    folder = verbs.log_folder(work.spool, attempt)
    gone = sum(logs.trim(folder, stream, cap_bytes) for stream in logs.STREAMS)
    asked.done(b"ok", b"%d" % gone)


def tidy(work: Work, asked: Asked, *attempts: str) -> None:
    """Leave nothing of those that have ended but logs."""
    for attempt in attempts:
        verbs.tidy(work.spool, attempt)
        work.verdicts.forget(attempt)
    asked.done(b"ok")


def gc(work: Work, asked: Asked, attempt: str, epoch: int) -> None:
    """Leave nothing of it, if it has ended."""
    verbs.gc(work.spool, attempt, epoch)
    work.verdicts.forget(attempt)
    asked.done(b"ok")


def look(work: Work, asked: Asked) -> None:
    """How the host is doing, if the spool is still there."""
    work.spool.check_there()
    work.aside.do(asked, work.looker.look, _tell_look)


def usage(work: Work, asked: Asked, *attempts: str) -> None:
    """What those that live use."""
    work.aside.do(asked, partial(work.gauge.usage, attempts), _tell_usage)


def pause(work: Work, asked: Asked, attempt: str, epoch: int, clocks_too: bool) -> None:
    """Let it stand still."""
    asked.is_now(pausing.pause(work.spool, attempt, epoch, clocks_too=clocks_too, sh=work.sh))


def resume(work: Work, asked: Asked, attempt: str, epoch: int) -> None:
    """Let it go on."""
    asked.is_now(pausing.resume(work.spool, attempt, epoch, sh=work.sh))


def feed(
    work: Work, asked: Asked, attempt: str, epoch: int, end: bool, piece: int, data: bytes
) -> None:
    """Give it more to read."""
    taken = feeding.feed(work.spool, attempt, epoch, data, end=end, piece=piece)
    asked.done(b"ok", b"%d" % taken)


def put(work: Work, asked: Asked, sha: str, size: int, offset: int, data: bytes) -> None:
    """Add to a blob as it comes in; its verification holds up no verb."""
    work.aside.do(asked, partial(blobs.put, work.spool, sha, size, offset, data), _tell_number)


def ping(_: Work, asked: Asked) -> None:
    """Nothing but an answer."""
    asked.done(b"ok", b"%d" % identity.uptime_ms())


@dataclass(frozen=True)
class Verb:
    """How a verb's words are read, and who carries it out."""

    do: Callable[..., None]
    """Called with the work, who asked, and the words; it answers, now or later."""
    words: Sequence[Callable[[bytes], Any]] = ()
    more: Callable[[bytes], Any] | None = None
    """Reads all further words; None: there must be none."""

    def read(self, given: Sequence[bytes]) -> list[Any]:
        """The words as values. Raises: BadRequestError: that is not what it takes."""
        wanted = len(self.words)
        if len(given) < wanted or (self.more is None and len(given) > wanted):
            raise BadRequestError(f"it takes {wanted} words, not {len(given)}")
        fixed = [read(word) for read, word in zip(self.words, given, strict=False)]
        return fixed + [self.more(word) for word in given[wanted:] if self.more]


VERBS = {
    "hello": Verb(hello, [count], more=name),
    "start": Verb(Work.start, [name, count, yes_no, text]),
    "status": Verb(status, more=name),
    "list": Verb(list_),
    "void": Verb(void, [count], more=name),
    "watch": Verb(watch, more=name),
    "stop": Verb(stop, [name, count, count, signal_name]),
    "renew": Verb(renew, [count, count], more=name),
    "tail": Verb(tail, [name, name, number, count]),
    "find": Verb(find, [name, name, count, count, yes_no, text]),
    "trim": Verb(trim, [name, count]),
    "tidy": Verb(tidy, more=name),
    "gc": Verb(gc, [name, count]),
    "look": Verb(look),
    "usage": Verb(usage, more=name),
    "pause": Verb(pause, [name, count, yes_no]),
    "resume": Verb(resume, [name, count]),
    "feed": Verb(feed, [name, count, yes_no, count, text]),
    "put": Verb(put, [name, count, count, text]),
    "ping": Verb(ping),
}


def answer(work: Work, say: Say, request: bytes) -> None:
    """Carry out one line of the protocol; its answer, or its error, is said now or later."""
    first, *words = request.split(b" ")
    asked = Asked(first if first.isdigit() else b"0", say)
    try:
        if not first.isdigit() or not words:
            raise BadRequestError("a request is SEQ VERB WORD…")
        _carry_out(work, asked, words[0].decode("ascii", "replace"), words[1:])
    except (RunnerError, OSError, ValueError, LookupError) as error:
        asked.failed(error)


def _carry_out(work: Work, asked: Asked, verb: str, words: Sequence[bytes]) -> None:
    if verb not in VERBS:
        raise BadRequestError(f"{verb[:40]!r} is no verb")
    if not work.may(verb):
        asked.done(b"error denied", f"this key may not {verb}".encode("ascii"))
        return
    known = VERBS[verb]
    known.do(work, asked, *known.read(words))


def _tell(asked: Asked, statuses: Iterable[Status]) -> None:
    for one in statuses:
        asked.part(b"is", host_words.of_status(one))
    asked.done(b"ok")


def _tell_number(asked: Asked, number: int) -> None:
    asked.done(b"ok", b"%d" % number)


def _tell_look(asked: Asked, seen: Look) -> None:
    told = [
        ("load", None if seen.load is None else round(seen.load * 100)),
        ("busy", seen.busy_percent),
        ("memory_free_mb", seen.memory_free_mb),
        ("disk_free_mb", seen.disk_free_mb),
        ("now_us", seen.now_us),
        ("uptime_ms", seen.uptime_ms),
        *(("gpu", _gpu(gpu)) for gpu in seen.devices),
    ]
    asked.done(b"ok", *host_words.pairs(told))


def _tell_usage(asked: Asked, used: Sequence[Use]) -> None:
    for use in used:
        gpu = "-" if use.gpu_mb is None else use.gpu_mb
        line = f"{use.attempt} {use.cpu_ms} {use.memory_mb} {use.processes} {gpu}"
        asked.part(b"use", line.encode("ascii"))
    asked.done(b"ok")


def _gpu(gpu: GpuLook) -> str:
    kind = gpu.kind.replace(";", ",")
    busy = "-" if gpu.busy_percent is None else gpu.busy_percent
    return f"{gpu.index};{kind};{gpu.memory_mb};{gpu.used_mb};{gpu.foreign_mb};{busy}"


@cache
def _limits() -> str:
    return bounds.level()
