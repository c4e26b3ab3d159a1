-- Blobs, artifacts, frozen trees, results to reuse, and how often caches helped.

CREATE TABLE blobs (
    sha     TEXT PRIMARY KEY,           -- SHA-256 of what is in it, and its name on disk
    size    INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX blobs_by_use ON blobs (used_at, sha, size);

CREATE TABLE artifacts (
    id      INTEGER PRIMARY KEY,
    job     INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    name    TEXT NOT NULL,
    type    TEXT NOT NULL,
    path    TEXT NOT NULL,
    sha     TEXT NOT NULL,
    size    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    UNIQUE (attempt, path)
) STRICT;

CREATE INDEX artifacts_of_job ON artifacts (job, id);
CREATE INDEX artifacts_of_blob ON artifacts (sha);
CREATE INDEX artifacts_by_age ON artifacts (at);
CREATE INDEX artifacts_of_type ON artifacts (type, id);

-- Outputs of attempts that have ended: still on their host, kept, or lost.
CREATE TABLE collections (
    attempt TEXT PRIMARY KEY,
    job     INTEGER NOT NULL,
    worker  TEXT NOT NULL,
    state   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    tries   INTEGER NOT NULL,
    missing TEXT NOT NULL,              -- JSON array of patterns
    note    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX collections_of_job ON collections (job);
CREATE INDEX collections_owed ON collections (worker, at) WHERE state = 'owed';

-- Which frozen tree a job runs in; a live job's must not be evicted.
CREATE TABLE frozen (
    sha TEXT NOT NULL,
    job INTEGER NOT NULL,
    PRIMARY KEY (sha, job)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER specs_frozen AFTER INSERT ON specs
    WHEN instr(new.spec, CAST('"frozen":"' AS BLOB)) > 0
BEGIN
    INSERT OR IGNORE INTO frozen (sha, job)
    SELECT json_extract(CAST(new.spec AS TEXT), '$.frozen'), new.job
     WHERE json_extract(CAST(new.spec AS TEXT), '$.frozen') IS NOT NULL;
END;

-- The key under which the last run of a job may stand in for another.
CREATE TABLE memos (
    job INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    at  INTEGER NOT NULL
) STRICT;

CREATE INDEX memos_by_key ON memos (key, job);

CREATE TABLE reuses (
    job INTEGER PRIMARY KEY,
    of  INTEGER NOT NULL                -- the job whose result stands in for its run
) STRICT;

CREATE TABLE cache_counts (
    kind        TEXT NOT NULL,          -- blob, memo, build
    name        TEXT NOT NULL,
    hits        INTEGER NOT NULL,
    misses      INTEGER NOT NULL,
    restore_ms  INTEGER NOT NULL,
    store_ms    INTEGER NOT NULL,
    hit_run_ms  INTEGER NOT NULL,
    miss_run_ms INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
