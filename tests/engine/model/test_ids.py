"""How job ids are read, and attempt ids made."""

import pytest

from engine.errors import InvalidSpec
from engine.model.ids import ATTEMPT_ID, MAX_ID, Epoch, JobId, attempt_id, parse_job_id


@pytest.mark.parametrize(("text", "number"), [("1423", 1423), ("#7", 7), (str(MAX_ID), MAX_ID)])
def test_people_write_ids_with_and_without_a_sign(text: str, number: int) -> None:
    assert parse_job_id(text) == number


@pytest.mark.parametrize(
    "text", ["", "#", "0", "-1", "1.0", "١٤", "1 2", "##1", str(MAX_ID + 1), "9" * 5000, "x"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpec, match="is not a job id"):
        parse_job_id(text)


def test_attempt_ids_are_file_names_and_tell_everything_apart() -> None:
    ids = {
        attempt_id(JobId(job), number, Epoch(epoch))
        for job in (1, 11)
        for number in (1, 11)
        for epoch in (1, 11)
    }
    assert len(ids) == 8
    assert all(ATTEMPT_ID.fullmatch(one) for one in ids)
