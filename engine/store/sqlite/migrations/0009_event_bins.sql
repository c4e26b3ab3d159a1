-- How many events of each kind there were in each stretch of time, and where in the log they
-- lie; what may need somebody can be found without looking at all that ever happened.

CREATE TABLE event_bins (
    width_s  INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    type     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    PRIMARY KEY (width_s, start_at, type)
) STRICT, WITHOUT ROWID;

INSERT INTO event_bins (width_s, start_at, type, number, first, last)
SELECT 10, at - at % 10000000, type, count(*), min(seq), max(seq)
  FROM events GROUP BY 2, 3;

INSERT INTO event_bins (width_s, start_at, type, number, first, last)
SELECT 600, start_at - start_at % 600000000, type, sum(number), min(first), max(last)
  FROM event_bins WHERE width_s = 10 GROUP BY 2, 3;

CREATE INDEX events_of_problems ON events (seq)
    WHERE type IN ('job.failed', 'job.timeout', 'job.rejected', 'array.aborted',
        'attempt.lost', 'worker.refused', 'worker.declared_dead', 'daemon.trouble',
        'job.retry', 'job.skipped', 'job.starving', 'job.displaced', 'inversion.began',
        'attempt.unreachable', 'attempt.soft_timeout', 'attempt.void', 'lease.expired',
        'queue.mode', 'worker.disconnected', 'worker.quarantined', 'worker.breaker');
