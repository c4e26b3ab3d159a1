"""The prompt: what it posts, how it completes, where the caret stands."""

from crabtui.data.suggest import Suggestion
from crabtui.widgets.prompt import Prompt, _Below
from tests.crabtui.widgets.stage import Stage, lines


def below(prompt):
    return lines(prompt.query_one(_Below))[0]


async def test_typing_posts_every_edit_and_enter_submits():
    async with Stage(Prompt()).run_test(size=(80, 6)) as pilot:
        pilot.app.widget.open("/", "queue:")
        await pilot.press("g", "enter")
        edits = pilot.app.of(Prompt.Edited)
        assert [edits[0].text, edits[-1].text, edits[-1].cursor] == ["queue:", "queue:g", 7]
        assert pilot.app.of(Prompt.Submitted)[-1].text == "queue:g"


async def test_tab_and_right_complete_in_place():
    for key in ("tab", "right"):
        async with Stage(Prompt()).run_test(size=(80, 6)) as pilot:
            prompt = pilot.app.widget
            prompt.open("/", "name:x sta")
            await pilot.pause()
            prompt.show_suggestions(
                [
                    Suggestion("state:", 7, 10, "where it stands"),
                    Suggestion("started:", 7, 10, "x"),
                ]
            )
            await pilot.pause()
            assert below(prompt).split() == ["state:", "where", "it", "stands", "started:"]
            await pilot.press(key)
            assert prompt.value == "name:x state:"


async def test_a_suggestion_can_be_clicked():
    async with Stage(Prompt()).run_test(size=(80, 6)) as pilot:
        prompt = pilot.app.widget
        prompt.open("/", "s")
        await pilot.pause()
        prompt.show_suggestions([Suggestion("a:", 0, 1, ""), Suggestion("b:", 0, 1, "")])
        await pilot.pause()
        await pilot.click(_Below, offset=(below(prompt).index("b:"), 0))
        await pilot.pause()
        assert prompt.value == "b:"


async def test_the_caret_stands_under_the_bad_token():
    async with Stage(Prompt()).run_test(size=(60, 6)) as pilot:
        prompt = pilot.app.widget
        prompt.open("/", "queue:gpu stat:x")
        await pilot.pause()
        prompt.show_error("unknown field 'stat'; did you mean 'state'?", 10)
        await pilot.pause()
        assert below(prompt).index("^") == 2 + 10
        prompt.show_error("a long sentence [red]", 55)
        assert "[red]" in below(prompt)


async def test_history_goes_back_to_the_draft():
    async with Stage(Prompt()).run_test(size=(60, 6)) as pilot:
        prompt = pilot.app.widget
        prompt.open("/", "draft", ["old", "new"])
        seen = []
        for key in ("up", "up", "up", "down", "down"):
            await pilot.press(key)
            seen.append(prompt.value)
        assert seen == ["new", "old", "old", "new", "draft"]


async def test_escape_closes_and_backspace_in_nothing_is_told():
    async with Stage(Prompt()).run_test(size=(60, 6)) as pilot:
        prompt = pilot.app.widget
        prompt.open(":", "ab")
        await pilot.press("ctrl+u")
        assert prompt.value == ""
        await pilot.press("backspace")
        assert pilot.app.of(Prompt.BackedOut)
        await pilot.press("escape")
        assert pilot.app.of(Prompt.Closed)
        assert not prompt.is_open
