"""Targets: what an act says of many jobs, and how far it gets before somebody dies."""

from pathlib import Path

from engine.control import messages as ask
from engine.control.views import Acted, Result
from engine.daemon.acts.targets import AT_ONCE, REPORTED, Answers
from tests.kit.engine import Engine, an_engine

TRUE: dict[str, object] = {"argv": ["true"]}


def results(count: int, *failed: int) -> list[Result]:
    return [Result(id=id_, ok=id_ not in failed) for id_ in range(1, count + 1)]


def told(given: list[Result]) -> list[int | str]:
    answers = Answers()
    answers.extend(given)
    return [one.id for one in answers.told()]


def test_as_many_as_can_be_told_are_told_in_their_order() -> None:
    assert told(results(REPORTED, 3, REPORTED)) == list(range(1, REPORTED + 1))


def test_of_more_those_that_did_not_work_come_first() -> None:
    ids = told(results(2 * REPORTED, 7, 2 * REPORTED))
    assert ids[:4] == [7, 2 * REPORTED, 1, 2]
    assert len(ids) == REPORTED


def test_of_more_that_did_not_work_none_that_did_are_told() -> None:
    failed = range(2, 2 * REPORTED + 2)
    assert told(results(3 * REPORTED, *failed)) == list(failed[:REPORTED])


async def acted(engine: Engine, request: object) -> Acted:
    answer = await engine.ask(request)
    assert isinstance(answer, Acted)
    return answer


async def test_priorities_are_told_of_jobs_beside_a_large_array(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True))
        count = REPORTED + AT_ONCE
        await engine.ask(ask.SubmitArray(job=TRUE, values=(f"1-{count}",)))
        [alone] = await engine.submit({**TRUE, "priority": "low"})
        targets = ask.Targets(ids=(1, alone))
        answer = await acted(engine, ask.SetPriority(targets=targets, to="high"))
        assert [(one.id, one.was, one.now) for one in answer.results] == [
            (1, "normal", f"high ({count} members)"),
            (alone, "low", "high"),
        ]


async def test_all_that_can_be_told_of_a_filter_have_their_priorities(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True))
        count = REPORTED + AT_ONCE
        await engine.ask(ask.SubmitArray(job=TRUE, values=(f"1-{count}",)))
        targets = ask.Targets(where="array:1")
        answer = await acted(engine, ask.SetPriority(targets=targets, to="high"))
        assert answer.matched == count
        assert len(answer.results) == REPORTED
        assert {(one.was, one.now) for one in answer.results} == {("normal", "high")}
