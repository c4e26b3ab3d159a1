-- Since when a running job stands still, and who wanted it.

ALTER TABLE jobs ADD COLUMN paused_at INTEGER;

ALTER TABLE jobs ADD COLUMN paused_by TEXT;

ALTER TABLE job_versions ADD COLUMN paused_at INTEGER;

ALTER TABLE job_versions ADD COLUMN paused_by TEXT;

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
        old.trouble, old.note, old.displaced_for, old.paused_at, old.paused_by);
END;
