"""`crabtui telemetry` and `crabtui stats --prometheus`, on a real daemon."""

import json
import re

import pytest
from msgspec import structs

from crabtui.data.admin.prometheus import exposition
from tests.crabtui.cli.conftest import Crab
from tests.kit import answers
from tests.kit.daemon import RealDaemon
from tests.kit.fake_door import a_daemon


def test_signals_are_printed_as_they_come(crab: Crab, daemon: RealDaemon) -> None:
    daemon.submit({"argv": ["true"], "tenant": "acme"})
    words = ("--after", "0", "--event", "job.*", "-n", "4", "--json")
    lines = crab("telemetry", "follow", *words).out.splitlines()
    told = [json.loads(line) for line in lines]
    names = ["job.submitted", "job.queued", "job.started", "job.completed"]
    assert [one["name"] for one in told] == names
    assert {one["metadata"]["tenant_id"] for one in told} == {"acme"}
    assert told[3]["measurements"]["count"] == 1


def test_experiments_are_told_of_in_their_words(crab: Crab, daemon: RealDaemon) -> None:
    daemon.submit({"argv": ["true"], "metadata": {"source": "lab", "run_id": "r1"}})
    words = ("--after", "0", "--event", "stage.*", "--source", "lab", "-n", "2")
    out = crab("telemetry", "follow", *words).out
    assert "stage.started" in out
    assert "run_id=r1" in out


def test_a_name_that_is_none_is_refused_before_anybody_is_asked(crab: Crab) -> None:
    ran = crab("telemetry", "follow", "--event", "job.complete")
    assert (ran.code, "job.completed" in ran.err) == (2, True)


def test_all_names_are_listed(crab: Crab) -> None:
    out = crab("telemetry", "names").out
    assert re.search(r"job\.retry +count delay_ms +job_id tenant_id attempt", out)
    assert "backend_stopped" in out
    assert "queue.overflow" in json.loads(crab("telemetry", "names", "--json").out)["engine"]


@pytest.mark.usefixtures("daemon")
def test_prometheus_can_read_the_counters(crab: Crab) -> None:
    crab("run", "--", "true")
    out = crab("stats", "--prometheus").out
    assert 'crabtui_jobs{queue="default",state="succeeded"} 1\n' in out
    assert "\ncrabtui_granting 1\n" in out
    for line in out.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \S+ .+|\w+(\{(\w+="[^"]*",?)+\})? \S+', line), line


def test_what_names_contain_breaks_no_line() -> None:
    stats = answers.some_stats(a_daemon())
    jobs = structs.replace(stats.jobs, by_queue={'a"b\\c\nd': {"queued": 2}})
    out = exposition(structs.replace(stats, jobs=jobs))
    assert 'crabtui_jobs{queue="a\\"b\\\\c\\nd",state="queued"} 2\n' in out


def test_ends_are_printed_as_spans(crab: Crab, daemon: RealDaemon) -> None:
    daemon.submit({"argv": ["true"]}, {"argv": ["false"]})
    words = ("--after", "0", "-n", "4", "--service", "mine")
    ends = [json.loads(line) for line in crab("telemetry", "spans", *words).out.splitlines()]
    told = [span for end in ends for span in end["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    whole = [span for span in told if span["name"] == "job"]
    assert sorted(span["status"]["code"] for span in whole) == [1, 2]
    assert len({span["traceId"] for span in told}) == 2
    ids = {span["spanId"] for span in whole}
    assert all(span["parentSpanId"] in ids for span in told if span["name"] != "job")
