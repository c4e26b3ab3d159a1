"""Notes in the corner."""

from crabtui.data.toasts import MOST, STAYS_S, Toasts


def test_one_kind_is_one_note_that_counts():
    toasts = Toasts().told("watch", "#1 succeeded", 0.0).told("watch", "#2 succeeded", 1.0)
    assert [toast.line for toast in toasts.shown] == ["#2 succeeded  (+1 more)"]


def test_a_note_goes_by_itself_and_an_error_does_not():
    toasts = Toasts().told("watch", "fine", 0.0).told("act", "refused", 0.0, bad=True)
    assert toasts.at(STAYS_S - 0.1) is toasts
    assert [toast.text for toast in toasts.at(STAYS_S).shown] == ["refused"]
    assert toasts.at(1e9).without("act").shown == ()


def test_what_was_bad_stays_though_something_good_is_merged_into_it():
    toasts = Toasts().told("watch", "#1 failed", 0.0, bad=True).told("watch", "#2 fine", 1.0)
    assert toasts.at(1e9).shown[0].line == "#2 fine  (+1 more)"


def test_at_most_three_and_errors_are_the_last_to_go():
    toasts = Toasts().told("a", "bad", 0.0, bad=True)
    for kind in "bcde":
        toasts = toasts.told(kind, kind, 1.0)
    assert len(toasts.shown) == MOST
    assert [toast.kind for toast in toasts.shown] == ["a", "d", "e"]
