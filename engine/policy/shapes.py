"""Amounts by dimension: what a shape takes, and what a worker has."""

from functools import lru_cache

from engine.model.intake import shape_of
from engine.model.job import Shape
from engine.model.resources import Resources

__all__ = ["amounts", "needs", "shape_of"]


@lru_cache(maxsize=8192)
def needs(shape: Shape) -> tuple[tuple[str, int], ...]:
    """The amounts that a job of this shape takes, by dimension; zeros left out."""
    asked = Resources(
        cpu_milli=shape.cpu_milli,
        memory_mb=shape.memory_mb,
        gpu=shape.gpu,
        storage_mb=shape.storage_mb,
        custom=shape.custom,
    )
    return tuple((name, amount) for name, amount in asked.items() if amount)


@lru_cache(maxsize=1024)
def amounts(capacity: Resources) -> dict[str, int]:
    """What a worker has, by dimension. Not to be changed."""
    return dict(capacity.items())
