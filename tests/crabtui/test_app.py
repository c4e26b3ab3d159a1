"""The console under a person's hands: every act and every state of trouble."""

import pytest

from crabtui.addresses import Address
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.confirm import Confirm
from crabtui.dialogs.help import Help
from crabtui.dialogs.picker import Picker
from crabtui.views.job.job import JobScreen
from engine.control.messages import (
    Cancel,
    Hold,
    ListJobs,
    Retry,
    SetPriority,
    SetQueue,
    Targets,
    Uncancel,
)
from engine.errors import InvalidSpec, NotAllowed, StoreFull
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import a_world, seat
from tests.kit.still_clock import StillClock


@pytest.fixture
def world():
    return busy_world(StillClock())


async def test_a_terminal_that_was_too_small_gives_the_keys_back(world):
    async with seat(world) as here:
        await here.press("g")
        await here.pilot.resize_terminal(48, 12)
        await here.reads("60x16 needed, 48x12 here")
        await here.pilot.resize_terminal(80, 24)
        await here.until(lambda: here.jobs.table.has_focus)
        before = here.cursor
        await here.press("j")
        assert here.cursor != before


# Trouble in a pane


async def test_a_pane_that_fails_says_so_and_the_rest_lives(world, monkeypatch):
    def broken(*_):
        raise KeyError("pid")

    async with seat(world) as here:
        await here.go_to(1)
        monkeypatch.setattr("crabtui.data.events.lines.lines", broken)
        await here.press("e")
        await here.reads("This pane failed: KeyError('pid')", "[y] copy report  [r] retry")
        await here.press("y")
        await here.says("sent to terminal", "the report")
        monkeypatch.undo()
        await here.press("r")
        await here.until(lambda: "This pane failed" not in here.text)
        assert world.acts() == []


# Acts


async def test_one_waiting_job_is_canceled_without_a_question_and_u_takes_it_back(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("x")
        await here.says("#8 canceled", "u undoes")
        assert world.acts() == [Cancel(targets=Targets(ids=(8,)), undo_ms=5_000)]
        await here.until(lambda: here.row(8).cancel_at is not None)
        await here.press("u")
        await here.says("back: not canceled")
        assert world.jobs[8].cancel_at is None


async def test_u_works_from_the_memory_of_the_act_too(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("x")
        await here.says("#8 canceled")
        await here.go_to(2)
        await here.press("u")
        await here.says("undone")
        assert world.acts()[-1] == Uncancel(targets=Targets(ids=(8,)))


async def test_capital_u_ends_the_grace(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("x")
        await here.until(lambda: here.row(8).cancel_at is not None)
        await here.press("U")
        await here.until(lambda: world.jobs[8].state == "canceled")


async def test_undo_is_over_when_the_grace_is(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("x")
        await here.says("#8 canceled")
        await here.go_to(2)
        here.tick(6)
        await here.press("u")
        await here.says("nothing to undo")


async def test_a_running_job_asks_first_and_enter_goes_back(world):
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("x")
        await here.reads("Cancel #1 train_v2", "1 running: TERM, then KILL after 5 s")
        assert isinstance(here.app.screen, Confirm)
        await here.press("enter")
        await here.says("nothing was done")
        assert world.acts() == []
        await here.press("x")
        await here.reads("Cancel #1 train_v2")
        await here.press("y")
        await here.says("#1 told to stop")
        assert world.jobs[1].stopping


async def test_a_waiting_job_with_dependents_asks_first_and_names_their_number(world):
    world.dependents[8] = 3
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("x")
        await here.reads(
            "Cancel #8", "1 waiting: gone after 5 s", "3 dependents will be skipped"
        )
        await here.press("enter")
        await here.says("nothing was done")
        assert world.acts() == []
        await here.press("x")
        await here.reads("3 dependents will be skipped")
        await here.press("y")
        await here.says("#8 canceled")


async def test_marks_are_the_target_and_the_confirm_counts_them(world):
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("space")
        await here.go_to(5)
        await here.press("space", "x")
        await here.reads("Cancel 2 jobs", "1 running: TERM", "1 waiting: gone after 5 s")
        await here.press("y")
        await here.says("2 (#1, #5)")
        assert world.acts()[0].targets == Targets(ids=(1, 5))


async def test_objects_that_changed_while_the_dialog_was_open_are_skipped(world):
    async with seat(world) as here:
        for job in (5, 6):
            await here.go_to(job)
            await here.press("space")
        await here.press("x")
        await here.reads("Cancel 2 jobs")
        world.change(5, state="running")
        await here.press("y")
        await here.says("#6 canceled", "1 skipped: #5 is running now")
        assert world.acts()[0].targets == Targets(ids=(6,))


async def test_many_objects_want_their_number_typed():
    world = a_world()
    for n in range(30):
        world.add(f"job {n}")
    async with seat(world) as here:
        await here.press("asterisk")
        await here.says("all 30 that match are marked")
        await here.press("x")
        await here.reads("Cancel all 30 jobs", "type 30")
        await here.press("y")
        assert isinstance(here.app.screen, Confirm)
        await here.press("3", "0", "y")
        await here.says("30 (")
        assert world.acts()[0].targets.where == "id>0"


async def test_kill_says_what_it_does_and_only_takes_what_runs(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("X")
        await here.says("kill is for running jobs")
        await here.go_to(1)
        await here.press("X", "y")
        await here.says("#1")
        assert world.acts() == [Cancel(targets=Targets(ids=(1,)), kill=True)]


async def test_priority_moves_and_u_sets_it_back(world):
    async with seat(world) as here:
        await here.go_to(5)
        await here.press("plus")
        await here.says("#5 is now high")
        await here.press("u")
        await here.until(lambda: world.jobs[5].priority == "normal")
        assert world.acts()[-1] == SetPriority(targets=Targets(ids=(5,)), to="normal")


async def test_undo_leaves_alone_what_somebody_else_set(world):
    async with seat(world) as here:
        await here.go_to(5)
        await here.press("plus")
        await here.says("#5 is now high")
        world.change(5, priority="low")
        await here.press("u")
        await here.says("left alone: #5 is low now")
        assert world.jobs[5].priority == "low"


async def test_p_picks_a_priority(world):
    async with seat(world) as here:
        await here.go_to(5)
        await here.press("p")
        assert isinstance(here.app.screen, Picker)
        await here.press("c")
        await here.says("#5 is now critical")


async def test_hold_and_release(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("H")
        await here.until(lambda: world.jobs[8].held_by == "ana")
        await here.until(lambda: here.row(8).held_by == "ana")
        await here.press("H")
        await here.until(lambda: world.jobs[8].held_by is None)
        assert isinstance(world.acts()[0], Hold)


async def test_retry_of_a_failed_job(world):
    async with seat(world) as here:
        await here.go_to(13)
        await here.press("r")
        await here.says("#13 retried")
        assert world.acts() == [Retry(targets=Targets(ids=(13,)))]
        await here.go_to(12)
        await here.press("r")
        await here.says("nothing to retry: it is succeeded")


async def test_pausing_a_queue_asks_for_a_reason(world):
    async with seat(world) as here:
        await here.go_to(5)
        await here.press("P")
        assert isinstance(here.app.screen, Ask)
        await here.type("maintenance")
        await here.press("enter")
        await here.says("gpu paused")
        assert world.acts() == [SetQueue(name="gpu", pause=True, why="maintenance")]
        await here.press("u")
        await here.until(lambda: world.queues["gpu"].paused_by is None)


async def test_limits_of_a_queue(world):
    async with seat(world) as here:
        await here.press("2")
        await here.reads("QUEUE", "gpu")
        await here.press("j", "plus")
        await here.until(lambda: world.queues["gpu"].limit == 3)
        await here.press("u")
        await here.until(lambda: world.queues["gpu"].limit == 2)
        await here.press("p")
        await here.press("backspace")
        await here.type("x")
        await here.press("enter")
        await here.reads("a limit is a whole number")
        await here.press("backspace", "7", "enter")
        await here.until(lambda: world.queues["gpu"].limit == 7)


async def test_a_refusal_is_told_in_words(world):
    def full(ask):
        if isinstance(ask, Hold):
            raise StoreFull("the disk is full; nothing was written")

    world.refuse = full
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("H")
        await here.says("not held: the disk is full")


async def test_acts_work_in_the_detail(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("enter")
        await here.reads("jobs › #8", "QUEUED")
        await here.press("x")
        await here.says("#8 canceled")
        await here.press("u")
        await here.until(lambda: world.jobs[8].cancel_at is None)


# Rights


async def test_read_only_refuses_with_the_way_out(world):
    async with seat(world, read_only=True) as here:
        assert " RO" in here.header
        await here.go_to(8)
        await here.press("x")
        await here.says("read-only: :arm 10m")
        assert world.acts() == []
        assert all(door.read_only for door in world.doors)


async def test_arm_opens_an_acting_connection_for_a_while(world):
    async with seat(world, read_only=True) as here:
        await here.type(":arm 10m")
        await here.press("enter")
        await here.until(lambda: not world.doors[-1].read_only)
        await here.until(lambda: "RW 10m" in here.header)
        await here.go_to(8)
        await here.press("x")
        await here.says("#8 canceled")
        here.tick(601)
        await here.until(lambda: world.doors[-1].read_only)
        await here.until(lambda: " RO" in here.header)


# The command bar


async def test_commands(world):
    async with seat(world) as here:
        await here.type(":jobs state:failed")
        await here.press("enter")
        await here.until(lambda: here.jobs.total == 1)
        await here.type(":cancel queue:gpu")
        await here.press("enter")
        await here.reads("Cancel 5 jobs that match")
        await here.press("y")
        await here.until(lambda: world.jobs[1].stopping)
        await here.type(":limit gpu 4")
        await here.press("enter")
        await here.until(lambda: world.queues["gpu"].limit == 4)
        await here.type(":set theme crab-light")
        await here.press("enter")
        assert here.app.theme == "crab-light"


async def test_an_unknown_command_names_the_nearest_and_keeps_the_line(world):
    async with seat(world) as here:
        await here.type(":cancle state:queued")
        await here.press("enter")
        await here.reads("did you mean 'cancel'", ":cancle")


# Looking


async def test_the_filter_narrows_while_typing_and_escape_brings_the_old_one_back(world):
    async with seat(world) as here:
        await here.press("slash")
        await here.type("queue:gpu")
        await here.until(lambda: here.jobs.total == 5)
        await here.press("escape")
        await here.until(lambda: here.jobs.total == 16)
        await here.press("slash")
        await here.type("queue:gpu")
        await here.press("enter")
        await here.reads("⟨queue:gpu⟩", "1-5 of 5")
        await here.press("escape")
        await here.until(lambda: here.jobs.total == 16)


async def test_a_wrong_filter_keeps_the_prompt_and_the_rows(world):
    async with seat(world) as here:
        await here.press("slash")
        await here.type("foo:bar")
        await here.press("enter")
        await here.reads("unknown field 'foo'", "/foo:bar")
        assert here.jobs.total == 16
        assert here.jobs.look.where == ""


async def test_nothing_matches_says_what_to_drop(world):
    async with seat(world) as here:
        await here.type(":jobs queue:gpu state:failed")
        await here.press("enter")
        await here.reads("0 of 16 jobs match", "closest: drop state:failed -> 5 jobs")


async def test_empty_system(world):
    async with seat(a_world()) as here:
        await here.reads("no jobs yet", "crabtui submit -- echo hi", "? keys")
        await here.press("x")
        await here.says("no job here")


async def test_offline_keeps_the_rows_refuses_acts_and_comes_back(world):
    async with seat(world) as here:
        await here.reads("#16")
        world.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        here.tick(4)
        assert "#16" in here.text
        assert here.jobs.table.stale
        await here.go_to(8)
        await here.press("x")
        await here.says("offline")
        world.mend()
        await here.press("R")
        await here.until(lambda: "LIVE" in here.header)
        here.tick(0)
        assert not here.jobs.table.stale
        assert "offline" not in here.status


async def test_never_connected_says_why():
    world = a_world()
    world.cut()
    async with seat(world, live=False) as here:
        await here.reads("the daemon does not answer", "nobody answers on crab.sock", "R tries")
        assert "OFFLINE" in here.header


async def test_a_silent_daemon_is_not_called_live(world):
    async with seat(world) as here:
        here.tick(5)
        assert "SILENT 5.0s" in here.header
        assert "run 3" not in here.header


async def test_the_cursor_stays_on_its_job(world):
    async with seat(world) as here:
        await here.go_to(5)
        here.tick(3)
        world.change(5, state="running", started_at=1)
        await here.until(lambda: here.row(5).state == "running")
        assert here.cursor == 5
        here.tick(3)
        assert here.cursor == 5


async def test_freeze_shows_nothing_new_until_it_ends(world):
    async with seat(world) as here:
        await here.press("Z")
        await here.until(lambda: "FROZEN" in here.header)
        world.add("late arrival")
        await here.pilot.pause(0.05)
        assert "late arrival" not in here.text
        await here.press("Z")
        await here.reads("late arrival")


async def test_problems_only_and_marked_only(world):
    async with seat(world) as here:
        await here.press("exclamation_mark")
        await here.until(lambda: here.jobs.total == 3)
        await here.press("escape")
        await here.until(lambda: here.jobs.total == 16)
        await here.go_to(5)
        await here.press("space", "space", "M")
        await here.until(lambda: here.jobs.total == 2)
        await here.press("M")
        await here.until(lambda: here.jobs.total == 16)


async def test_sorting(world):
    async with seat(world) as here:
        await here.press("s")
        await here.press("j", "enter")
        await here.reads("sort id▲")
        await here.press("I")
        await here.reads("sort id▼")
        await here.until(lambda: here.jobs.table.board.at(0).id == 16)
        await here.press("greater_than_sign")
        await here.reads("sort name▲")


async def test_what_was_said_against_a_list_goes_when_the_list_comes(world):
    def refuse(ask):
        if isinstance(ask, ListJobs) and ask.sort == "id":
            raise InvalidSpec("no such order here")

    world.refuse = refuse
    async with seat(world) as here:
        await here.press("greater_than_sign")
        await here.says("no such order here")
        await here.press("greater_than_sign")
        await here.until(lambda: not here.status)
        await here.press("less_than_sign")
        await here.says("no such order here")
        here.app.say("something newer")
        await here.press("less_than_sign")
        await here.until(lambda: here.jobs.total is not None)
        assert here.status == "something newer"


async def test_a_key_that_means_nothing_here_says_where_it_does(world):
    async with seat(world) as here:
        await here.press("O")
        await here.says("O (out/err) works in: log")


async def test_help_is_searchable_and_says_what_is_not_possible_now(world):
    async with seat(world) as here:
        await here.press("question_mark")
        assert isinstance(here.app.screen, Help)
        await here.type("retry")
        await here.reads("Run failed, timed out", "not now: nothing to retry: it is running")
        await here.press("escape")
        assert not isinstance(here.app.screen, Help)


async def test_the_menu_says_effects_and_reasons_and_acts(world):
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("a")
        await here.reads("no: kill is for running jobs", "1 waiting: gone after 5 s")
        await here.press("x")
        await here.says("#8 canceled")


async def test_the_palette_has_what_is_possible_now(world):
    async with seat(world) as here:
        await here.press("ctrl+p")
        await here.until(lambda: here.app.screen.query("CommandPalette, OptionList"))
        await here.type("freeze")
        await here.until(lambda: "freeze" in here.text.lower())
        await here.press("enter")
        await here.until(lambda: here.app.feed.frozen)


# Going about


async def test_detail_back_and_addresses(world):
    async with seat(world, address=Address(where="queue:gpu")) as here:
        await here.until(lambda: here.jobs.total == 5)
        await here.go_to(1)
        await here.press("w")
        await here.reads("[Why]")
        assert isinstance(here.app.screen, JobScreen)
        await here.press("Y")
        await here.says("sent to terminal: jobs/1")
        await here.press("left_square_bracket")
        await here.reads("⟨queue:gpu⟩")
        await here.press("2")
        await here.reads("[2 Queues]")
        await here.press("left_square_bracket")
        await here.reads("⟨queue:gpu⟩")
        assert here.cursor == 1


async def test_the_log_follows_searches_and_changes_stream(world):
    world.write_log(1, b"warning: loud\n", "err")
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("l")
        await here.reads("step 399")
        world.write_log(1, b"step 400 done\n")
        await here.reads("step 400 done")
        await here.press("slash")
        await here.type("step 39")
        await here.press("enter")
        await here.reads("found")
        await here.press("O")
        await here.reads("stderr", "warning: loud")


async def test_escape_never_quits_and_q_does(world):
    async with seat(world) as here:
        await here.press("escape", "escape", "escape")
        assert here.app.is_running
        await here.press("enter")
        await here.reads("jobs ›")
        await here.press("q")
        await here.reads("1-16 of 16")
        await here.press("q")
        assert here.app.return_value == 0


async def test_ctrl_c_wants_to_be_pressed_twice(world):
    async with seat(world) as here:
        await here.press("ctrl+c")
        await here.says("ctrl+c once more quits")
        here.tick(2)
        await here.press("ctrl+c")
        assert here.app.return_value is None
        await here.press("ctrl+c")
        assert here.app.return_value == 0


async def test_too_small_a_terminal_says_so_and_q_works(world):
    async with seat(world, size=(48, 12)) as here:
        await here.reads("60x16 needed, 48x12 here")
        await here.press("q")
        assert here.app.return_value == 0


async def test_the_look_is_kept_for_the_next_start(world, tmp_path):
    path = tmp_path / "console" / "session.json"
    async with seat(world, session_path=path) as here:
        await here.type(":jobs queue:gpu")
        await here.press("enter")
        await here.until(lambda: here.jobs.total == 5)
        await here.press("T", "q")
    async with seat(world, session_path=path) as here:
        await here.until(lambda: here.jobs.total == 5)
        assert here.app.utc


# Hostile text

HOSTILE = "\x1b]0;owned\x07[/nope][red]x[/] [@click=app.quit]go[/] \x1b[2J\u202eevil"


async def test_hostile_names_are_harmless_everywhere():
    world = a_world()
    world.add(HOSTILE, "running", queue="[bold]q", started_at=world.clock.now(), tags=("[/x]",))
    world.add(HOSTILE, "queued", note=HOSTILE)
    world.write_log(1, HOSTILE.encode() + b"\n")
    async with seat(world, size=(160, 48)) as here:
        await here.reads("[/nope][red]x[/] [@click=app.quit]go")
        assert "\x1b" not in here.text
        assert "\u202e" not in here.text
        await here.press("x")
        await here.reads("Cancel #1", "[/nope]")
        await here.press("escape")
        await here.press("a", "escape", "P", "escape", "enter")
        await here.reads("jobs › #1", "[@click=app.quit]")
        assert "\x1b" not in here.text


async def test_a_refusal_with_hostile_words_is_harmless(world):
    def refuse(ask):
        if isinstance(ask, Hold):
            raise NotAllowed(HOSTILE)

    world.refuse = refuse
    async with seat(world) as here:
        await here.go_to(8)
        await here.press("H")
        await here.says("not held", "[/nope]")
        assert "\x1b" not in here.text


async def test_a_view_that_fails_does_not_end_the_console(monkeypatch):
    """A fault of ours at one answer: it is said, and the next answer is shown."""
    world = a_world()
    world.add("first")
    async with seat(world) as here:

        def broken(_):
            raise KeyError("[/pid]\x1b[2J")

        monkeypatch.setattr(here.jobs, "came", broken)
        world.add("second")
        await here.says("this view failed: KeyError(", "[/pid]", "ctrl+r looks again")
        monkeypatch.undo()
        world.add("third")
        await here.reads("third")
        await here.until(lambda: "failed" not in here.status)
