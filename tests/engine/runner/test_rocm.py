"""What rocm-smi prints and the kernel of AMD's devices tells."""

import json
from pathlib import Path

from engine.runner.device import Holder
from engine.runner.rocm import holders, parse

CARD = {
    "Card series": "AMD Instinct MI210",
    "Card model": "0x0c34",
    "VRAM Total Memory (B)": "68702699520",
    "VRAM Total Used Memory (B)": "1073741824",
    "GPU use (%)": "12",
}


def test_devices() -> None:
    told = {"card1": CARD, "card0": CARD | {"GPU use (%)": "N/A"}, "system": {"x": "y"}}
    held = {1: (Holder(pid=7, memory_mb=900),)}
    first, second = parse("WARNING: low power state\n" + json.dumps(told), held)
    assert (first.index, first.kind, first.memory_mb) == (0, "AMD Instinct MI210", 65520)
    assert (first.used_mb, first.busy_percent, first.holders) == (1024, None, ())
    assert (second.index, second.busy_percent, second.holders) == (1, 12, held[1])


def test_nonsense_is_no_device() -> None:
    assert parse("", {}) == ()
    assert parse("ERROR: no driver", {}) == ()
    assert parse('{"card0": {"GPU use', {}) == ()


def test_the_kernel_tells_who_holds_memory(tmp_path: Path) -> None:
    for node, gpu in (("0", "0"), ("1", "51234"), ("10", "777"), ("2", "4444")):
        (tmp_path / "topology/nodes" / node).mkdir(parents=True)
        (tmp_path / "topology/nodes" / node / "gpu_id").write_text(f"{gpu}\n")
    for pid, gpu, held in (("7", "51234", 5 << 20), ("8", "777", 10), ("8", "4444", 0)):
        (tmp_path / "proc" / pid).mkdir(parents=True, exist_ok=True)
        (tmp_path / "proc" / pid / f"vram_{gpu}").write_text(f"{held}\n")
    assert holders(tmp_path) == {
        0: (Holder(pid=7, memory_mb=5),),
        2: (Holder(pid=8, memory_mb=1),),
    }
    assert holders(tmp_path / "not there") == {}
