"""The command bar's verbs: read, refused, completed."""

import pytest

from crabtui.options import OPTIONS
from crabtui.places import NAMES
from crabtui.verbs import BY_NAME, VERBS, complete, prepare, read
from engine.errors import InvalidSpec
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import seat
from tests.kit.still_clock import StillClock


@pytest.mark.parametrize(
    ("line", "verb", "words"),
    [
        ("jobs state:failed since:1h", "jobs", ["state:failed", "since:1h"]),
        ("quit", "q", []),
        ("job", "jobs", []),
        ("  limit gpu 9 ", "limit", ["gpu", "9"]),
    ],
)
def test_a_line_is_a_verb_and_its_words(line, verb, words):
    found, command = read(line)
    assert (found.name, command.verb, command.words) == (verb, verb, words)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cancle x", "did you mean 'cancel'"),
        ("limit gpu", "use it so: limit QUEUE N"),
        ("cancel", "use it so: cancel FILTER"),
        ("set theme", "use it so: set NAME VALUE"),
    ],
)
def test_a_wrong_line_says_what_is_right(line, said):
    with pytest.raises(InvalidSpec, match=said):
        read(line)


def test_every_view_has_a_verb_and_no_name_means_two():
    assert set(NAMES) <= set(BY_NAME)
    assert len(BY_NAME) == sum(1 + len(verb.aliases) for verb in VERBS)


async def test_verbs_and_nouns_are_completed():
    async with seat(busy_world(StillClock())) as here:

        def offered(line):
            return [
                line[: each.start] + each.text + line[each.end :]
                for each in complete(here.app, line)
            ]

        await here.until(lambda: here.app.queues)
        assert offered("lim") == ["limit "]
        assert offered("limit g") == ["limit gpu"]
        assert offered("limit gpu 9") == []
        assert offered("set the") == ["set theme "]
        assert offered("set bell w") == ["set bell watched"]
        assert offered("set theme crab-l") == ["set theme crab-light"]
        assert offered("jobs sta")[0] == "jobs state:"
        assert offered("cancel state:fail")[0] == "cancel state:failed"
        assert offered("nothing like it") == []
        assert "queued" in complete(here.app, "pause gp")[0].hint


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set thme mono", "did you mean 'theme'"),
        ("set theme crab-drak", "did you mean 'crab-dark'"),
        ("limit gpo 3", "did you mean 'gpu'"),
        ("limit gpu many", "a whole number"),
        ("jobs stte:failed", "did you mean"),
        ("go nowhere", "unknown view"),
    ],
)
async def test_words_that_mean_nothing_are_refused_with_the_nearest(line, said):
    async with seat(busy_world(StillClock())) as here:
        await here.until(lambda: here.app.queues)
        with pytest.raises(InvalidSpec, match=said):
            prepare(here.app, line)


async def test_an_address_typed_is_gone_to():
    async with seat(busy_world(StillClock())) as here:
        await here.type(":go workers")
        await here.press("enter")
        await here.until(lambda: here.app.main.shown == "workers")


async def test_options_are_set_and_told():
    async with seat(busy_world(StillClock())) as here:
        here.app.terminal = paper = Paper()
        for line in ("set refresh 2s", "set bell off", "set mouse off", "set utc on"):
            prepare(here.app, line)()
        assert here.app.feed.least_gap_s == 2.0
        assert here.app.notes.bell == "off"
        assert here.app.utc
        assert paper.words == ["\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"]
        now = {option.name: option.now(here.app) for option in OPTIONS}
        assert (now["refresh"], now["mouse"], now["bell"]) == ("2s", "off", "off")


class Paper:
    """A terminal that keeps what it is told."""

    def __init__(self):
        self.words = []

    def write(self, words):
        self.words.append(words)
