-- What attempts used of their hosts over time; points are merged as they become many.

CREATE TABLE samples (
    attempt   TEXT NOT NULL,
    at        INTEGER NOT NULL,
    cpu_ms    INTEGER NOT NULL,
    memory_mb INTEGER NOT NULL,
    processes INTEGER NOT NULL,
    gpu_mb    INTEGER,
    PRIMARY KEY (attempt, at)
) STRICT, WITHOUT ROWID;
