"""What nvidia-smi prints, as it was seen to."""

from engine.runner.device import Device, Holder
from engine.runner.nvidia import parse

DEVICES = """\
0, GPU-5b2c, NVIDIA A100-SXM4-40GB, 40960, 12345, 87
1, GPU-77aa, NVIDIA A100-SXM4-40GB, 40960, 4, 0
2, GPU-0f0f, NVIDIA GeForce RTX 3090, 24576, [N/A], [N/A]
"""
HELD = """\
GPU-5b2c, 4242, 12000
GPU-5b2c, 4300, 300
GPU-0f0f, 99, [N/A]
"""


def test_devices_and_who_holds_them() -> None:
    first, second, third = parse(DEVICES, HELD)
    assert first == Device(
        index=0,
        kind="NVIDIA A100-SXM4-40GB",
        memory_mb=40960,
        used_mb=12345,
        busy_percent=87,
        holders=(Holder(pid=4242, memory_mb=12000), Holder(pid=4300, memory_mb=300)),
    )
    assert (second.index, second.used_mb, second.busy_percent, second.holders) == (1, 4, 0, ())
    assert (third.used_mb, third.busy_percent) == (0, None)
    assert third.holders == (Holder(pid=99, memory_mb=0),)


def test_nonsense_is_no_device() -> None:
    assert parse("No devices were found\n", "") == ()
    assert parse("Failed to initialize NVML: Driver/library version mismatch", "a, b, c") == ()
    assert parse("", "") == ()


def test_a_process_that_is_not_ours_is_foreign() -> None:
    first, second, third = parse(DEVICES, HELD)
    assert first.foreign_mb(lambda pid: pid == 4242) == 300
    assert first.foreign_mb(lambda pid: True) == 0
    assert second.foreign_mb(lambda pid: False) == 0
    assert third.foreign_mb(lambda pid: False) == 1, "it is there, whatever it holds"
