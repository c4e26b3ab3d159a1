-- Statements about flows, by name.

-- insert_flow --
-- A new flow. Changes no row if its composite job has one.
INSERT OR IGNORE INTO flows (id, name, run, root, body, version)
SELECT :id, :name, :run, :root, :body, :was + 1;

-- move_flow --
-- Changes a flow, if its version is still the one last seen.
UPDATE flows SET name = :name, run = :run, root = :root, body = :body, version = :was + 1
 WHERE id = :id AND version = :was;

-- put_definition --
-- What a workflow was made from; the same text is kept once.
INSERT OR IGNORE INTO definitions (digest, body) VALUES (?, ?);

-- put_result --
-- What the newest attempt of a job has to say.
INSERT OR REPLACE INTO results (job, attempt, at, body) VALUES (?, ?, ?, ?);

-- flow --
-- One flow.
SELECT body FROM flows WHERE id = :id;

-- live_flows --
-- Flows whose composite job has not ended.
SELECT f.body
  FROM jobs AS j INDEXED BY jobs_composite JOIN flows AS f ON f.id = j.id
 WHERE j.kind = 'composite' AND j.state IN ('pending', 'queued', 'running', 'retrying')
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND j.id BETWEEN b.first AND b.last)
 ORDER BY f.id;

-- runs --
-- Runs that people started, newest first.
SELECT body FROM flows
 WHERE root = id AND id < :below
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND id BETWEEN b.first AND b.last)
 ORDER BY id DESC LIMIT :limit;

-- runs_of --
-- Runs of one workflow, newest first.
SELECT body FROM flows
 WHERE root = id AND name = :name AND id < :below
   AND NOT EXISTS (SELECT 1 FROM batches AS b WHERE b.seq IS NULL
                      AND id BETWEEN b.first AND b.last)
 ORDER BY id DESC LIMIT :limit;

-- next_run --
-- The number of the next run of a workflow.
SELECT coalesce(max(run), 0) + 1 FROM flows WHERE root = id AND name = :of;

-- flows_within --
-- All flows of a run, itself first.
SELECT body FROM flows WHERE root = :root ORDER BY id;

-- tasks --
-- Ids of a flow's children past one.
SELECT id FROM jobs INDEXED BY jobs_of_flow_by_id
 WHERE flow = :flow AND id > :after ORDER BY id LIMIT :limit;

-- task_number --
-- How many children a flow has.
SELECT coalesce(sum(number), 0) FROM array_counts WHERE array = :flow;

-- tasks_in --
-- As tasks, only those in these states.
SELECT id FROM jobs INDEXED BY jobs_of_flow_by_id
 WHERE flow = :flow AND id > :after AND state IN (SELECT value FROM json_each(:states))
 ORDER BY id LIMIT :limit;

-- task_ids --
-- Which jobs the tasks with these names are.
SELECT j.task, j.id FROM json_each(:names) AS asked
  JOIN jobs AS j INDEXED BY jobs_of_flow ON j.flow = :flow AND j.task = asked.value;

-- results --
-- What the named jobs had to say.
SELECT r.job, r.attempt, r.at, r.body
  FROM json_each(:jobs) AS asked JOIN results AS r ON r.job = asked.value;

-- definition --
-- What a workflow was made from.
SELECT body FROM definitions WHERE digest = :digest;

-- awaited --
-- How the dependencies of the named jobs stand: how many there are, how many are not met, and
-- the first that cannot be met any more.
SELECT d.job, count(*), sum(m.after IS NULL),
       min(CASE WHEN m.after IS NULL
                 AND j.state IN ('succeeded', 'failed', 'canceled', 'timeout', 'skipped')
                THEN d.on_job END)
  FROM json_each(:jobs) AS asked JOIN deps AS d ON d.job = asked.value
       JOIN jobs AS j ON j.id = d.on_job
       LEFT JOIN met_by AS m ON m.after = d.after AND m.state = j.state
 GROUP BY d.job;
