"""What an attempt used, in words and sparks."""

from crabtui.data.job.usage_lines import cpu_percents, cpu_text, memory_text, usage_lines
from engine.model.sight import Usage
from tests.kit.answers import SECOND, a_usage


def test_a_number_for_each_thing_and_how_it_went() -> None:
    assert usage_lines(a_usage(12)) == [
        ("cpu", "20.0 s, 100% at most  ██"),
        ("memory", "300 MB at most  ▄▆█"),
    ]


def test_devices_where_there_are_some() -> None:
    usage = a_usage(12, peak_gpu_mb=11_000)
    assert usage_lines(usage)[2] == ("gpu", "10.7 GB at most  ▁▁▁")


def test_one_point_has_no_course() -> None:
    usage = a_usage(12, samples=a_usage(12).samples[:1], cpu_ms=340)
    assert usage_lines(usage) == [("cpu", "340 ms"), ("memory", "300 MB at most")]


def test_cpu_never_goes_backwards() -> None:
    samples = [
        Usage(at=at * SECOND, cpu_ms=ms, memory_mb=1, processes=1)
        for at, ms in ((0, 0), (10, 5_000), (20, 1_000), (20, 9_000), (30, 29_000))
    ]
    assert cpu_percents(samples) == [50, 0, 200]


def test_units() -> None:
    assert [cpu_text(ms) for ms in (0, 999, 1_500, 11_520_000)] == [
        "0 ms",
        "999 ms",
        "1.5 s",
        "3h12m",
    ]
    assert [memory_text(mb) for mb in (0, 1023, 2048)] == ["0 MB", "1023 MB", "2.0 GB"]
