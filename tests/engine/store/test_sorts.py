"""Every order that is offered can be asked for, and no other."""

import pytest

from engine.errors import InvalidSpec
from engine.model.sorts import SORTS
from engine.store.sqlite.sorts import TERMS, order


def test_what_is_offered_is_what_can_be_asked_for():
    assert set(SORTS) == set(TERMS)
    assert all(order(sort, descending=False).terms for sort in SORTS)


@pytest.mark.parametrize("sort", ["wait", "tenant", "", "rank; DROP TABLE jobs"])
def test_no_other_order_is_known(sort):
    with pytest.raises(InvalidSpec, match="unknown sort"):
        order(sort, descending=True)
