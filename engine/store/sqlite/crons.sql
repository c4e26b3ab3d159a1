-- Statements about recurring work.

-- put_cron --
-- A schedule, new or known, if its version is still the one last seen.
INSERT INTO crons (name, wake_at, owes, version, body)
SELECT :name, :wake_at, :owes, :was + 1, :body
 WHERE :was = coalesce((SELECT version FROM crons WHERE name = :name), 0)
    ON CONFLICT (name) DO UPDATE
   SET wake_at = excluded.wake_at, owes = excluded.owes, version = excluded.version,
       body = excluded.body;

-- remove_cron --
-- Forgets a schedule, if its version is still the one last seen.
DELETE FROM crons WHERE name = :name AND version = :was;

-- crons --
-- All schedules, by name.
SELECT body FROM crons ORDER BY name;

-- cron --
-- One schedule.
SELECT body FROM crons WHERE name = :name;

-- due_crons --
-- Schedules that want to be looked at by now, those that wait longest first.
SELECT body FROM crons WHERE wake_at <= :now_at ORDER BY wake_at LIMIT :limit;

-- owing_crons --
-- Schedules of which runs wait until another one has ended.
SELECT body FROM crons WHERE owes = 1 ORDER BY name;

-- next_cron_at --
-- When the next schedule wants to be looked at.
SELECT min(wake_at) FROM crons WHERE wake_at IS NOT NULL;
