-- Every statement that the store makes, by name.

-- begin --
-- Every write begins so: a transaction that read first would fail as soon as it writes.
BEGIN IMMEDIATE;

-- commit --
-- Returns once the group is on disk.
COMMIT;

-- rollback --
-- Undoes a whole group.
ROLLBACK;

-- save --
-- Marks the place to which a refused unit is undone.
SAVEPOINT unit;

-- undo --
-- Undoes one unit and keeps its neighbours.
ROLLBACK TO unit;

-- keep --
-- Forgets the mark.
RELEASE unit;

-- meta --
-- One fact about the database itself.
SELECT value FROM meta WHERE key = :key;

-- set_meta --
-- Sets one fact about the database itself.
INSERT INTO meta (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- head --
-- Sequence number of the newest event.
SELECT coalesce(max(seq), 0) FROM events;

-- begin_group --
-- Who may write, and the sequence number of the newest event.
SELECT value, (SELECT coalesce(max(seq), 0) FROM events) FROM meta WHERE key = 'epoch';

-- raise_next_job --
-- Remembers that ids below this one are taken, also when their jobs are gone one day.
UPDATE meta SET value = :next WHERE key = 'next_job' AND value < :next;

-- insert_job --
-- A new job. Fails on jobs_live_key if a live job of its tenant has its key.
INSERT OR FAIL INTO jobs (id, tenant, namespace, owner, name, kind, key, parent, trace_id,
    span_id, tags, surroundings, shape, created_at, deadline_at, max_attempts, command, array, array_index,
    goal, session, flow, task, state, queue,
    priority, version, attempt, attempts, failures, losses, worker, queued_at,
    started_at, ended_at, state_at, wake_at, unmet, held_by, held_why, cancel_at,
    cancel_by, cancel_why, stopping, unreachable_at, displaced_for, paused_at, paused_by,
    needs_operator, exit_code, signal, trouble, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- insert_spec --
-- What a new job asks for.
INSERT INTO specs (job, spec) VALUES (?, ?);

-- job_with_key --
-- The live job that has this key.
SELECT id FROM jobs
 WHERE tenant = :tenant AND key = :key AND key IS NOT NULL
   AND state IN ('pending', 'queued', 'running', 'retrying');

-- move_job --
-- The one statement that changes a job. It compares before it sets: whoever saw an older
-- version matches no row and changes nothing. The old image goes to job_versions. The
-- columns that change are put in the place of `version`, which is always one of them.
UPDATE OR FAIL jobs SET version = ? WHERE id = ? AND version = ? AND state = ?;

-- edit_job --
-- What a waiting job's columns take from another spec.
UPDATE OR FAIL jobs
   SET owner = ?, name = ?, key = ?, tags = ?, deadline_at = ?, max_attempts = ?, command = ?,
       goal = ?, session = ?, shape = ?
 WHERE id = ?;

-- edit_spec --
-- Another spec for a waiting job.
UPDATE specs SET spec = ? WHERE job = ?;

-- job_is_unchanged --
-- Whether a job's version is still this one.
SELECT 1 FROM jobs WHERE id = ? AND version = ?;

-- insert_attempt --
-- A new attempt.
INSERT INTO attempts (job, id, number, epoch, worker, phase, intent_at, started_at, ended_at, pid, pid_start,
    ident, verdict, exit_code, signal, trouble, gpus, limits, revision,
    evidence_at, lease_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- move_attempt --
-- The one statement that changes an attempt; it names id, epoch and phase as last seen.
UPDATE OR FAIL attempts
   SET number = ?, epoch = ?, worker = ?, phase = ?, intent_at = ?, started_at = ?, ended_at =
       ?, pid = ?, pid_start = ?, ident = ?, verdict = ?, exit_code = ?, signal = ?,
       trouble = ?, gpus = ?, limits = ?, revision = ?, evidence_at = ?, lease_ms = ?
 WHERE job = ? AND id = ? AND epoch = ? AND phase = ?;

-- insert_lease --
-- The right to run an attempt. Fails if the job has a live lease.
INSERT INTO leases (job, attempt, epoch, worker, granted_at, renewed_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- adopt_lease --
-- Lets an attempt's lease follow it into a new epoch.
UPDATE leases SET epoch = ? WHERE attempt = ?;

-- end_lease --
-- The job may be leased again.
DELETE FROM leases WHERE attempt = ?;

-- renew_leases --
-- Pushes out those of the named attempts' leases that are of this epoch.
UPDATE leases SET renewed_at = :at, expires_at = :until
 WHERE epoch = :epoch AND attempt IN (SELECT value FROM json_each(:attempts))
RETURNING job, attempt;

-- renew_evidence --
-- Notes that an attempt's host knows about it.
UPDATE attempts SET evidence_at = ?
 WHERE job = ? AND id = ? AND epoch = ? AND phase <> 'ended';

-- put_sample --
-- What an attempt used at one time, new or as it is known by now.
INSERT OR REPLACE INTO samples (attempt, at, cpu_ms, memory_mb, processes, gpu_mb)
VALUES (?, ?, ?, ?, ?, ?);

-- drop_samples --
-- Forgets what an attempt used.
DELETE FROM samples WHERE attempt = ?;

-- insert_dependency --
-- One job waits for another.
INSERT OR IGNORE INTO deps (job, on_job, after) VALUES (?, ?, ?);

-- news_for_new --
-- Marks the dependencies of a job that ended before it began to wait (it is new, edited or
-- run again), if its `unmet` does not know of all of that.
UPDATE deps SET news = 1
 WHERE job = :job
   AND EXISTS (SELECT 1 FROM jobs AS e
                WHERE e.id = deps.on_job
                  AND e.state IN ('succeeded', 'failed', 'canceled', 'timeout', 'skipped'))
   AND (SELECT unmet FROM jobs WHERE id = :job) > 0
   AND (EXISTS (SELECT 1 FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
                 WHERE d.job = :job
                   AND j.state IN ('succeeded', 'failed', 'canceled', 'timeout', 'skipped')
                   AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                    WHERE m.after = d.after AND m.state = j.state))
        OR (SELECT unmet FROM jobs WHERE id = :job)
           > (SELECT count(*) FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
               WHERE d.job = :job
                 AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                  WHERE m.after = d.after AND m.state = j.state)));

-- insert_event --
-- One line of the log, in the same transaction as the change that it tells of.
INSERT INTO events (seq, at, type, job, attempt, worker, tenant, actor, cause, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- add_to_event_bin --
-- Counts some events of one kind, written together, in the stretch of time they lie in.
INSERT INTO event_bins (width_s, start_at, type, number, first, last)
VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (width_s, start_at, type)
    DO UPDATE SET number = number + excluded.number, last = excluded.last;

-- add_to_counter --
-- Adds a commit's sum to one counter.
INSERT INTO counters (queue, tenant, priority, state, number) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (queue, tenant, priority, state)
    DO UPDATE SET number = number + excluded.number;

-- add_to_array_count --
-- Adds a commit's sum to the members of an array in one state.
INSERT INTO array_counts (array, state, number) VALUES (?, ?, ?)
    ON CONFLICT (array, state) DO UPDATE SET number = number + excluded.number;

-- add_to_waiting --
-- Adds a commit's sum to the jobs that wait in one namespace.
INSERT INTO waiting (tenant, namespace, number) VALUES (?, ?, ?)
    ON CONFLICT (tenant, namespace) DO UPDATE SET number = number + excluded.number;

-- insert_array --
-- A new array. Changes no row if its composite job has one.
INSERT INTO arrays (id, first, last, "limit", stop_after, version)
VALUES (:id, :first, :last, :limit, :stop_after, :version)
    ON CONFLICT DO NOTHING;

-- move_array --
-- Changes an array, if its version is still the one last seen.
UPDATE arrays
   SET "limit" = :limit, stop_after = :stop_after, version = :version
 WHERE id = :id AND version = :was;

-- insert_queue --
-- A new queue. Changes no row if there is one of this name.
INSERT INTO queues (name, "limit", weight, own, paused_by, paused_why, paused_at, version)
VALUES (:name, :limit, :weight, :own, :paused_by, :paused_why, :paused_at, :version)
    ON CONFLICT DO NOTHING;

-- move_queue --
-- Changes a queue, if its version is still the one last seen.
UPDATE queues
   SET "limit" = :limit, weight = :weight, own = :own, paused_by = :paused_by,
       paused_why = :paused_why, paused_at = :paused_at, version = :version
 WHERE name = :name AND version = :was;

-- put_worker --
-- A worker, new or known, if its version is still the one last seen.
INSERT INTO workers (name, body)
SELECT :name, :body
 WHERE :was = coalesce((SELECT body ->> '$.version' FROM workers WHERE name = :name), 0)
    ON CONFLICT (name) DO UPDATE SET body = excluded.body;

-- remove_worker --
-- Forgets a worker, if its version is still the one last seen.
DELETE FROM workers
 WHERE name = :name AND :was = coalesce(body ->> '$.version', 0);

-- insert_request --
-- A submission's key. Changes no row if it has been seen before.
INSERT INTO requests (key, first, last, at) VALUES (:key, :first, :last, :at)
    ON CONFLICT DO NOTHING;

-- intern_shape --
-- Makes a shape known.
INSERT INTO shapes (body) VALUES (:body) ON CONFLICT DO NOTHING;

-- shape_key --
-- The key of a known shape.
SELECT id FROM shapes WHERE body = :body;

-- intern_surroundings --
-- Makes surroundings known.
INSERT INTO surroundings (digest, body) VALUES (:digest, :body) ON CONFLICT DO NOTHING;

-- asking --
-- Jobs that somebody has to decide about, by queue.
SELECT queue, count(*), min(id), min(state_at)
  FROM (SELECT queue, id, state_at FROM jobs
         WHERE rank = 0 AND needs_operator = 1 ORDER BY rank_key LIMIT :limit)
 GROUP BY queue ORDER BY queue;

-- on_hold --
-- Jobs on hold, by queue; what was done to a held job last is its hold, but for edits.
SELECT queue, count(*), min(id), min(since_at), max(held_by)
  FROM (SELECT queue, id, held_by,
               coalesce((SELECT at FROM events WHERE seq = jobs.version), state_at) AS since_at
          FROM jobs WHERE mark = 'held' LIMIT :limit)
 GROUP BY queue ORDER BY queue;

-- surroundings_key --
-- The key of known surroundings.
SELECT id FROM surroundings WHERE digest = :digest;

-- open_batch --
-- Hides a range of ids until its batch is committed.
INSERT INTO batches (first, last) VALUES (:first, :last);

-- show_batch --
-- Makes a batch visible from event `seq` on.
UPDATE batches SET seq = :seq WHERE first = :first AND seq IS NULL RETURNING last;

-- open_batches --
-- Ranges of ids that nobody may see yet.
SELECT first, last FROM batches WHERE seq IS NULL ORDER BY first;

-- drop_batch_jobs --
-- Removes a range of jobs that nobody has seen.
DELETE FROM jobs WHERE id BETWEEN :first AND :last;

-- drop_batch_specs --
-- Removes what they asked for.
DELETE FROM specs WHERE job BETWEEN :first AND :last;

-- drop_batch_dependencies --
-- Removes what they wait for.
DELETE FROM deps WHERE job BETWEEN :first AND :last;

-- drop_batch --
-- Forgets an open batch.
DELETE FROM batches WHERE first = :first AND seq IS NULL;

-- jobs --
-- Jobs by id, in the order asked for.
SELECT j.id, s.spec, j.surroundings, j.shape, j.created_at,
       j.state, j.queue, j.priority, j.version, j.attempt, j.attempts, j.failures, j.losses,
       j.worker, j.queued_at, j.started_at, j.ended_at, j.state_at, j.wake_at, j.unmet,
       j.held_by, j.held_why, j.cancel_at, j.cancel_by, j.cancel_why, j.stopping,
       j.unreachable_at, j.displaced_for, j.paused_at, j.paused_by, j.needs_operator, j.exit_code,
       j.signal, j.trouble, j.note
  FROM json_each(:ids) AS asked
  JOIN jobs AS j ON j.id = asked.value
  JOIN specs AS s ON s.job = j.id
 ORDER BY asked.key;

-- next_lane --
-- The first lane past one that has a grantable job: a few steps of the index. Compared as
-- a whole row, (queue, …) > (:queue, …), all jobs of the last lane would be walked over.
SELECT * FROM (SELECT queue, priority, tenant, shape FROM jobs INDEXED BY jobs_waiting
         WHERE mark = '' AND state = 'queued' AND queue = :queue
           AND priority = :priority AND tenant = :tenant AND shape > :shape
         ORDER BY shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT queue, priority, tenant, shape FROM jobs INDEXED BY jobs_waiting
         WHERE mark = '' AND state = 'queued' AND queue = :queue
           AND priority = :priority AND tenant > :tenant
         ORDER BY tenant, shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT queue, priority, tenant, shape FROM jobs INDEXED BY jobs_waiting
         WHERE mark = '' AND state = 'queued' AND queue = :queue AND priority > :priority
         ORDER BY priority, tenant, shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT queue, priority, tenant, shape FROM jobs INDEXED BY jobs_waiting
         WHERE mark = '' AND state = 'queued' AND queue > :queue
         ORDER BY queue, priority, tenant, shape LIMIT 1)
LIMIT 1;

-- lane --
-- Ids of grantable jobs of one lane between two ids, first come first.
SELECT id FROM jobs INDEXED BY jobs_waiting
 WHERE mark = '' AND state = 'queued'
   AND queue = :queue AND priority = :priority AND tenant = :tenant AND shape = :shape
   AND id > :after AND id < :below
 ORDER BY id LIMIT :limit;

-- due --
-- Ids of jobs with something to do by now, the longest overdue first.
SELECT id FROM (
    SELECT * FROM (
        SELECT id, wake_at AS at FROM jobs
         WHERE wake_at IS NOT NULL AND state IN ('pending', 'retrying') AND unmet = 0
           AND wake_at <= :now_at
           AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND id BETWEEN b.first AND b.last)
         ORDER BY wake_at LIMIT :limit)
    UNION ALL SELECT * FROM (
        SELECT id, deadline_at AS at FROM jobs
         WHERE deadline_at IS NOT NULL AND attempt IS NULL
           AND state IN ('pending', 'queued', 'retrying')
           AND deadline_at <= :now_at
           AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND id BETWEEN b.first AND b.last)
         ORDER BY deadline_at LIMIT :limit)
    UNION ALL SELECT * FROM (
        SELECT id, cancel_at AS at FROM jobs
         WHERE cancel_at IS NOT NULL AND stopping = 0
           AND state IN ('pending', 'queued', 'retrying')
           AND cancel_at <= :now_at
           AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND id BETWEEN b.first AND b.last)
         ORDER BY cancel_at LIMIT :limit))
 GROUP BY id ORDER BY min(at), id LIMIT :limit;

-- next_due_at --
-- When the next job is due, by the first of the three clocks.
SELECT min(at) FROM (
    SELECT * FROM (
        SELECT wake_at AS at FROM jobs
         WHERE wake_at IS NOT NULL AND state IN ('pending', 'retrying') AND unmet = 0
           AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND id BETWEEN b.first AND b.last)
         ORDER BY wake_at LIMIT 1)
    UNION ALL SELECT * FROM (
        SELECT deadline_at AS at FROM jobs
         WHERE deadline_at IS NOT NULL AND attempt IS NULL
           AND state IN ('pending', 'queued', 'retrying')
           AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND id BETWEEN b.first AND b.last)
         ORDER BY deadline_at LIMIT 1)
    UNION ALL SELECT * FROM (
        SELECT cancel_at AS at FROM jobs
         WHERE cancel_at IS NOT NULL AND stopping = 0
           AND state IN ('pending', 'queued', 'retrying')
           AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND id BETWEEN b.first AND b.last)
         ORDER BY cancel_at LIMIT 1));

-- dependents --
-- Ids of pending jobs that depend on one.
SELECT d.job FROM deps AS d JOIN jobs AS j ON j.id = d.job
 WHERE d.on_job = :job AND j.state = 'pending'
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND d.job BETWEEN b.first AND b.last)
 ORDER BY d.job LIMIT :limit;

-- followers --
-- Ids of the jobs that depend on one, in any state.
SELECT job FROM deps
 WHERE on_job = :job
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND job BETWEEN b.first AND b.last)
 ORDER BY job LIMIT :limit;

-- dependencies --
-- Ids of the jobs that one depends on.
SELECT on_job FROM deps WHERE job = :job ORDER BY on_job;

-- settled_dependencies --
-- Ids of pending jobs with a dependency that ended since their `unmet` was set.
SELECT DISTINCT d.job
  FROM deps AS d INDEXED BY deps_news JOIN jobs AS j ON j.id = d.job
 WHERE d.news = 1 AND j.state = 'pending' AND j.unmet > 0
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND d.job BETWEEN b.first AND b.last)
 ORDER BY d.job LIMIT :limit;

-- heard_news --
-- Takes the news from the named jobs whose `unmet` is right, and none of whose dependencies
-- has ended otherwise than they need; the others have not heard it all.
UPDATE deps SET news = 0
 WHERE news = 1 AND job IN (
    SELECT value FROM json_each(:jobs) JOIN jobs AS w ON w.id = value
     WHERE w.unmet = (SELECT count(*) FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
                       WHERE d.job = w.id
                         AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                          WHERE m.after = d.after AND m.state = j.state))
       AND NOT EXISTS (
           SELECT 1 FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
            WHERE d.job = w.id
              AND j.state IN ('succeeded', 'failed', 'canceled', 'timeout', 'skipped')
              AND NOT EXISTS (SELECT 1 FROM met_by AS m
                               WHERE m.after = d.after AND m.state = j.state)));

-- attempts --
-- All attempts of a job, oldest first.
SELECT job, id, number, epoch, worker, phase, intent_at, started_at, ended_at, pid, pid_start,
       ident, verdict, exit_code, signal, trouble, gpus, limits, revision, evidence_at,
       lease_ms
  FROM attempts WHERE job = :job ORDER BY intent_at, number, id;

-- open_attempts --
-- All attempts that have not ended.
SELECT job, id, number, epoch, worker, phase, intent_at, started_at, ended_at, pid, pid_start,
       ident, verdict, exit_code, signal, trouble, gpus, limits, revision, evidence_at,
       lease_ms
  FROM attempts INDEXED BY attempts_open WHERE phase <> 'ended' ORDER BY job;

-- samples --
-- What the named attempts used, each from the first point on.
SELECT attempt, at, cpu_ms, memory_mb, processes, gpu_mb
  FROM samples WHERE attempt IN (SELECT value FROM json_each(:attempts))
 ORDER BY attempt, at;

-- leases --
-- All live leases.
SELECT job, attempt, epoch, worker, granted_at, renewed_at, expires_at
  FROM leases ORDER BY job;

-- queues --
-- All queues that were ever configured.
SELECT name, "limit", weight, own, paused_by, paused_why, paused_at, version
  FROM queues ORDER BY name;

-- workers --
-- All workers.
SELECT body FROM workers ORDER BY name;

-- counts --
-- All counters that are not zero.
SELECT queue, tenant, priority, state, number FROM counters WHERE number <> 0
 ORDER BY queue, tenant, priority, state;

-- recount --
-- What the counters must say.
SELECT queue, tenant, priority, state, count(*) FROM jobs
 WHERE NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND jobs.id BETWEEN b.first AND b.last)
 GROUP BY queue, tenant, priority, state ORDER BY queue, tenant, priority, state;

-- recount_arrays --
-- What the counts of arrays must say.
SELECT coalesce(array, flow) AS array, state, count(*) FROM jobs
 WHERE (array IS NOT NULL OR flow IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND jobs.id BETWEEN b.first AND b.last)
 GROUP BY 1, state ORDER BY 1, state;

-- all_array_counts --
-- What they say.
SELECT array, state, number FROM array_counts WHERE number <> 0 ORDER BY array, state;

-- array_counts --
-- Members of the named arrays by state.
SELECT c.array, c.state, c.number
  FROM json_each(:ids) AS asked JOIN array_counts AS c ON c.array = asked.value
 WHERE c.number <> 0;

-- members_by_state --
-- How many members of all arrays are in each state; tasks of flows are no members.
SELECT c.state, sum(c.number) FROM array_counts AS c
 WHERE NOT EXISTS (SELECT 1 FROM flows AS f WHERE f.id = c.array)
 GROUP BY c.state;

-- arrays --
-- Arrays whose composite job has not ended.
SELECT a.id, a.first, a.last, a."limit", a.stop_after, a.version
  FROM jobs AS j INDEXED BY jobs_composite JOIN arrays AS a ON a.id = j.id
 WHERE j.kind = 'composite' AND j.state IN ('pending', 'queued', 'running', 'retrying')
 ORDER BY a.id;

-- array --
-- The array of one composite job.
SELECT id, first, last, "limit", stop_after, version FROM arrays WHERE id = :id;

-- members --
-- Ids of an array's members from one on.
SELECT j.id FROM jobs AS j
 WHERE j.id BETWEEN (SELECT first FROM arrays WHERE id = :array) + :offset
                AND (SELECT last FROM arrays WHERE id = :array)
   AND +j.array = :array
 ORDER BY j.id LIMIT :limit;

-- standings --
-- All jobs that wait, counted by how they stand.
SELECT queue, priority, tenant, shape, state, mark, count(*), min(id), min(state_at)
  FROM jobs INDEXED BY jobs_waiting
 WHERE mark IN ('', 'held', 'canceling', 'starting', 'unmet', 'asleep')
   AND ((SELECT min(first) FROM batches WHERE seq IS NULL) IS NULL
        OR NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND jobs.id BETWEEN b.first AND b.last))
 GROUP BY mark, state, queue, priority, tenant, shape;

-- standings_in_queue --
-- The same for one queue.
SELECT queue, priority, tenant, shape, state, mark, count(*), min(id), min(state_at)
  FROM jobs INDEXED BY jobs_waiting
 WHERE mark IN ('', 'held', 'canceling', 'starting', 'unmet', 'asleep')
   AND state IN ('pending', 'queued', 'retrying') AND queue = :queue
   AND ((SELECT min(first) FROM batches WHERE seq IS NULL) IS NULL
        OR NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                          AND jobs.id BETWEEN b.first AND b.last))
 GROUP BY mark, state, queue, priority, tenant, shape;

-- next_standing --
-- The first way to wait past one, in the same manner as `next_lane`.
SELECT * FROM (SELECT mark, state, queue, priority, tenant, shape
          FROM jobs INDEXED BY jobs_waiting
         WHERE mark IS NOT NULL AND mark = :mark AND state = :state AND queue = :queue
           AND priority = :priority AND tenant = :tenant AND shape > :shape
         ORDER BY shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT mark, state, queue, priority, tenant, shape
          FROM jobs INDEXED BY jobs_waiting
         WHERE mark IS NOT NULL AND mark = :mark AND state = :state
           AND queue = :queue AND priority = :priority AND tenant > :tenant
         ORDER BY tenant, shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT mark, state, queue, priority, tenant, shape
          FROM jobs INDEXED BY jobs_waiting
         WHERE mark IS NOT NULL AND mark = :mark AND state = :state
           AND queue = :queue AND priority > :priority
         ORDER BY priority, tenant, shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT mark, state, queue, priority, tenant, shape
          FROM jobs INDEXED BY jobs_waiting
         WHERE mark IS NOT NULL AND mark = :mark AND state = :state AND queue > :queue
         ORDER BY queue, priority, tenant, shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT mark, state, queue, priority, tenant, shape
          FROM jobs INDEXED BY jobs_waiting
         WHERE mark IS NOT NULL AND mark = :mark AND state > :state
         ORDER BY state, queue, priority, tenant, shape LIMIT 1)
UNION ALL
SELECT * FROM (SELECT mark, state, queue, priority, tenant, shape
          FROM jobs INDEXED BY jobs_waiting
         WHERE mark IS NOT NULL AND mark > :mark
         ORDER BY mark, state, queue, priority, tenant, shape LIMIT 1)
LIMIT 1;

-- running_shapes --
-- Shapes of jobs that run, and of arrays that have not ended.
SELECT DISTINCT shape FROM jobs INDEXED BY jobs_by_activity
 WHERE rank IN (0, 1)
UNION SELECT shape FROM jobs INDEXED BY jobs_composite
 WHERE kind = 'composite' AND state IN ('pending', 'queued', 'running', 'retrying');

-- waiting --
-- How many jobs wait in each namespace.
SELECT tenant, namespace, number FROM waiting WHERE number <> 0 ORDER BY tenant, namespace;

-- recount_waiting --
-- What that must say.
SELECT tenant, namespace, count(*) FROM jobs
 WHERE state IN ('pending', 'queued', 'retrying') AND kind <> 'composite'
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND jobs.id BETWEEN b.first AND b.last)
 GROUP BY tenant, namespace ORDER BY tenant, namespace;

-- goal_holders --
-- Ids of live jobs with a goal that have started, the first start first.
SELECT id FROM jobs INDEXED BY jobs_with_goal
 WHERE goal IS NOT NULL AND attempts > 0
   AND state IN ('pending', 'queued', 'running', 'retrying')
 ORDER BY (SELECT min(intent_at) FROM attempts AS a WHERE a.job = jobs.id), id;

-- last_workers --
-- Where the newest sessions ran last.
SELECT name, worker FROM sessions ORDER BY at DESC LIMIT :limit;

-- run_times --
-- How many microseconds the newest successes of a name in a queue took.
SELECT ended_at - started_at FROM jobs INDEXED BY jobs_succeeded
 WHERE state = 'succeeded' AND name <> '' AND queue = :queue AND name = :name
   AND started_at IS NOT NULL
 ORDER BY ended_at DESC LIMIT :limit;

-- shapes --
-- All shapes.
SELECT id, body FROM shapes ORDER BY id;

-- surroundings --
-- Surroundings by key.
SELECT body FROM surroundings WHERE id = :key;

-- request --
-- The ids that a submission got.
SELECT first, last FROM requests WHERE key = :key;

-- events --
-- Events past one, oldest first.
SELECT seq, at, type, job, attempt, worker, tenant, actor, cause, data
  FROM events WHERE seq > :after ORDER BY seq LIMIT :limit;

-- events_of_job --
-- Events of one job past one, oldest first.
SELECT seq, at, type, job, attempt, worker, tenant, actor, cause, data
  FROM events INDEXED BY events_of_job
 WHERE job IS NOT NULL AND job = :job AND seq > :after ORDER BY seq LIMIT :limit;

-- last_events --
-- Events below one, newest first.
SELECT seq, at, type, job, attempt, worker, tenant, actor, cause, data
  FROM events WHERE seq < :before ORDER BY seq DESC LIMIT :limit;

-- last_events_of_job --
-- Events of one job below one, newest first.
SELECT seq, at, type, job, attempt, worker, tenant, actor, cause, data
  FROM events INDEXED BY events_of_job
 WHERE job IS NOT NULL AND job = :job AND seq < :before ORDER BY seq DESC LIMIT :limit;

-- acts --
-- Events of operators' acts below one, newest first; NULL leaves a condition out.
SELECT seq, at, type, job, attempt, worker, tenant, actor, cause, data
  FROM events INDEXED BY events_of_operators
 WHERE type = 'operator.acted' AND seq < :before AND at >= :since_at
   AND (:actor IS NULL OR actor = :actor)
   AND (:verb IS NULL OR data ->> '$.verb' = :verb)
 ORDER BY seq DESC LIMIT :limit;

-- bulk_since --
-- Ranges of jobs that were submitted in bulk and became visible after an event.
SELECT first, last FROM batches INDEXED BY batches_since WHERE seq IS NOT NULL AND seq > :seq;

-- problems --
-- Numbers of the events that may need somebody.
SELECT seq FROM events INDEXED BY events_of_problems
 WHERE type IN ('job.failed', 'job.timeout', 'job.rejected', 'array.aborted',
        'attempt.lost', 'worker.refused', 'worker.declared_dead', 'daemon.trouble',
        'job.retry', 'job.skipped', 'job.starving', 'job.displaced', 'inversion.began',
        'attempt.unreachable', 'attempt.soft_timeout', 'attempt.void', 'lease.expired',
        'queue.mode', 'worker.disconnected', 'worker.quarantined', 'worker.breaker',
        'workflow.failed', 'workflow.stopped', 'cron.missed', 'cron.skipped',
        'hook.refused');

-- event_bins --
-- How many events of each kind lie in each bucket of a stretch of time.
SELECT (start_at - :start) / :bucket, type, sum(number) FROM event_bins
 WHERE width_s = :width AND start_at >= :start AND start_at < :end
 GROUP BY 1, 2;

-- first_event_from --
-- The smallest number of an event in this coarse stretch of time or a later one.
SELECT min(first) FROM event_bins WHERE width_s = 600 AND start_at >= :start;

-- last_event_before --
-- The greatest number of an event in a coarse stretch that begins before an instant.
SELECT max(last) FROM event_bins WHERE width_s = 600 AND start_at < :end;

-- event_span --
-- Where the oldest and the newest stretch of time with events begin.
SELECT (SELECT start_at FROM event_bins WHERE width_s = 10 ORDER BY start_at LIMIT 1),
       (SELECT start_at FROM event_bins WHERE width_s = 10 ORDER BY start_at DESC LIMIT 1);

-- event_at --
-- When an event was written.
SELECT at FROM events WHERE seq = :seq;

-- past --
-- A job's changing columns as they were when event `seq` was the newest.
SELECT state, queue, priority, version, attempt, attempts, failures, losses, worker, queued_at,
       started_at, ended_at, state_at, wake_at, unmet, held_by, held_why, cancel_at,
       cancel_by, cancel_why, stopping, unreachable_at, displaced_for, paused_at, paused_by,
       needs_operator, exit_code, signal, trouble, note
  FROM job_versions WHERE job = :job AND from_seq <= :seq AND :seq < to_seq
UNION ALL
SELECT state, queue, priority, version, attempt, attempts, failures, losses, worker, queued_at,
       started_at, ended_at, state_at, wake_at, unmet, held_by, held_why, cancel_at,
       cancel_by, cancel_why, stopping, unreachable_at, displaced_for, paused_at, paused_by,
       needs_operator, exit_code, signal, trouble, note
  FROM jobs WHERE id = :job AND version <= :seq;

-- batch_seq --
-- The event that made a job of a batch visible; jobs of a batch have no version before.
SELECT seq FROM batches WHERE first <= :job AND last >= :job ORDER BY first DESC LIMIT 1;
