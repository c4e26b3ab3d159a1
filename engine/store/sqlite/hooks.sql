-- Statements about hooks.

-- hook_events --
-- Starts and ends of jobs, of all or of those that say something of hooks.
SELECT seq, at, type, job, attempt, worker, tenant, actor, cause, data
  FROM events
 WHERE seq > :after AND seq <= :until AND job IS NOT NULL
   AND type IN (SELECT value FROM json_each(:types))
   AND (:every OR EXISTS (SELECT 1 FROM specs
                           WHERE specs.job = events.job
                             AND instr(CAST(spec AS TEXT), '"hooks":')))
 ORDER BY seq;

-- hook_jobs --
-- The newest jobs of one job's hooks.
SELECT jobs.id FROM jobs
 WHERE parent = :job
   AND EXISTS (SELECT 1 FROM specs
                WHERE specs.job = jobs.id
                  AND json_extract(CAST(spec AS TEXT), '$.hook_of') = :job)
 ORDER BY jobs.id DESC LIMIT :limit;
