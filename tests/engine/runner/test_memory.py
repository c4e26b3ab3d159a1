"""A device that had too little memory, by what libraries say of it."""

from pathlib import Path

import pytest

from engine.runner.memory import complained_of_device
from engine.runner.spec import Spec, render

TORCH = (
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. "
    "GPU 0 has a total capacity of 39.39 GiB\n"
)


def ended(folder: Path, err: str, *env: tuple[str, str]) -> Path:
    (folder / "spec").write_bytes(render(Spec(argv=["train"], env=env)))
    (folder / "err").write_text(err)
    return folder


@pytest.mark.parametrize(
    "said",
    [
        TORCH,
        "RuntimeError: HIP out of memory. Tried to allocate 2 GiB\n",
        "RuntimeError: CUDA error: out of memory\n",
        "CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n",
        "failed: CUDA_ERROR_OUT_OF_MEMORY: out of memory\n",
        "jaxlib.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate\n",
    ],
)
def test_the_words_of_libraries(tmp_path: Path, said: str) -> None:
    assert complained_of_device(ended(tmp_path, said, ("CUDA_VISIBLE_DEVICES", "0,1")))


@pytest.mark.parametrize("env", [(), (("CUDA_VISIBLE_DEVICES", ""),), (("X", "0"),)])
def test_without_a_device_words_are_only_words(
    tmp_path: Path, env: tuple[tuple[str, str], ...]
) -> None:
    assert not complained_of_device(ended(tmp_path, TORCH, *env))


def test_other_words_and_long_logs(tmp_path: Path) -> None:
    gpu = ("ROCR_VISIBLE_DEVICES", "3")
    assert not complained_of_device(ended(tmp_path, "MemoryError\n", gpu))
    assert not complained_of_device(ended(tmp_path, TORCH + "x" * 3000, gpu)), "not last"
    assert complained_of_device(ended(tmp_path, "x" * 3000 + TORCH, gpu))
    assert not complained_of_device(tmp_path / "gone")
