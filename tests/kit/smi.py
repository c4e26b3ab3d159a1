"""A driver's tool that tests play: a real executable that prints what it is told to."""

from pathlib import Path

GPU = "{index}, GPU-{index}, {kind}, 40960, {used}, {busy}"


class FakeSmi:
    """`nvidia-smi` in a folder that goes into PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._told = folder / "devices"
        self._held = folder / "held"
        self._asked = folder / "asked"
        self.has()
        smi = folder / "nvidia-smi"
        smi.write_text(
            "#!/bin/sh\n"
            f"echo \"$*\" >>'{self._asked}'\n"
            "case $* in\n"
            f"  *--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu\\ "
            f"--format=csv,noheader,nounits) exec cat '{self._told}' ;;\n"
            f"  *--query-compute-apps=gpu_uuid,pid,used_memory\\ "
            f"--format=csv,noheader,nounits) exec cat '{self._held}' ;;\n"
            "esac\n"
            "echo 'ERROR: Option is not recognized.'; exit 6\n"
        )
        smi.chmod(0o755)

    def has(self, *used_mb: int, kind: str = "NVIDIA A100-SXM4-40GB") -> None:
        """One device for each number: so much of its memory is used."""
        rows = [
            GPU.format(index=index, kind=kind, used=used, busy=5)
            for index, used in enumerate(used_mb)
        ]
        self._told.write_text("".join(f"{row}\n" for row in rows))
        self.held_by()

    def held_by(self, *holders: tuple[int, int, int]) -> None:
        """(device, pid, MB) of each process with memory."""
        rows = [f"GPU-{index}, {pid}, {held}\n" for index, pid, held in holders]
        self._held.write_text("".join(rows))

    @property
    def times_asked(self) -> int:
        """How often it ran."""
        return len(self._asked.read_text().splitlines()) if self._asked.exists() else 0
