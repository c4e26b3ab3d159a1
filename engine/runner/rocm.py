"""What rocm-smi tells of devices, and the kernel of the processes that hold their memory."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.runner.asking import Tool
from engine.runner.device import Device, Holder

KFD = Path("/sys/class/kfd/kfd")
"""Where the kernel tells of AMD's compute processes."""

_ASKED = ("--showproductname", "--showmeminfo", "vram", "--showuse", "--json")
_CARD = re.compile(r"card(\d+)")
_MB = 1 << 20


def devices(smi: str, tool: Tool, kfd: Path = KFD) -> tuple[Device, ...]:
    """The devices and who holds them; empty if the driver does not say."""
    told = tool.ask([smi, *_ASKED])
    return () if told is None else parse(told, holders(kfd))


def parse(told: str, held: Mapping[int, tuple[Holder, ...]]) -> tuple[Device, ...]:
    """Devices from the answer; `held` are the processes on each. Nonsense is no device."""
    try:
        cards = json.loads(told[told.index("{") :])
    except ValueError:  # warnings alone, or a torn answer
        return ()
    found = [
        _device(int(name[1]), {key.lower(): value for key, value in card.items()}, held)
        for key, card in cards.items()
        if (name := _CARD.fullmatch(key)) and isinstance(card, dict)
    ]
    return tuple(sorted(found, key=lambda device: device.index))


def holders(kfd: Path) -> dict[int, tuple[Holder, ...]]:
    """Processes with memory on each device, by its index: the order of the kernel's nodes."""
    index_of = {gpu: index for index, gpu in enumerate(_gpu_ids(kfd))}
    found: dict[int, tuple[Holder, ...]] = {}
    for process in (kfd / "proc").glob("[0-9]*"):
        for file in process.glob("vram_*"):
            index = index_of.get(file.name.removeprefix("vram_"))
            held = _number(_text(file))
            if index is not None and held:
                holder = Holder(pid=int(process.name), memory_mb=max(held // _MB, 1))
                found[index] = (*found.get(index, ()), holder)
    return found


def _gpu_ids(kfd: Path) -> Iterator[str]:
    """Of each node that is a GPU; a processor's is 0."""
    nodes = (kfd / "topology" / "nodes").glob("[0-9]*")
    for node in sorted(nodes, key=lambda path: int(path.name)):
        if (gpu := _text(node / "gpu_id")) not in ("", "0"):
            yield gpu


def _device(
    index: int, card: Mapping[str, Any], held: Mapping[int, tuple[Holder, ...]]
) -> Device:
    return Device(
        index=index,
        kind=str(card.get("card series") or card.get("card model") or "AMD"),
        memory_mb=(_number(card.get("vram total memory (b)")) or 0) // _MB,
        used_mb=(_number(card.get("vram total used memory (b)")) or 0) // _MB,
        busy_percent=_number(card.get("gpu use (%)")),
        holders=held.get(index, ()),
    )


def _number(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if text.isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
