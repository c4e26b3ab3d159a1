"""What a terminal is told beside what it shows."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.terminal_words import note, title


@given(st.text())
def test_nothing_of_a_name_ends_the_sequence_or_begins_another(text):
    for said, begin, end in (
        (title(text), "\x1b]2;", "\x07"),
        (note(text, in_tmux=False), "\x1b]9;", "\x07"),
        (note(text, in_tmux=True), "\x1bPtmux;\x1b\x1b]9;", "\x07\x1b\\"),
    ):
        assert said.startswith(begin)
        assert said.endswith(end)
        inside = said[len(begin) : len(said) - len(end)]
        assert inside.isprintable()
        assert ";" not in inside
        assert len(inside) <= 80
