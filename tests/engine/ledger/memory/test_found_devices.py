"""Devices that a look shows become what a worker has."""

import pytest
from msgspec.structs import replace

from engine.ledger.memory.found_devices import kind_of, with_found_devices, with_known_devices
from engine.model.resources import Resources
from engine.model.sight import Device, Sight
from engine.model.worker import Worker

A100 = "NVIDIA A100-SXM4-40GB"
FAR = Worker(name="far", backend="ssh", finds_gpus=True, boot="x")
HERE = Worker(name="local", finds_gpus=True)


def seen(*kinds: str) -> Sight:
    return Sight(at=0, devices=tuple(Device(index=n, kind=k) for n, k in enumerate(kinds)))


def test_devices_and_their_kind() -> None:
    found = with_found_devices(FAR, seen(A100, A100), [FAR])
    assert (found.capacity.gpu, found.capacity.gpu_type) == (2, "a100-sxm4-40gb")
    assert found.gpu_types == ()
    assert with_found_devices(found, seen(A100, A100), [found]) == found


def test_kinds_that_differ_are_told_by_index() -> None:
    found = with_found_devices(FAR, seen(A100, "Tesla V100-PCIE-16GB"), [FAR])
    assert (found.capacity.gpu, found.capacity.gpu_type) == (2, None)
    assert found.gpu_types == ("a100-sxm4-40gb", "v100-pcie-16gb")


def test_what_was_said_by_hand_stays() -> None:
    told = replace(FAR, finds_gpus=False, capacity=Resources(gpu=1))
    assert with_found_devices(told, seen(A100, A100), [told]) == told


def test_a_device_that_no_longer_answers_is_not_forgotten() -> None:
    found = with_found_devices(FAR, seen(A100, A100), [FAR])
    assert with_found_devices(found, seen(A100), [found]) == found
    assert with_found_devices(found, seen(), [found]) == found


def test_an_index_that_is_missing_has_no_kind() -> None:
    sight = Sight(at=0, devices=(Device(index=1, kind=A100),))
    assert with_found_devices(FAR, sight, [FAR]).gpu_types == ("gpu", "a100-sxm4-40gb")


def test_workers_of_this_machine_do_not_share_devices() -> None:
    part = replace(HERE, name="part")
    told = replace(part, finds_gpus=False, capacity=Resources(gpu=2))
    assert with_found_devices(HERE, seen(A100), [HERE, part]).capacity.gpu == 1
    assert with_found_devices(part, seen(A100), [HERE, part]) == part
    assert with_found_devices(HERE, seen(A100), [HERE, told]) == HERE


def test_a_restart_knows_them_and_a_new_host_does_not() -> None:
    found = with_found_devices(FAR, seen(A100), [FAR])
    assert with_known_devices(FAR, found) == found
    assert with_known_devices(replace(FAR, boot="y"), found).capacity.gpu == 0
    assert with_known_devices(FAR, None) == FAR
    told = replace(FAR, finds_gpus=False)
    assert with_known_devices(told, found) == told


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (A100, "a100-sxm4-40gb"),
        ("NVIDIA GeForce RTX 3090", "rtx-3090"),
        ("AMD Instinct MI210", "mi210"),
        ("Advanced Micro Devices, Inc. [AMD/ATI] Navi", "navi"),
        ("", "gpu"),
        ("NVIDIA", "gpu"),
    ],
)
def test_kinds_as_jobs_ask_for_them(name: str, kind: str) -> None:
    assert kind_of(Device(index=0, kind=name)) == kind


def test_two_workers_of_one_host_do_not_share_devices() -> None:
    first = with_found_devices(FAR, seen(A100), [FAR])
    twin = replace(FAR, name="twin")
    assert with_found_devices(twin, seen(A100), [first, twin]) == twin
    assert with_found_devices(first, seen(A100, A100), [first, twin]).capacity.gpu == 2
    elsewhere = replace(twin, boot="y")
    assert with_found_devices(elsewhere, seen(A100), [first, elsewhere]).capacity.gpu == 1
