"""`ls` as CSV, by groups, explained and by saved views; `views`; completion of filters."""

import csv
import io
import json
from pathlib import Path

import click
import pytest

from crabtui.cli.completion import complete_filter
from crabtui.cli.ls import ls
from engine.control.messages import GroupJobs, ListJobs, Suggest
from engine.control.views import GroupsView, GroupView, Suggestions, ValueCount
from tests.crabtui.cli.conftest import Crab
from tests.kit.answers import a_page, a_row
from tests.kit.fake_door import FakeDoor


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CRABTUI_STATE", str(state))


def test_csv_has_all_rows_and_no_formula(crab: Crab, door: FakeDoor) -> None:
    rows = [a_row(n, name="=SUM(A1)" if n == 1 else f"n,{n}") for n in range(1, 41)]

    def page(ask: ListJobs) -> object:
        first = (ask.after or 0) + 1
        shown = rows[first - 1 : first + 24]
        last = shown[-1].id if shown else 0
        return a_page(*shown, total=40, next=last if last < 40 else None)

    door.answers[ListJobs] = page
    read = list(csv.DictReader(io.StringIO(crab("ls", "--csv").out)))
    assert [int(row["id"]) for row in read] == list(range(1, 41))
    assert [row["name"] for row in read[:2]] == ["'=SUM(A1)", "n,2"]


def test_groups_are_a_table_and_json(crab: Crab, door: FakeDoor) -> None:
    door.answers[GroupJobs] = GroupsView(
        by="queue",
        groups=(
            GroupView(
                value="gpu",
                count=1_203,
                by_state={"queued": 1_200, "running": 3},
                where="queue:gpu",
            ),
            GroupView(value=None, count=2, by_state={"failed": 2}, where="!queue:*"),
        ),
        others=4,
        jobs=1_205,
        is_exact=False,
        seq=1,
    )
    ran = crab("ls", "tag:x", "--by", "queue", "-n", "2")
    assert door.asked(GroupJobs) == [GroupJobs(by="queue", where="tag:x", count=2)]
    assert "1,203  gpu    3 running, 1,200 queued  queue:gpu" in ran.out
    assert "4 more values" in ran.err
    assert "were counted" in ran.err
    told = json.loads(crab("ls", "--json", "--by", "queue").out)
    assert told["groups"][0]["count"] == 1_203


def test_explain_tells_how_it_is_read_and_what_it_costs(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListJobs] = a_page(a_row(1), scan=100_000)
    assert "state:running: 100,000 jobs looked at" in crab("ls", "state:run", "--explain").err
    door.answers[ListJobs] = a_page(a_row(1))
    assert "id:1: indexed" in crab("ls", "id:1", "--explain").err


def test_times_of_day_are_those_of_whoever_types(
    crab: Crab, door: FakeDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    door.answers[ListJobs] = a_page()
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    crab("ls", "since:13:40")
    assert [ask.where for ask in door.asked(ListJobs)] == ["since:18:40:00Z"]


def test_views_are_saved_listed_used_and_deleted(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListJobs] = a_page()
    assert crab("views").code == 0
    said = crab("views", "save", "gpu-hot", "queue:gpu", "state:running", "--sort", "name")
    assert said.out == "view gpu-hot saved: queue:gpu state:running\n"
    assert "gpu-hot" in crab("views").out
    assert json.loads(crab("views", "--json").out)["views"][0]["name"] == "gpu-hot"
    crab("ls", "--view", "gpu-hot", "tag:x", "-r")
    [ask] = door.asked(ListJobs)
    assert (ask.where, ask.sort, ask.descending) == (
        "(queue:gpu state:running) (tag:x)",
        "name",
        True,
    )
    wrong = crab("ls", "--view", "gpu-hto")
    assert wrong.code != 0
    assert "'gpu-hot'" in wrong.err
    assert "deleted" in crab("views", "delete", "gpu-hot").out
    assert crab("views", "delete", "gpu-hot").code != 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("save", "no/slash", "state:run"), "no name of a view"),
        (("save", "x", "stat:run"), "state"),
        (("save", "x"), "crabtui views save NAME FILTER"),
    ],
)
def test_what_cannot_be_saved_is_refused(crab: Crab, words: tuple[str, ...], said: str) -> None:
    ran = crab("views", *words)
    assert ran.code != 0
    assert said in ran.err


def test_a_shell_completes_fields_and_values(door: FakeDoor) -> None:
    door.answers[Suggest] = Suggestions(
        field="queue", values=(ValueCount(value="gpu", count=3),), is_exact=True
    )
    context = click.Context(ls)
    assert complete_filter(context, ls.params[0], "que") == ["queue:"]
    assert complete_filter(context, ls.params[0], "queue:g") == ["queue:gpu"]
    assert [ask.field for ask in door.asked(Suggest)] == ["queue"]


@pytest.mark.parametrize(
    ("words", "begun", "found"),
    [
        (["queue"], ":", ["gpu"]),
        (["queue", ":"], "g", ["gpu"]),
        (["state:failed", "queue", ":"], "", ["gpu"]),
        (["tag:x"], "queue:g", ["queue:gpu"]),
    ],
)
def test_bash_which_ends_words_at_colons_is_understood(
    door: FakeDoor, words: list[str], begun: str, found: list[str]
) -> None:
    door.answers[Suggest] = Suggestions(
        field="queue", values=(ValueCount(value="gpu", count=3),), is_exact=True
    )
    context = click.Context(ls)
    context.params["words"] = tuple(words)
    assert complete_filter(context, ls.params[0], begun) == found


def test_without_a_daemon_only_what_is_always_known_is_offered() -> None:
    context = click.Context(ls)
    assert complete_filter(context, ls.params[0], "queue:g") == []
    assert complete_filter(context, ls.params[0], "held:y") == ["held:yes"]
