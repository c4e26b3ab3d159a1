"""The flags of the console: understood, or refused with what is right."""

import subprocess
import sys

import click
import pytest

from crabtui.cli.options.console import console_options, parse_size, start_of
from crabtui.commands import parse_span_ms
from crabtui.start import Start
from engine.errors import InvalidSpec


def started(*flags):
    found = []

    @click.command()
    @console_options()
    def command(**given):
        found.append(start_of("jobs", **given))

    command.main(list(flags), standalone_mode=False)
    return found[0]


def test_without_flags_it_is_a_plain_start():
    assert started() == Start(address="jobs")


def test_every_flag_is_understood(tmp_path):
    start = started(
        *("--arm", "10m", "--theme", "mono", "--ascii", "--no-color", "--refresh", "500ms"),
        *("--at", "13:40", "--view", "hot", "--keys", str(tmp_path), "--fresh"),
        *("--dump", "txt", "--size", "100x30"),
    )
    assert (start.arm_s, start.theme, start.in_ascii, start.no_color) == (
        600,
        "mono",
        True,
        True,
    )
    assert (start.refresh_s, start.keys, start.fresh) == (0.5, tmp_path, True)
    assert (start.dump, start.size) == ("txt", (100, 30))
    assert start.lines == ("at 13:40", "view hot")
    assert start.is_guarded


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--size", "80x24"), "goes with --dump"),
        (("--dump", "pdf"), "one of txt, svg, json"),
        (("--dump", "txt", "--size", "10x10"), "from 60x16 on"),
        (("--refresh", "often"), "such as 1s or 500ms"),
        (("--arm", "2d"), "no duration"),
    ],
)
def test_what_makes_no_sense_is_refused(flags, said):
    with pytest.raises(InvalidSpec, match=said):
        started(*flags)


@pytest.mark.parametrize(
    ("text", "ms"), [("1s", 1_000), ("2", 2_000), ("250ms", 250), ("1m", 60_000)]
)
def test_refreshes(text, ms):
    assert parse_span_ms(text) == ms


@pytest.mark.parametrize("text", ["", "-1s", "1h", "61m", "1e3", "٣s", "9999999"])
def test_wrong_refreshes(text):
    with pytest.raises(InvalidSpec):
        parse_span_ms(text)


def test_sizes():
    assert parse_size("160X48") == (160, 48)
    for text in ("80", "80x", "80x24x1", "10000x24", "59x24", "60x15"):
        with pytest.raises(InvalidSpec):
            parse_size(text)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["ui", "nowhere"], "unknown view 'nowhere'"),
        (["--theme", "crab-drak"], "did you mean 'crab-dark'"),
        (["--keys", "/nowhere/keys.toml"], "there is no file /nowhere/keys.toml"),
        (["--dump", "pdf"], "one of txt, svg, json"),
    ],
)
def test_a_wrong_start_starts_no_daemon(tmp_path, flags, said):
    state = tmp_path / "s"
    argv = [sys.executable, "-m", "crabtui", "--state", str(state), *flags]
    if "--dump" not in flags:
        argv += ["--dump", "txt"]
    ran = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert not state.exists()


@pytest.mark.parametrize("verb", ["ui", "jobs"])
def test_flags_before_a_verb_that_opens_the_console_are_its_flags(crab, verb):
    ran = crab("--at", "yesterday", verb)
    assert (ran.code, "'yesterday' is no moment" in ran.err) == (2, True)
    ran = crab("--at", "yesterday", "--size", "80x24", verb, "--at", "5m")
    assert (ran.code, "goes with --dump" in ran.err) == (2, True)


def test_flags_of_the_console_before_another_verb_are_refused(crab):
    ran = crab("--read-only", "cancel", "1")
    assert ran.code == 2
    assert "--read-only: of the console alone, and `cancel` opens none" in ran.err
