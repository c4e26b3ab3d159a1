-- Arrays, goals, sessions, devices, jobs that make room; who waits can be counted by how.

ALTER TABLE jobs ADD COLUMN array INTEGER;
ALTER TABLE jobs ADD COLUMN array_index INTEGER;
ALTER TABLE jobs ADD COLUMN goal TEXT;
ALTER TABLE jobs ADD COLUMN session TEXT;
ALTER TABLE jobs ADD COLUMN displaced_for INTEGER;
-- No IN in `mark`: each one would build a table of its own at every write.
ALTER TABLE jobs ADD COLUMN mark TEXT AS (
    CASE WHEN kind = 'composite' THEN NULL
         WHEN state <> 'pending' AND state <> 'queued' AND state <> 'retrying' THEN NULL
         WHEN held_by IS NOT NULL THEN 'held'
         WHEN cancel_at IS NOT NULL THEN 'canceling'
         WHEN attempt IS NOT NULL THEN 'starting'
         WHEN unmet > 0 THEN 'unmet'
         WHEN state <> 'queued' THEN 'asleep'
         ELSE '' END) VIRTUAL;

UPDATE jobs
   SET goal = (SELECT json_extract(CAST(spec AS TEXT), '$.constraints.goal')
                 FROM specs WHERE job = id),
       session = (SELECT json_extract(CAST(spec AS TEXT), '$.constraints.session_id')
                    FROM specs WHERE job = id)
 WHERE id IN (SELECT job FROM specs
               WHERE instr(CAST(spec AS TEXT), '"goal"')
                  OR instr(CAST(spec AS TEXT), '"session_id"'));

DROP INDEX jobs_grantable;

CREATE INDEX jobs_waiting ON jobs (mark, state, queue, priority, tenant, shape, id, state_at)
    WHERE mark IS NOT NULL;

CREATE INDEX jobs_by_activity_folded ON jobs (rank, rank_key) WHERE array IS NULL;

CREATE INDEX jobs_of_array ON jobs (array) WHERE array IS NOT NULL;

CREATE INDEX jobs_with_goal ON jobs (goal)
    WHERE goal IS NOT NULL AND attempts > 0
      AND state IN ('pending', 'queued', 'running', 'retrying');

CREATE INDEX jobs_composite ON jobs (kind)
    WHERE kind = 'composite' AND state IN ('pending', 'queued', 'running', 'retrying');

CREATE INDEX jobs_succeeded ON jobs (queue, name, ended_at, started_at)
    WHERE state = 'succeeded' AND name <> '';

ALTER TABLE job_versions ADD COLUMN displaced_for INTEGER;

DROP TRIGGER jobs_tell_dependents;

CREATE TRIGGER jobs_tell_dependents AFTER UPDATE OF state ON jobs
    WHEN old.state <> new.state
         AND new.state <> 'pending' AND new.state <> 'queued'
         AND new.state <> 'running' AND new.state <> 'retrying'
BEGIN
    UPDATE deps SET news = 1 WHERE on_job = new.id;
END;

DROP TRIGGER jobs_keep_past;

CREATE TRIGGER jobs_keep_past AFTER UPDATE ON jobs WHEN old.version <> new.version
BEGIN
    INSERT INTO job_versions VALUES (
        old.id, old.version, new.version,
        old.state, old.queue, old.priority, old.version, old.attempt, old.attempts,
        old.failures, old.losses, old.worker, old.queued_at, old.started_at,
        old.ended_at, old.state_at, old.wake_at, old.unmet, old.held_by, old.held_why,
        old.cancel_at, old.cancel_by, old.cancel_why, old.stopping,
        old.unreachable_at, old.needs_operator, old.exit_code, old.signal,
        old.trouble, old.note, old.displaced_for);
END;

ALTER TABLE attempts ADD COLUMN gpus TEXT NOT NULL DEFAULT '[]';

ALTER TABLE attempts ADD COLUMN limits TEXT NOT NULL DEFAULT '';

ALTER TABLE queues ADD COLUMN own TEXT NOT NULL DEFAULT '[]';

UPDATE queues
   SET own = CASE WHEN "limit" IS NOT NULL AND weight <> 1 THEN '["limit","weight"]'
                  WHEN "limit" IS NOT NULL THEN '["limit"]'
                  WHEN weight <> 1 THEN '["weight"]'
                  ELSE '[]' END;

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

INSERT INTO waiting (tenant, namespace, number)
SELECT tenant, namespace, count(*) FROM jobs
 WHERE state IN ('pending', 'queued', 'retrying') AND kind <> 'composite'
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND jobs.id BETWEEN b.first AND b.last)
 GROUP BY tenant, namespace;

-- Where each session ran last.
CREATE TABLE sessions (
    name   TEXT PRIMARY KEY,
    worker TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_newest ON sessions (at, worker);

INSERT INTO sessions (name, worker, at)
SELECT session, worker, max(started_at) FROM jobs
 WHERE session IS NOT NULL AND worker IS NOT NULL AND started_at IS NOT NULL
 GROUP BY session;

CREATE TRIGGER jobs_session_ran AFTER UPDATE OF started_at ON jobs
    WHEN new.session IS NOT NULL AND new.worker IS NOT NULL AND new.started_at IS NOT NULL
BEGIN
    INSERT INTO sessions (name, worker, at) VALUES (new.session, new.worker, new.started_at)
        ON CONFLICT (name) DO UPDATE SET worker = excluded.worker, at = excluded.at
         WHERE excluded.at >= at;
END;
