-- The present schema, for reading; a test compares it with what the migrations make.
-- Instants are integer microseconds, UTC. NULL means that it has not happened.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id             INTEGER PRIMARY KEY,
    -- fixed at submission
    tenant         TEXT NOT NULL,
    namespace      TEXT NOT NULL,
    owner          TEXT NOT NULL,
    name           TEXT NOT NULL,
    kind           TEXT NOT NULL,
    key            TEXT,
    parent         INTEGER,
    trace_id       TEXT NOT NULL,
    span_id        TEXT NOT NULL,
    tags           TEXT NOT NULL,   -- JSON array of words
    surroundings   INTEGER NOT NULL,
    shape          INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    deadline_at    INTEGER,
    max_attempts   INTEGER NOT NULL,
    command        TEXT NOT NULL,   -- its first 200 characters, for search
    -- engine.model.job.Progress
    state          TEXT NOT NULL,
    queue          TEXT NOT NULL,
    priority       INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    attempt        TEXT,
    attempts       INTEGER NOT NULL,
    failures       INTEGER NOT NULL,
    losses         INTEGER NOT NULL,
    worker         TEXT,
    queued_at      INTEGER,
    started_at     INTEGER,
    ended_at       INTEGER,
    state_at       INTEGER NOT NULL,
    wake_at        INTEGER,
    unmet          INTEGER NOT NULL,
    held_by        TEXT,
    held_why       TEXT NOT NULL,
    cancel_at      INTEGER,
    cancel_by      TEXT,
    cancel_why     TEXT NOT NULL,
    stopping       INTEGER NOT NULL,
    unreachable_at INTEGER,
    needs_operator INTEGER NOT NULL,
    exit_code      INTEGER,
    signal         INTEGER,
    trouble        TEXT,            -- JSON
    note           TEXT NOT NULL,
    -- the order "activity": what needs a look first, then what is to come, then the past
    rank           INTEGER AS (
        CASE WHEN unreachable_at IS NOT NULL OR needs_operator THEN 0
             WHEN state = 'running'  THEN 1
             WHEN state = 'retrying' THEN 2
             WHEN state = 'queued'   THEN 3
             WHEN state = 'pending'  THEN 4
             ELSE 5 END) VIRTUAL,
    rank_key       INTEGER AS (
        CASE WHEN unreachable_at IS NOT NULL OR needs_operator THEN state_at
             WHEN state = 'running'  THEN coalesce(started_at, state_at)
             WHEN state = 'retrying' THEN coalesce(wake_at, state_at)
             WHEN state = 'queued'   THEN priority
             WHEN state = 'pending'  THEN 0
             ELSE -coalesce(ended_at, state_at) END) VIRTUAL,
    array          INTEGER,         -- the composite job of its array
    array_index    INTEGER,
    goal           TEXT,
    session        TEXT,
    displaced_for  INTEGER,         -- of Progress
    -- how it waits: '' could be granted; NULL does not wait, or is only there for members
    -- (no IN here: each one would build a table of its own at every write)
    mark           TEXT AS (
        CASE WHEN kind = 'composite' THEN NULL
             WHEN state <> 'pending' AND state <> 'queued' AND state <> 'retrying' THEN NULL
             WHEN held_by IS NOT NULL THEN 'held'
             WHEN cancel_at IS NOT NULL THEN 'canceling'
             WHEN attempt IS NOT NULL THEN 'starting'
             WHEN unmet > 0 THEN 'unmet'
             WHEN state <> 'queued' THEN 'asleep'
             ELSE '' END) VIRTUAL,
    paused_at      INTEGER,         -- of Progress, as is the next
    paused_by      TEXT,
    fp             TEXT AS (json_extract(trouble, '$.fp')) VIRTUAL,
    flow           INTEGER,         -- the composite job within which it is a task
    task           TEXT             -- its name there
) STRICT;

-- A job's spec, apart, because only an edit changes it: a transition rewrites a short row.
CREATE TABLE specs (
    job  INTEGER PRIMARY KEY,
    spec BLOB NOT NULL              -- JSON of engine.model.spec.JobSpec
) STRICT;

CREATE INDEX jobs_by_activity ON jobs (rank, rank_key);

CREATE INDEX jobs_waiting ON jobs (mark, state, queue, priority, tenant, shape, id, state_at)
    WHERE mark IS NOT NULL;

CREATE INDEX jobs_by_activity_folded ON jobs (rank, rank_key) WHERE array IS NULL;

CREATE INDEX jobs_of_array ON jobs (array) WHERE array IS NOT NULL;

CREATE UNIQUE INDEX jobs_of_flow ON jobs (flow, task) WHERE flow IS NOT NULL;
CREATE INDEX jobs_of_flow_by_id ON jobs (flow, id) WHERE flow IS NOT NULL;
CREATE INDEX jobs_of_parent ON jobs (parent) WHERE parent IS NOT NULL;

CREATE INDEX jobs_with_goal ON jobs (goal)
    WHERE goal IS NOT NULL AND attempts > 0
      AND state IN ('pending', 'queued', 'running', 'retrying');

CREATE INDEX jobs_composite ON jobs (kind)
    WHERE kind = 'composite' AND state IN ('pending', 'queued', 'running', 'retrying');

CREATE INDEX jobs_succeeded ON jobs (queue, name, ended_at, started_at)
    WHERE state = 'succeeded' AND name <> '';

CREATE INDEX jobs_by_fp ON jobs (fp) WHERE fp IS NOT NULL;

CREATE INDEX jobs_waking ON jobs (wake_at)
    WHERE wake_at IS NOT NULL AND state IN ('pending', 'retrying') AND unmet = 0;

CREATE INDEX jobs_expiring ON jobs (deadline_at)
    WHERE deadline_at IS NOT NULL AND state IN ('pending', 'queued', 'retrying')
      AND attempt IS NULL;

CREATE INDEX jobs_canceling ON jobs (cancel_at)
    WHERE cancel_at IS NOT NULL AND state IN ('pending', 'queued', 'retrying')
      AND stopping = 0;

CREATE UNIQUE INDEX jobs_live_key ON jobs (tenant, key)
    WHERE key IS NOT NULL
      AND state IN ('pending', 'queued', 'running', 'retrying');

-- What a job was from one event to the next; what it is now stands in `jobs`.
CREATE TABLE job_versions (
    job            INTEGER NOT NULL,
    from_seq       INTEGER NOT NULL,
    to_seq         INTEGER NOT NULL,
    state          TEXT NOT NULL,
    queue          TEXT NOT NULL,
    priority       INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    attempt        TEXT,
    attempts       INTEGER NOT NULL,
    failures       INTEGER NOT NULL,
    losses         INTEGER NOT NULL,
    worker         TEXT,
    queued_at      INTEGER,
    started_at     INTEGER,
    ended_at       INTEGER,
    state_at       INTEGER NOT NULL,
    wake_at        INTEGER,
    unmet          INTEGER NOT NULL,
    held_by        TEXT,
    held_why       TEXT NOT NULL,
    cancel_at      INTEGER,
    cancel_by      TEXT,
    cancel_why     TEXT NOT NULL,
    stopping       INTEGER NOT NULL,
    unreachable_at INTEGER,
    needs_operator INTEGER NOT NULL,
    exit_code      INTEGER,
    signal         INTEGER,
    trouble        TEXT,
    note           TEXT NOT NULL,
    displaced_for  INTEGER,
    paused_at      INTEGER,
    paused_by      TEXT,
    PRIMARY KEY (job, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER jobs_keep_past AFTER UPDATE ON jobs WHEN old.version <> new.version
BEGIN
    INSERT INTO job_versions VALUES (
        old.id, old.version, new.version,
        old.state, old.queue, old.priority, old.version, old.attempt, old.attempts,
        old.failures, old.losses, old.worker, old.queued_at, old.started_at,
        old.ended_at, old.state_at, old.wake_at, old.unmet, old.held_by, old.held_why,
        old.cancel_at, old.cancel_by, old.cancel_why, old.stopping,
        old.unreachable_at, old.needs_operator, old.exit_code, old.signal,
        old.trouble, old.note, old.displaced_for, old.paused_at, old.paused_by);
END;

CREATE TABLE deps (
    job    INTEGER NOT NULL,
    on_job INTEGER NOT NULL,
    news   INTEGER NOT NULL DEFAULT 0,  -- 1: on_job has ended since job's `unmet` was set
    after  TEXT NOT NULL DEFAULT 'success',
    PRIMARY KEY (job, on_job)
) STRICT, WITHOUT ROWID;

CREATE INDEX deps_on ON deps (on_job);
CREATE INDEX deps_news ON deps (job) WHERE news = 1;

CREATE TRIGGER jobs_tell_dependents AFTER UPDATE OF state ON jobs
    WHEN old.state <> new.state
         AND new.state <> 'pending' AND new.state <> 'queued'
         AND new.state <> 'running' AND new.state <> 'retrying'
BEGIN
    UPDATE deps SET news = 1 WHERE on_job = new.id;
END;

-- A job hears of an end by taking it into `unmet`. One that came meanwhile stays news.
CREATE TRIGGER jobs_heard_news AFTER UPDATE OF state, unmet ON jobs
    WHEN old.unmet > 0 AND (old.unmet <> new.unmet OR new.state <> 'pending')
BEGIN
    UPDATE deps SET news = 0
     WHERE job = new.id AND news = 1
       AND (new.state <> 'pending' OR (
            new.unmet = (SELECT count(*) FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
                          WHERE d.job = new.id
                            AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                             WHERE m.after = d.after AND m.state = j.state))
            AND NOT EXISTS (
                SELECT 1 FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
                 WHERE d.job = new.id
                   AND j.state IN ('succeeded', 'failed', 'canceled', 'timeout', 'skipped')
                   AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                    WHERE m.after = d.after AND m.state = j.state))));
END;

CREATE TABLE attempts (
    job         INTEGER NOT NULL,
    id          TEXT NOT NULL,
    number      INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    worker      TEXT NOT NULL,
    phase       TEXT NOT NULL,
    intent_at   INTEGER NOT NULL,
    started_at  INTEGER,
    ended_at    INTEGER,
    pid         INTEGER,
    pid_start   TEXT,
    ident       TEXT,
    verdict     TEXT,
    exit_code   INTEGER,
    signal      INTEGER,
    trouble     TEXT,
    evidence_at INTEGER,
    gpus        TEXT NOT NULL DEFAULT '[]',  -- JSON array of indices
    limits      TEXT NOT NULL DEFAULT '',
    lease_ms    INTEGER,
    revision    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_open ON attempts (job) WHERE phase <> 'ended';

-- One row for a job at most: no job ever has two live leases.
CREATE TABLE leases (
    job        INTEGER PRIMARY KEY,
    attempt    TEXT NOT NULL UNIQUE,
    epoch      INTEGER NOT NULL,
    worker     TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    type    TEXT NOT NULL,
    job     INTEGER,
    attempt TEXT,
    worker  TEXT,
    tenant  TEXT,
    actor   TEXT NOT NULL,
    cause   TEXT NOT NULL,
    data    TEXT NOT NULL               -- JSON object
) STRICT;

CREATE INDEX events_of_job ON events (job) WHERE job IS NOT NULL;

CREATE INDEX events_of_operators ON events (seq) WHERE type = 'operator.acted';

CREATE INDEX events_of_problems ON events (seq)
    WHERE type IN ('job.failed', 'job.timeout', 'job.rejected', 'array.aborted',
        'attempt.lost', 'worker.refused', 'worker.declared_dead', 'daemon.trouble',
        'job.retry', 'job.skipped', 'job.starving', 'job.displaced', 'inversion.began',
        'attempt.unreachable', 'attempt.soft_timeout', 'attempt.void', 'lease.expired',
        'queue.mode', 'worker.disconnected', 'worker.quarantined', 'worker.breaker',
        'workflow.failed', 'workflow.stopped', 'cron.missed', 'cron.skipped',
        'hook.refused');

-- How many events of each kind there were in each stretch of time, and where in the log they
-- lie; kept by the writer, one change per commit. Stretches are of 10 s and of 600 s.
CREATE TABLE event_bins (
    width_s  INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    type     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    PRIMARY KEY (width_s, start_at, type)
) STRICT, WITHOUT ROWID;

-- How many jobs there are of each sort; kept by the writer, one change per commit.
CREATE TABLE counters (
    queue    TEXT NOT NULL,
    tenant   TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state    TEXT NOT NULL,
    number   INTEGER NOT NULL,
    PRIMARY KEY (queue, tenant, priority, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE queues (
    name      TEXT PRIMARY KEY,
    "limit"   INTEGER,
    weight    INTEGER NOT NULL,
    paused_by TEXT,
    paused_why TEXT NOT NULL,
    paused_at INTEGER,
    version   INTEGER NOT NULL,
    own       TEXT NOT NULL DEFAULT '[]'  -- JSON array: what of it was set by hand
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL                  -- JSON of engine.model.worker.Worker
) STRICT, WITHOUT ROWID;

CREATE TABLE shapes (
    id   INTEGER PRIMARY KEY,
    body TEXT NOT NULL UNIQUE           -- JSON of engine.model.job.Shape
) STRICT;

CREATE TABLE surroundings (
    id     INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    body   TEXT NOT NULL                -- JSON of engine.model.spec.Surroundings
) STRICT;

-- Ranges of jobs that were submitted in bulk. While `seq` is NULL nobody sees the jobs;
-- then it is the place in the log of the event that made them visible.
CREATE TABLE batches (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL,
    seq   INTEGER
) STRICT;

CREATE INDEX batches_open ON batches (first) WHERE seq IS NULL;
CREATE INDEX batches_since ON batches (seq) WHERE seq IS NOT NULL;

-- Submissions by the key that their client made, so that repeating one is safe.
CREATE TABLE requests (
    key   TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Arrays by their composite job; the ids of their members are contiguous.
CREATE TABLE arrays (
    id         INTEGER PRIMARY KEY,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    "limit"    INTEGER,
    stop_after INTEGER,
    version    INTEGER NOT NULL
) STRICT;

-- How many members are in each state; kept by the writer, one change per commit.
CREATE TABLE array_counts (
    array  INTEGER NOT NULL,
    state  TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (array, state)
) STRICT, WITHOUT ROWID;

-- How many jobs wait in each namespace, composite ones left out; kept by the writer too.
CREATE TABLE waiting (
    tenant    TEXT NOT NULL,
    namespace TEXT NOT NULL,
    number    INTEGER NOT NULL,
    PRIMARY KEY (tenant, namespace)
) STRICT, WITHOUT ROWID;

-- Where each session ran last.
CREATE TABLE sessions (
    name   TEXT PRIMARY KEY,
    worker TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_newest ON sessions (at, worker);

CREATE TRIGGER jobs_session_ran AFTER UPDATE OF started_at ON jobs
    WHEN new.session IS NOT NULL AND new.worker IS NOT NULL AND new.started_at IS NOT NULL
BEGIN
    INSERT INTO sessions (name, worker, at) VALUES (new.session, new.worker, new.started_at)
        ON CONFLICT (name) DO UPDATE SET worker = excluded.worker, at = excluded.at
         WHERE excluded.at >= at;
END;

-- What attempts used of their hosts over time; points are merged as they become many.
CREATE TABLE samples (
    attempt   TEXT NOT NULL,
    at        INTEGER NOT NULL,
    cpu_ms    INTEGER NOT NULL,
    memory_mb INTEGER NOT NULL,
    processes INTEGER NOT NULL,
    gpu_mb    INTEGER,
    PRIMARY KEY (attempt, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_versions_until ON job_versions (to_seq);

-- What an edit of a waiting job replaced; it held until the event `to_seq`.
CREATE TABLE spec_versions (
    job          INTEGER NOT NULL,
    to_seq       INTEGER NOT NULL,
    owner        TEXT NOT NULL,
    name         TEXT NOT NULL,
    key          TEXT,
    tags         TEXT NOT NULL,
    deadline_at  INTEGER,
    max_attempts INTEGER NOT NULL,
    command      TEXT NOT NULL,
    goal         TEXT,
    session      TEXT,
    shape        INTEGER NOT NULL,
    spec         BLOB NOT NULL,
    PRIMARY KEY (job, to_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX spec_versions_until ON spec_versions (to_seq);

CREATE TRIGGER jobs_keep_spec AFTER UPDATE OF owner, name, key, tags, deadline_at,
    max_attempts, command, goal, session, shape ON jobs
BEGIN
    INSERT OR IGNORE INTO spec_versions
    SELECT old.id, new.version, old.owner, old.name, old.key, old.tags, old.deadline_at,
           old.max_attempts, old.command, old.goal, old.session, old.shape, spec
      FROM specs WHERE job = old.id;
END;

-- What a queue, a worker, an array or the backpressure of all queues was from an event on.
CREATE TABLE place_versions (
    kind     TEXT NOT NULL,             -- queue, worker, array, modes
    name     TEXT NOT NULL,
    from_seq INTEGER NOT NULL,
    body     TEXT,                      -- JSON of its row; NULL: it was removed
    PRIMARY KEY (kind, name, from_seq)
) STRICT, WITHOUT ROWID;

-- The counters as they stood at an event; the first is where the past begins.
CREATE TABLE checkpoints (
    seq      INTEGER PRIMARY KEY,
    clock    INTEGER NOT NULL,          -- the latest instant that any event up to it has
    next_job INTEGER NOT NULL,          -- all jobs up to it have smaller ids
    counts   TEXT NOT NULL              -- JSON: [[queue, tenant, priority, state, number], …]
) STRICT;

CREATE INDEX checkpoints_by_clock ON checkpoints (clock, seq);

-- Composite jobs whose children are tasks with names.
CREATE TABLE flows (
    id      INTEGER PRIMARY KEY,        -- of the composite job
    name    TEXT NOT NULL,
    run     INTEGER NOT NULL,
    root    INTEGER NOT NULL,
    body    TEXT NOT NULL,              -- JSON of engine.model.workflow.Flow
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX flows_by_name ON flows (name, run) WHERE root = id;
CREATE INDEX flows_of_root ON flows (root);

-- What workflows were made from, by the SHA-256 of its text.
CREATE TABLE definitions (
    digest TEXT PRIMARY KEY,
    body   BLOB NOT NULL                -- JSON, as it was submitted
) STRICT, WITHOUT ROWID;

CREATE TABLE results (
    job     INTEGER PRIMARY KEY,
    attempt TEXT NOT NULL,
    at      INTEGER NOT NULL,
    body    BLOB NOT NULL               -- JSON
) STRICT;

-- Ends of a job that let those go on which depend on it like this (engine.model.workflow).
CREATE TABLE met_by (
    after TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (after, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
    sha     TEXT PRIMARY KEY,           -- SHA-256 of what is in it, and its name on disk
    size    INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_by_use ON blobs (used_at, sha, size);

CREATE TABLE artifacts (
    id      INTEGER PRIMARY KEY,
    job     INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    name    TEXT NOT NULL,
    type    TEXT NOT NULL,
    path    TEXT NOT NULL,
    sha     TEXT NOT NULL,
    size    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    UNIQUE (attempt, path)
) STRICT;

CREATE INDEX artifacts_of_job ON artifacts (job, id);
CREATE INDEX artifacts_of_blob ON artifacts (sha);
CREATE INDEX artifacts_by_age ON artifacts (at);
CREATE INDEX artifacts_of_type ON artifacts (type, id);

-- Outputs of attempts that have ended: still on their host, kept, or lost.
CREATE TABLE collections (
    attempt TEXT PRIMARY KEY,
    job     INTEGER NOT NULL,
    worker  TEXT NOT NULL,
    state   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    tries   INTEGER NOT NULL,
    missing TEXT NOT NULL,              -- JSON array of patterns
    note    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX collections_of_job ON collections (job);
CREATE INDEX collections_owed ON collections (worker, at) WHERE state = 'owed';

-- Which frozen tree a job runs in; a live job's must not be evicted.
CREATE TABLE frozen (
    sha TEXT NOT NULL,
    job INTEGER NOT NULL,
    PRIMARY KEY (sha, job)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER specs_frozen AFTER INSERT ON specs
    WHEN instr(new.spec, CAST('"frozen":"' AS BLOB)) > 0
BEGIN
    INSERT OR IGNORE INTO frozen (sha, job)
    SELECT json_extract(CAST(new.spec AS TEXT), '$.frozen'), new.job
     WHERE json_extract(CAST(new.spec AS TEXT), '$.frozen') IS NOT NULL;
END;

-- The key under which the last run of a job may stand in for another.
CREATE TABLE memos (
    job INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    at  INTEGER NOT NULL
) STRICT;

CREATE INDEX memos_by_key ON memos (key, job);

CREATE TABLE reuses (
    job INTEGER PRIMARY KEY,
    of  INTEGER NOT NULL                -- the job whose result stands in for its run
) STRICT;

CREATE TABLE cache_counts (
    kind        TEXT NOT NULL,          -- blob, memo, build
    name        TEXT NOT NULL,
    hits        INTEGER NOT NULL,
    misses      INTEGER NOT NULL,
    restore_ms  INTEGER NOT NULL,
    store_ms    INTEGER NOT NULL,
    hit_run_ms  INTEGER NOT NULL,
    miss_run_ms INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- Recurring work.
CREATE TABLE crons (
    name    TEXT PRIMARY KEY,
    wake_at INTEGER,                    -- when it wants to be looked at; NULL: not by time
    owes    INTEGER NOT NULL,           -- 1: runs of it wait until another one has ended
    version INTEGER NOT NULL,
    body    TEXT NOT NULL               -- JSON of engine.model.cron.Cron
) STRICT, WITHOUT ROWID;

CREATE INDEX crons_by_wake ON crons (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX crons_that_owe ON crons (name) WHERE owes = 1;
