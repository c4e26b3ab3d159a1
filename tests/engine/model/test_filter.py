"""The filter's language: what parses, what is refused, what it means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.model.filter import EMPTY, counts_terms, matches, parse
from engine.model.filter.percentiles import percentile, wanted_percentiles
from tests.engine.model.filter_strategies import NOW, jobs, queries
from tests.kit.build import a_job


def canonical(text, **rest):
    return parse(text, **rest).text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("state:running,queued queue:gpu age>1m", "state:queued,running queue:gpu age>1m"),
        ("!worker:gpu-* reason:queue-limit", "!worker:gpu-* reason:queue-limit"),
        ("meta.user.plan=pro | tag:vip", "meta.user.plan=pro | tag:vip"),
        ('"out of memory" -name~/^eval/', '"out of memory" !name~/^eval/'),
        ("name~^(a|b)$ or x", "name~/^(a|b)$/ | x"),
        ("a and (b OR c)", "a (b | c)"),
        ("state:run", "state:running"),
        ("state:r", "state:running,retrying"),
        ("state:*ing", "state:pending,running,retrying"),
        ("state:ended", "state:succeeded,failed,canceled,timeout,skipped"),
        ("state:waiting", "state:pending,queued,retrying"),
        ("prio>=high", "prio:critical,high"),
        ("prio<normal", "prio:low"),
        ("priority:batch", "prio:normal"),
        ("prio:low..high", "prio:high,normal,low"),
        ("host:a by:me", "worker:a owner:me"),
        ("held:true", "held:yes"),
        ("paused:y", "paused:yes"),
        ("unreachable:true", "unreachable:yes"),
        ("id:#12,3..5", "id:12,3..5"),
        ("age:5m..1h run:..90", "age:5m..1h run:..1m30s"),
        ("wait>1.5h", "wait>1h30m"),
        ("since:2026-11-21T13:40+02:00", "since:2026-11-21T11:40:00Z"),
        ("until:1h30m", "until:1h30m"),
        ("meta.lr>=0.5 meta.n:1..3", "meta.lr>=0.5 meta.n:1..3"),
        ('"or" "and" name:"a b"', '"or" "and" name:"a b"'),
        ("args.cwd:/srv", 'args.cwd:"/srv"'),
        ("wait>p95 run<=p50", "wait>p95 run<=p50"),
        ("label:ssd,gpu* label.zone!=eu", "label:ssd,gpu* label.zone!=eu"),
        ("label.zone~^eu", "label.zone~/^eu/"),
        ("label:zone=eu", 'label:"zone=eu"'),
        ("  ", ""),
    ],
)
def test_text_has_one_canonical_form(text, written):
    assert canonical(text) == written
    assert parse(written) == parse(text)


def test_times_of_day_are_read_in_the_readers_zone():
    assert canonical("exit!=0 since:13:40", utc_offset_s=3600) == "exit!=0 since:12:40:00Z"
    assert canonical("until:2026-11-21", utc_offset_s=-3600) == "until:2026-11-21T01:00:00Z"


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("queue:a stat:x", 9, "did you mean 'state'"),
        ("state:runing", 7, "did you mean 'running'"),
        ("state=run", 7, "unknown state"),
        ("state:unreachable", 7, "unreachable:yes"),
        ("prio:urgent", 6, "unknown prio"),
        ("wait:p95", 6, "wait>p95 or wait<p95"),
        ("wait>p100", 6, "p1 to p99"),
        ("wait>p0", 6, "p1 to p99"),
        ("age>p95", 5, "wait and run have"),
        ("flow:sweep", 6, "no value of flow"),
        ("level:error", 1, "jobs have a state"),
        ("label>ssd", 7, "no order"),
        ("args.user.plan=pro", 16, "not available"),
        ("age:5m", 5, "age>5m"),
        ("age>soon", 5, "write 90s, 5m or 1h30m"),
        ("id:abc", 4, "1400..1450); write a number"),
        ("id:1..b", 4, "no range"),
        ("since:yesterday", 7, "no time"),
        ("since:25:00", 7, "no time"),
        ("state>queued", 7, "no order"),
        ("queue>a", 7, "no order"),
        ("prio>critical", 6, "nothing is more urgent"),
        ("meta.x>abc", 8, "no number"),
        ("meta:x", 1, "say which"),
        ("queue.x:a", 1, "no parts"),
        ("name~(", 6, "regular expression"),
        ("name~/" + "a" * 201 + "/", 6, "200"),
        ("name~a**", 6, "repeats"),
        ("/usr/bin", 1, "regular expression"),
        ("(a", 1, "never closed"),
        ("a)", 2, "closes nothing"),
        ('"a', 1, "never closed"),
        ("a | ", 5, "missing"),
        ("a and", 6, "must follow"),
        ("a ! b", 3, "nothing follows"),
        ("queue:", 7, "missing"),
        ("queue:a,,b", 9, "missing"),
        ("(" * 21 + "a" + ")" * 21, 21, "deep"),
        ("!(" * 11 + "a" + ")" * 11, 21, "deep"),
        ("a " * 101, 201, "terms"),
        ("x" * 2001, 2001, "2000"),
    ],
)
def test_what_is_no_filter_is_refused_with_its_place(text, at, said):
    with pytest.raises(InvalidSpec) as caught:
        parse(text)
    assert said in caught.value.message
    assert caught.value.details["at"] == at
    assert caught.value.field == "filter"


@given(queries)
@settings(max_examples=300, deadline=None)
def test_every_query_survives_being_written_and_read(query):
    assert parse(query.text) == query


@given(st.text(max_size=60) | st.text(alphabet='ab:=!<>~/()|"., -*?1', max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_filter_or_refused(text):
    try:
        query = parse(text)
    except InvalidSpec:
        return
    assert parse(query.text) == query


@given(jobs(), queries)
@settings(max_examples=200, deadline=None)
def test_negation_is_the_complement(job, query):
    if not query.is_empty:
        assert matches(parse(f"!({query.text})"), job, NOW) != matches(query, job, NOW)


def test_a_percentile_is_that_of_the_jobs_own_queue():
    slow, fast = (
        a_job(queue=queue, now={"queued_at": NOW - 60_000_000}) for queue in ("slow", "fast")
    )
    known = {("wait", 95): {"slow": 90_000_000, "fast": 30_000_000}}
    above = [matches(parse("wait>p95"), job, NOW, known) for job in (slow, fast)]
    assert above == [False, True]
    assert not matches(parse("wait<p95"), fast, NOW)
    assert wanted_percentiles(parse("a !(wait>p95 | run<p50,p9)")) == {
        ("wait", 95),
        ("run", 50),
        ("run", 9),
    }


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 99))
def test_a_percentile_is_the_smallest_that_enough_stay_below(lengths, number):
    found = percentile(lengths, number)
    below = sum(one <= found for one in lengths)
    assert below * 100 >= number * len(lengths)
    assert sum(one < found for one in lengths) * 100 < number * len(lengths)


@given(jobs())
@settings(max_examples=20, deadline=None)
def test_the_empty_query_passes_everything(job):
    assert matches(EMPTY, job, NOW)
    assert EMPTY.is_empty
    assert EMPTY.text == ""


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", {}),
        ("state:running", {"state": {"running"}}),
        ("queue:a,b prio>=high", {"queue": {"a", "b"}, "prio": {"critical", "high"}}),
        ("queue:a,b queue=b,c tenant=x", {"queue": {"b"}, "tenant": {"x"}}),
        ("queue:a*", None),
        ("queue!=a", None),
        ("!queue:a", None),
        ("queue:a | queue:b", None),
        ("queue:a name:x", None),
    ],
)
def test_what_the_counters_can_answer(text, terms):
    assert counts_terms(parse(text)) == terms
