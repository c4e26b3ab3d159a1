"""What a job asks for and what a worker has, in whole units: no rounding, no drift."""

from collections.abc import Iterator

import msgspec


class Resources(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount of everything that can be short. Arithmetic is exact."""

    cpu_milli: int = 1000
    """Thousandths of a core."""
    memory_mb: int = 0
    gpu: int = 0
    """Number of devices."""
    gpu_type: str | None = None
    """The kind of device wanted; None takes any. Not counted, only matched."""
    storage_mb: int = 0
    custom: tuple[tuple[str, int], ...] = ()
    """Named resources that an operator gave to workers, sorted by name."""

    def items(self) -> Iterator[tuple[str, int]]:
        """Every dimension that this amount speaks of, by the name users know."""
        yield "cpu_milli", self.cpu_milli
        if self.memory_mb:
            yield "memory_mb", self.memory_mb
        if self.gpu:
            yield "gpu", self.gpu
        if self.storage_mb:
            yield "storage_mb", self.storage_mb
        yield from self.custom


NOTHING = Resources(cpu_milli=0)


def amount_text(name: str, amount: int) -> str:
    """`amount` of the dimension `name`, as people say it: `1.5 cpu`, `512 MB memory`."""
    if name == "cpu_milli":
        return f"{amount / 1000:g} cpu"
    if name.endswith("_mb"):
        return f"{amount} MB {name[:-3]}"
    return f"{amount} {name}"
