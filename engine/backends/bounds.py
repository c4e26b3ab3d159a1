"""What holds a job to the memory and the cores that it asked for, on its host."""

import os

from engine.runner.bounds import scope_words


def words(level: str, attempt: str, memory_mb: int, cpu_milli: int) -> tuple[str, ...]:
    """Words that go before the command of an attempt; none where a limit needs no process.

    Cores are shared by weight and not capped: what nobody else wants may be used.

    Args:
        level: What its host can do, as it said.
        attempt: Its id.
        memory_mb: 0: no limit.
        cpu_milli: Thousandths of a core.
    """
    manager = scope_words(level)
    if not manager or not memory_mb:
        return ()
    return (
        *manager,
        f"--unit=crabtui-{attempt}-{os.getpid()}",
        f"--property=MemoryMax={memory_mb}M",
        "--property=MemorySwapMax=0",
        f"--property=CPUWeight={min(max(cpu_milli // 10, 1), 10_000)}",
        "--",
    )
