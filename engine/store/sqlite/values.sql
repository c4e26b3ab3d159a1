-- Statements about the values that fields have among many jobs.

-- newest_times --
-- How long the jobs that ended last waited and ran, in each queue.
SELECT queue, started_at - queued_at, ended_at - started_at
  FROM (SELECT queue, queued_at, started_at, ended_at FROM jobs
         WHERE rank = 5 ORDER BY rank_key LIMIT :sample)
 WHERE started_at >= queued_at AND ended_at >= started_at;
