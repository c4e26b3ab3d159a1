"""How large pools are, at any load."""

from hypothesis import given
from hypothesis import strategies as st

from engine.backends.pool.sizing import KINDS, most, size

BOUNDS = {"io": (4, 8), "cpu": (1, 1), "mixed": (2, 3), "memory": (0.5, 1)}


@given(st.sampled_from(sorted(BOUNDS)), st.integers(2, 256), st.floats(0, 100))
def test_a_pool_keeps_to_its_range(kind: str, cores: int, load: float) -> None:
    low, high = BOUNDS[kind]
    upper = most(kind, cores)
    assert upper == max(1, int(high * cores))
    assert int(low * cores) - 1 <= size(kind, load, upper) <= upper


@given(st.sampled_from(KINDS), st.floats(0, 2), st.floats(0, 2), st.integers(1, 100))
def test_more_load_never_makes_it_larger(
    kind: str, one: float, other: float, upper: int
) -> None:
    low, high = sorted((one, other))
    assert size(kind, high, upper) <= size(kind, low, upper)


def test_an_idle_machine_has_all_and_a_busy_one_the_least() -> None:
    assert size("io", 0.0, 16) == 16
    assert size("io", 3.0, 16) == 8
    assert size("memory", 3.0, 1) == 1
