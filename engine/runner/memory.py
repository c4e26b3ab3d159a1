"""Whether an attempt ended for want of memory, by the evidence that it left on its host."""

import re
from pathlib import Path
from typing import Final

_SAID: Final = re.compile(
    rb"\bMemoryError\b|[Cc]annot allocate memory|\bENOMEM\b|std::bad_alloc|[Oo]ut of memory"
    rb"|memory exhausted|fatal error: runtime: out of memory|java\.lang\.OutOfMemoryError"
)
"""How programs put it when an allocation was refused."""

_SAID_OF_DEVICE: Final = re.compile(
    rb"(CUDA|HIP) out of memory|(CUDA|HIP) error:? out of memory|\b(cuda|hip)ErrorOutOfMemory\b"
    rb"|\b(CUDA|HIP)_ERROR_OUT_OF_MEMORY\b|\b(CU|HIP)BLAS_STATUS_ALLOC_FAILED\b"
    rb"|\bRESOURCE_EXHAUSTED: Out of memory"
)
"""How libraries put it when a device had too little memory."""

_DEVICES: Final = re.compile(rb"\b(CUDA|ROCR)_VISIBLE_DEVICES='?[0-9]")
_LIMIT: Final = re.compile(rb" mem=[1-9]")
_TAIL_BYTES: Final = 2048


def complained(folder: Path) -> bool:
    """Whether an attempt that ran under a memory limit said last that it had too little."""
    try:
        with (folder / "spec").open("rb") as spec:
            if not _LIMIT.search(spec.readline(512)):
                return False
        with (folder / "err").open("rb") as err:
            err.seek(max(0, err.seek(0, 2) - _TAIL_BYTES))
            return _SAID.search(err.read(_TAIL_BYTES)) is not None
    except OSError:
        return False


def complained_of_device(folder: Path) -> bool:
    """Whether an attempt that was given GPUs said last that one had too little memory."""
    try:
        with (folder / "err").open("rb") as err:
            err.seek(max(0, err.seek(0, 2) - _TAIL_BYTES))
            if not _SAID_OF_DEVICE.search(err.read(_TAIL_BYTES)):
                return False
        return _DEVICES.search((folder / "spec").read_bytes()) is not None
    except OSError:
        return False


def kernel_kills() -> int:
    """How many processes the kernel has ended on this host for want of memory; 0 if unknown."""
    try:
        text = Path("/proc/vmstat").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else 0
