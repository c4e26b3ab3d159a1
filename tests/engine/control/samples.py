"""One value of every message, each field set to something, for the golden frames."""

from typing import Any

from engine.control import messages as m
from engine.control import views as v
from engine.errors import Category, KeyTaken
from engine.model.events import Event, EventType
from engine.model.ids import AttemptId, JobId, Seq
from engine.model.reasons import Gate, GateKind
from tests.kit import answers
from tests.kit.fake_door import a_daemon, a_hello

AT = answers.NOW_AT
SOME = m.Targets(ids=(12, 13))

PROGRESS = v.ActProgress(
    key="k7",
    verb="cancel",
    total=12,
    changed=7,
    unchanged=1,
    refused=3,
    ended=False,
    stopped=True,
)

REQUESTS: tuple[Any, ...] = (
    m.SayHello(version="0.1.0", protocol=1, read_only=True, client="console"),
    m.Submit(
        jobs=({"argv": ["make", "-j4"]}, {"shell": "exit 3", "retries": 2}),
        defaults={"queue": "gpu"},
        cwd="/src",
        env={"PATH": "/bin"},
        request_key="k1",
        on_key="reject",
    ),
    m.SubmitBegin(
        count=2, defaults={"queue": "gpu"}, cwd="/src", env={"A": "é"}, request_key="k2"
    ),
    m.SubmitChunk(lines='{"argv":["a"]}\n{"argv":["b"]}\n'),
    m.SubmitCommit(),
    m.ListJobs(where="state:queued", sort="age", descending=True, after=12, count=20),
    m.ListJobs(around=7),
    m.ShowJob(id=12),
    m.Explain(id=12),
    m.ReadLog(id=12, stream="err", attempt=2, offset=-100, limit=100),
    m.FollowLog(id=12, stream="err", attempt=2, offset=5),
    m.Cancel(targets=SOME, why="slow", undo_ms=5_000, kill=True),
    m.Uncancel(targets=SOME),
    m.Hold(targets=m.Targets(where="tag:x"), why="later"),
    m.Release(targets=SOME),
    m.SetPriority(targets=SOME, to="high"),
    m.SetPriority(targets=SOME, raise_by=-1),
    m.Retry(targets=SOME),
    m.ListQueues(),
    m.SetQueue(name="gpu", pause=True, why="hot", limit=2, weight=3),
    m.SetQueue(name="gpu", no_limit=True),
    m.ListEvents(after=3, before=90, last=True, limit=10, job=12, where="level:err"),
    m.CountEvents(end_at=1_795_000_000_000_000, bucket_s=60, buckets=2, where="level>=warn"),
    m.FollowEvents(after=97, job=12, where="level:err"),
    m.Watch(gap_ms=50, quiet_ms=500),
    m.GetStats(),
    m.Wait(ids=(12, 13), any=True, timeout_ms=1_500),
    m.Check(),
    m.Stop(),
    m.SubmitArray(
        job={"argv": ["train", "--lr={lr}"]},
        grid={"lr": ("0.1", "0.01"), "seed": ("1-4",)},
        limit=2,
        stop_after=3,
        cwd="/src",
        env={"PATH": "/bin"},
        request_key="k3",
    ),
    m.SubmitArray(job={"shell": "echo {item}"}, values=("1-10", "x")),
    m.SubmitArray(job={"shell": "echo {line}"}, lines=("a b", "c")),
    m.SetArray(id=12, limit=4, stop_after=2),
    m.SetArray(id=12, no_limit=True),
    m.ListJobs(fold=True, unfolded=(12,)),
    m.ListReasons(queue="gpu"),
    m.WhatIf(act="priority", targets=SOME, to="high"),
    m.WhatIf(act="limit", name="gpu", limit=9),
    m.WhatIf(act="add_worker", worker={"cpus": 8, "gpus": 2}),
    m.WhatIf(act="edit", targets=SOME, changes={"memory": "4G"}),
    m.Apply(token="eyJhY3Qi"),
    m.Edit(targets=SOME, changes={"memory": "4G", "queue": None}),
    m.Clone(id=12, changes={"name": "again"}, request_key="k4"),
    m.SetQueue(name="gpu", reset=True),
    m.SetQueue(name="gpu", unset=("limit",)),
    m.ListGoals(),
    m.ListTenants(),
    m.ListWorkers(),
    m.SetWorker(name="gpu-1", drain=True, why="new disk"),
    m.ShowConfig(),
    m.Reload(),
    m.AddWorker(
        name="gpu-1",
        table={"backend": "ssh", "address": "ann@gpu-1:2222", "slots": 4, "labels": ["fast"]},
        trust="SHA256:abc",
    ),
    m.ActOnWorker(name="gpu-1", act="reconnect", why="new key", trust="SHA256:d"),
    m.AuthorizeKey(name="gpu-1", key="ssh-ed25519 AAAA ann", verbs="status,list"),
    m.Pause(targets=SOME, clocks=True),
    m.Resume(targets=SOME),
    m.Feed(id=12, data=b"y\n", end=True),
    m.ShowUsage(id=12),
    m.SearchLog(
        id=12,
        stream="err",
        attempt=2,
        pattern="/out of memory$/",
        start=5,
        end=900,
        backwards=True,
        context=3,
        texts=False,
        most=100,
    ),
    m.SearchLogs(
        pattern="oom",
        where="state:failed",
        streams="err",
        all_attempts=True,
        context=2,
        each=3,
        most_jobs=10,
        most_hits=100,
        most_bytes=4_096,
        most_ms=1_000,
    ),
    m.ListActs(before=900, limit=20, actor="ana", act="cancel", since_at=AT),
    m.FollowAct(key="k7"),
    m.StopAct(key="k7"),
    m.ReadReceipt(key="k7", offset=200, limit=50, refused=True),
    m.ReadReceipt(seq=97),
    m.Hold(targets=m.Targets(where="tag:x", seq=97, key="k7"), why="later"),
)

EVENT = Event(
    seq=Seq(97),
    at=AT,
    type=EventType.JOB_FAILED,
    job=JobId(12),
    attempt=AttemptId("12-1-3"),
    worker="local",
    tenant="default",
    actor="ann",
    cause="exit 2",
    data={"now": {"state": "failed"}},
)

ROW = answers.a_row(
    12,
    state="retrying",
    owner="ann",
    tags=("a", "b"),
    worker_id="local",
    attempt=1,
    max_attempts=3,
    wake_at=AT + 1,
    exit_code=2,
    note="in 4s",
)

PREVIEW = v.Preview(
    act="priority high",
    token="eyJhY3Qi",
    earlier=(
        v.MovedView(
            id=12,
            name="train",
            queue="gpu",
            was_place=9,
            place=1,
            was_starts_ms=90_000,
            starts_ms=0,
            worker="local",
        ),
    ),
    later=(),
    unchanged=7,
    grants=256,
    assumed_ms=60_000,
    seq=97,
)

ANSWERS: tuple[Any, ...] = (
    a_hello(),
    answers.submitted(12, 13),
    answers.a_page(ROW, next=12),
    v.JobDetail(
        job=answers.a_job(12),
        attempts=(answers.an_attempt(12),),
        depends_on=(ROW,),
        followers=(ROW,),
        usual=v.UsualTimes(p50_ms=1_140_000, p90_ms=1_860_000, runs=20),
        usage=answers.a_usage(12),
    ),
    v.Explanation(
        job=12,
        state="queued",
        gates=(
            Gate(
                kind=GateKind.QUEUE_LIMIT,
                ok=False,
                text="queue gpu runs 2 of 2",
                facts={"limit": 2},
                holders=(4, 9),
                next_change_at=AT,
                remedy="crabtui queues limit gpu 3",
            ),
        ),
        place=3,
        seq=97,
    ),
    answers.a_chunk(b"\xff\x00\n", offset=5),
    answers.acted(
        v.Result(id=12, ok=True, was="queued", now="canceled"),
        v.Result(id="gpu", ok=False, error="no such queue"),
    ),
    v.QueuesView(queues=(answers.a_queue("gpu", limit=2),), seq=97),
    v.EventsPage(events=(EVENT,), head=97, reached=7, is_whole=False),
    v.EventCounts(
        start_at=1_794_999_960_000_000,
        bucket_s=60,
        err=(0, 1),
        warn=(2, 0),
        info=(3, 4),
        debug=(0, 0),
        head=97,
        now_at=1_795_000_000_000_000,
        counted_from_at=1_794_999_970_000_000,
        first_at=1_794_000_000_000_000,
    ),
    EVENT,
    m.Pulse(
        seq=97,
        now_at=AT,
        jobs=(12,),
        many=True,
        queues=True,
        by_state={"queued": 3},
        trouble="x",
    ),
    answers.some_stats(a_daemon()),
    v.Waited(
        finished=(
            answers.finished(12, "failed", signal=9, error={"category": Category.RESOURCE}),
        ),
        unfinished=(13,),
    ),
    v.Checked(problems=("page 4 is torn",)),
    v.Done(),
    v.ReasonsView(
        reasons=(
            v.ReasonView(
                kind="fit",
                queue="gpu",
                text="no room",
                count=100_000,
                is_exact=False,
                oldest_at=AT,
                first=12,
                priorities={"high": 3},
                remedy="crabtui explain 12",
            ),
        ),
        waiting=100_001,
        seq=97,
    ),
    PREVIEW,
    v.Applied(act="priority high", results=(v.Result(id=12, ok=True),), preview=PREVIEW),
    v.GoalsView(
        goals=(
            v.GoalView(goal="fix-7", holders=(4, 9), since_at=AT, waiting=2, first_waiter=12),
        ),
        inversions=(
            v.InversionView(
                waiter=12,
                holder=4,
                lock="goal fix-7",
                since_at=AT,
                waiter_priority="critical",
                holder_priority="low",
            ),
        ),
    ),
    v.TenantsView(
        tenants=(
            v.TenantView(
                tenant="ana",
                namespace="web",
                weight=2,
                share=0.25,
                running=1,
                queued=3,
                taken={"cpu_milli": 1000},
                quota={"running": 4},
            ),
        )
    ),
    v.WorkersView(workers=answers.some_stats(a_daemon()).workers, now_at=AT),
    v.ConfigView(
        settings=(
            v.SettingView(
                key="queues.gpu.limit",
                value="8",
                source="config.toml:3",
                about="Jobs of it at once.",
            ),
        ),
        files=("config.toml",),
    ),
    v.Reloaded(changed=("queues.gpu.limit: 8 -> 9",), needs_restart=("daemon.lease_ttl",)),
    v.Fed(id=12, taken=2, ended=True),
    v.JobUsage(attempts=(answers.a_usage(12),)),
    v.LogFound(
        attempt="12-2-7",
        start=5,
        end=900,
        lines=30,
        size=950,
        dropped=0,
        hits=(v.LogHit(offset=40, before=2, data=b"oom", above=(b"a", b"b"), below=(b"c",)),),
    ),
    v.LogsFound(
        job=12,
        name="train",
        attempt="12-2-7",
        number=2,
        stream="err",
        worker="node-7",
        hits=(v.LogHit(offset=40, before=2, data=b"oom"),),
        more=True,
        trouble="no link",
        total=v.SearchTotal(
            matched=12,
            matched_is_exact=True,
            jobs=10,
            logs=20,
            bytes=4_096,
            hits=1,
            unread=1,
            ended_by="jobs",
        ),
    ),
    v.ActsPage(
        acts=(
            v.ActView(
                seq=97,
                at=AT,
                by="ana",
                verb="cancel",
                client="console",
                worker="gpu-1",
                why="slow",
                asked={"where": "tag:x", "undo_ms": 5_000},
                total=12,
                changed=7,
                unchanged=1,
                refused=3,
                left=1,
                stopped=True,
                error="no",
                first=80,
                last=96,
                has_receipt=True,
            ),
        ),
        head=99,
    ),
    PROGRESS,
    v.ReceiptPage(
        progress=PROGRESS,
        results=(v.Result(id=12, ok=False, was="running", error="#12 runs"),),
        offset=200,
        total=201,
    ),
)

ERROR = KeyTaken(
    "key 'k' belongs to #3", field="key", nearest="k2", retry_after_s=1.5, details={"job": 3}
)
