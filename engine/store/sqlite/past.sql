-- What is written and read so that a past moment can be shown, by name.

-- put_place --
-- What a queue or a worker is from an event on; of several in one unit the last one stays.
INSERT OR REPLACE INTO place_versions (kind, name, from_seq, body) VALUES (?, ?, ?, ?);

-- places --
-- All queues, or all workers, as they were when event `moment` was the newest.
WITH RECURSIVE names (name) AS (
    SELECT min(name) FROM place_versions WHERE kind = :kind
    UNION ALL
    SELECT (SELECT min(p.name) FROM place_versions AS p
             WHERE p.kind = :kind AND p.name > names.name)
      FROM names WHERE names.name IS NOT NULL)
SELECT name, (SELECT p.body FROM place_versions AS p
               WHERE p.kind = :kind AND p.name = names.name AND p.from_seq <= :moment
               ORDER BY p.from_seq DESC LIMIT 1) AS body
  FROM names WHERE name IS NOT NULL;

-- counter_rows --
-- How many numbers a checkpoint would hold.
SELECT count(*) FROM counters;

-- keep_checkpoint --
-- The counters as they stand when event `seq` is the newest.
INSERT OR IGNORE INTO checkpoints (seq, clock, next_job, counts)
SELECT :seq,
       max((SELECT clock FROM checkpoints ORDER BY seq DESC LIMIT 1),
           coalesce((SELECT max(at) FROM events
                      WHERE seq > (SELECT max(seq) FROM checkpoints)), 0)),
       (SELECT value FROM meta WHERE key = 'next_job'),
       (SELECT json_group_array(json_array(queue, tenant, priority, state, number))
          FROM counters WHERE number <> 0);

-- horizon --
-- The first moment that can be shown.
SELECT seq FROM checkpoints ORDER BY seq LIMIT 1;

-- checkpoint_until --
-- The last checkpoint that is not later than an event.
SELECT seq, counts FROM checkpoints WHERE seq <= :moment ORDER BY seq DESC LIMIT 1;

-- checkpoint_after_clock --
-- The first checkpoint when the log's clock had passed an instant.
SELECT seq FROM checkpoints WHERE clock > :at ORDER BY clock, seq LIMIT 1;

-- checkpoint_below --
-- The last checkpoint before an event.
SELECT seq FROM checkpoints WHERE seq < :below ORDER BY seq DESC LIMIT 1;

-- first_later_than --
-- The first event between two whose instant is later than one.
SELECT seq FROM events WHERE seq > :after AND seq <= :until AND at > :at
 ORDER BY seq LIMIT 1;

-- jobs_below --
-- An id that is greater than those of all jobs which there were at an event.
SELECT coalesce(
    (SELECT next_job FROM checkpoints WHERE seq >= :moment ORDER BY seq LIMIT 1),
    (SELECT value FROM meta WHERE key = 'next_job'));

-- edited_after --
-- Whether any job's spec was another one at an event.
SELECT 1 FROM spec_versions WHERE to_seq > :moment LIMIT 1;

-- clock_until --
-- The instant of the last event up to one.
SELECT at FROM events WHERE seq <= :moment ORDER BY seq DESC LIMIT 1;

-- counts_between --
-- What the events past a checkpoint, up to a moment, added to the counters. A job's columns
-- before an event are the version that ends with it; after it, the one that begins with it.
SELECT queue, tenant, priority, state, sum(number) FROM (
    SELECT v.queue, j.tenant, v.priority, v.state, -1 AS number
      FROM job_versions AS v INDEXED BY job_versions_until
      CROSS JOIN jobs AS j ON j.id = v.job
     WHERE v.to_seq > :after AND v.to_seq <= :moment
    UNION ALL
    SELECT v.queue, j.tenant, v.priority, v.state, 1
      FROM events AS e
      CROSS JOIN job_versions AS v ON v.job = e.job AND v.from_seq = e.seq
      CROSS JOIN jobs AS j ON j.id = e.job
     WHERE e.seq > :after AND e.seq <= :moment
    UNION ALL
    SELECT j.queue, j.tenant, j.priority, j.state, 1
      FROM events AS e
      CROSS JOIN jobs AS j ON j.id = e.job AND j.version = e.seq
     WHERE e.seq > :after AND e.seq <= :moment
    UNION ALL
    SELECT v.queue, j.tenant, v.priority, v.state, 1
      FROM batches AS b INDEXED BY batches_since
      CROSS JOIN jobs AS j ON j.id BETWEEN b.first AND b.last
      CROSS JOIN job_versions AS v ON v.job = j.id AND v.from_seq = 0
     WHERE b.seq IS NOT NULL AND b.seq > :after AND b.seq <= :moment
    UNION ALL
    SELECT j.queue, j.tenant, j.priority, j.state, 1
      FROM batches AS b INDEXED BY batches_since
      CROSS JOIN jobs AS j ON j.id BETWEEN b.first AND b.last AND +j.version = 0
     WHERE b.seq IS NOT NULL AND b.seq > :after AND b.seq <= :moment)
 GROUP BY queue, tenant, priority, state;

-- attempts_until --
-- Which attempts of a job the log tells of up to an event.
SELECT DISTINCT attempt FROM events INDEXED BY events_of_job
 WHERE job IS NOT NULL AND job = :job AND seq <= :moment AND attempt IS NOT NULL;

-- place --
-- One queue, worker or array as it was at an event.
SELECT body FROM place_versions
 WHERE kind = :kind AND name = :name AND from_seq <= :moment
 ORDER BY from_seq DESC LIMIT 1;

-- members_until --
-- Members of an array by state, as they were at an event.
SELECT state, count(*) FROM (
    SELECT v.state FROM job_versions AS v
     WHERE v.job BETWEEN :first AND :last AND v.from_seq <= :moment AND v.to_seq > :moment
    UNION ALL
    SELECT state FROM jobs AS j
     WHERE j.id BETWEEN :first AND :last AND j.version <= :moment)
 GROUP BY state;

-- tasks_until --
-- Tasks of a flow by state, as they were at an event.
SELECT state, count(*) FROM (
    SELECT v.state FROM jobs AS t INDEXED BY jobs_of_flow_by_id
      JOIN job_versions AS v ON v.job = t.id AND v.from_seq <= :moment AND v.to_seq > :moment
     WHERE t.flow = :flow
    UNION ALL
    SELECT state FROM jobs AS j INDEXED BY jobs_of_flow_by_id
     WHERE j.flow = :flow AND j.version <= :moment)
 GROUP BY state;

-- spec_until --
-- A job's spec and shape as they were at an event, if an edit has replaced them since.
SELECT spec, shape FROM spec_versions WHERE job = :job AND to_seq > :moment
 ORDER BY to_seq LIMIT 1;

-- arrays_until --
-- Composite jobs of arrays that had not ended at an event.
SELECT v.job FROM arrays AS a
  CROSS JOIN job_versions AS v ON v.job = a.id
 WHERE v.from_seq <= :moment AND v.to_seq > :moment
   AND v.state IN ('pending', 'queued', 'running', 'retrying')
UNION ALL
SELECT j.id FROM arrays AS a CROSS JOIN jobs AS j ON j.id = a.id
 WHERE j.version <= :moment AND j.state IN ('pending', 'queued', 'running', 'retrying');

-- flows --
-- How many jobs of each queue came, started and ended between two events.
SELECT j.queue, e.type, count(*)
  FROM events AS e CROSS JOIN jobs AS j ON j.id = e.job
 WHERE e.seq > :since AND e.seq <= :moment
   AND e.type IN ('job.submitted', 'job.started', 'job.completed', 'job.failed',
                  'job.timeout', 'job.retry')
 GROUP BY j.queue, e.type
UNION ALL
SELECT c.key, 'jobs.submitted', sum(c.value)
  FROM events AS e CROSS JOIN json_each(e.data, '$.came') AS c
 WHERE e.seq > :since AND e.seq <= :moment AND e.type = 'jobs.submitted'
 GROUP BY c.key;

-- blocked --
-- What was last said of why a job cannot start.
SELECT job, cause, data ->> '$.gate' FROM events INDEXED BY events_of_job
 WHERE job IS NOT NULL AND job = :job AND seq <= :moment AND type = 'job.blocked'
 ORDER BY seq DESC LIMIT 1;

-- blocked_in_queue --
-- The same of any job of a queue, among the events past one.
SELECT e.job, e.cause, e.data ->> '$.gate'
  FROM events AS e CROSS JOIN jobs AS j ON j.id = e.job
 WHERE e.seq <= :moment AND e.seq > :after AND e.type = 'job.blocked' AND j.queue = :queue
 ORDER BY e.seq DESC LIMIT 1;

-- jobs_until --
-- Jobs by id as they were at an event; those of a batch that was not seen yet are among them.
SELECT j.id, s.spec, j.surroundings, j.shape, j.created_at,
       v.state, v.queue, v.priority, v.version, v.attempt, v.attempts, v.failures, v.losses,
       v.worker, v.queued_at, v.started_at, v.ended_at, v.state_at, v.wake_at, v.unmet,
       v.held_by, v.held_why, v.cancel_at, v.cancel_by, v.cancel_why, v.stopping,
       v.unreachable_at, v.displaced_for, v.paused_at, v.paused_by, v.needs_operator,
       v.exit_code, v.signal, v.trouble, v.note
  FROM json_each(:ids) AS asked
  CROSS JOIN job_versions AS v ON v.job = asked.value
   AND v.from_seq <= :moment AND v.to_seq > :moment
  CROSS JOIN jobs AS j ON j.id = v.job
  CROSS JOIN specs AS s ON s.job = j.id
UNION ALL
SELECT j.id, s.spec, j.surroundings, j.shape, j.created_at,
       j.state, j.queue, j.priority, j.version, j.attempt, j.attempts, j.failures, j.losses,
       j.worker, j.queued_at, j.started_at, j.ended_at, j.state_at, j.wake_at, j.unmet,
       j.held_by, j.held_why, j.cancel_at, j.cancel_by, j.cancel_why, j.stopping,
       j.unreachable_at, j.displaced_for, j.paused_at, j.paused_by, j.needs_operator,
       j.exit_code, j.signal, j.trouble, j.note
  FROM json_each(:ids) AS asked
  CROSS JOIN jobs AS j ON j.id = asked.value AND j.version <= :moment
  CROSS JOIN specs AS s ON s.job = j.id;
