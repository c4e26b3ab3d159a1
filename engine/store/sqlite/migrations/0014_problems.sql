-- What may need somebody has more kinds: workflows, work that recurs, and hooks.

DROP INDEX events_of_problems;

CREATE INDEX events_of_problems ON events (seq)
    WHERE type IN ('job.failed', 'job.timeout', 'job.rejected', 'array.aborted',
        'attempt.lost', 'worker.refused', 'worker.declared_dead', 'daemon.trouble',
        'job.retry', 'job.skipped', 'job.starving', 'job.displaced', 'inversion.began',
        'attempt.unreachable', 'attempt.soft_timeout', 'attempt.void', 'lease.expired',
        'queue.mode', 'worker.disconnected', 'worker.quarantined', 'worker.breaker',
        'workflow.failed', 'workflow.stopped', 'cron.missed', 'cron.skipped',
        'hook.refused');
