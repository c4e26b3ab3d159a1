"""What nvidia-smi tells of devices and of the processes that hold their memory."""

from collections.abc import Iterator

from engine.runner.asking import Tool
from engine.runner.device import Device, Holder

_DEVICES = "index,uuid,name,memory.total,memory.used,utilization.gpu"
_HOLDERS = "gpu_uuid,pid,used_memory"


def devices(smi: str, tool: Tool) -> tuple[Device, ...]:
    """The devices and who holds them; empty if the driver does not say all of it."""
    told = tool.ask([smi, f"--query-gpu={_DEVICES}", "--format=csv,noheader,nounits"])
    if told is None:
        return ()
    held = tool.ask([smi, f"--query-compute-apps={_HOLDERS}", "--format=csv,noheader,nounits"])
    return () if held is None else parse(told, held)


def parse(told: str, held: str) -> tuple[Device, ...]:
    """Devices from both answers; a line that makes no sense is skipped.

    A process whose memory the driver does not tell (`[N/A]`) has 0 here, but is listed.
    """
    holders = list(_holders(held))
    return tuple(
        Device(
            index=int(index),
            kind=name,
            memory_mb=_number(total) or 0,
            used_mb=_number(used) or 0,
            busy_percent=_number(busy),
            holders=tuple(holder for at, holder in holders if at == uuid),
        )
        for index, uuid, name, total, used, busy in _rows(told, 6)
        if index.isdecimal()
    )


def _holders(held: str) -> Iterator[tuple[str, Holder]]:
    for uuid, pid, used in _rows(held, 3):
        if pid.isdecimal():
            yield uuid, Holder(pid=int(pid), memory_mb=_number(used) or 0)


def _rows(text: str, width: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        row = [cell.strip() for cell in line.split(",")]
        if len(row) == width:
            yield row


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
