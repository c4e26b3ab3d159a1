-- What it takes to show a moment that is past: what edits replaced, what queues and workers
-- were, and the counters every few thousand events.

CREATE INDEX job_versions_until ON job_versions (to_seq);

-- What an edit of a waiting job replaced; it held until the event `to_seq`.
CREATE TABLE spec_versions (
    job          INTEGER NOT NULL,
    to_seq       INTEGER NOT NULL,
    owner        TEXT NOT NULL,
    name         TEXT NOT NULL,
    key          TEXT,
    tags         TEXT NOT NULL,
    deadline_at  INTEGER,
    max_attempts INTEGER NOT NULL,
    command      TEXT NOT NULL,
    goal         TEXT,
    session      TEXT,
    shape        INTEGER NOT NULL,
    spec         BLOB NOT NULL,
    PRIMARY KEY (job, to_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX spec_versions_until ON spec_versions (to_seq);

CREATE TRIGGER jobs_keep_spec AFTER UPDATE OF owner, name, key, tags, deadline_at,
    max_attempts, command, goal, session, shape ON jobs
BEGIN
    INSERT OR IGNORE INTO spec_versions
    SELECT old.id, new.version, old.owner, old.name, old.key, old.tags, old.deadline_at,
           old.max_attempts, old.command, old.goal, old.session, old.shape, spec
      FROM specs WHERE job = old.id;
END;

-- What a queue, a worker, an array or the backpressure of all queues was from an event on.
CREATE TABLE place_versions (
    kind     TEXT NOT NULL,             -- queue, worker, array, modes
    name     TEXT NOT NULL,
    from_seq INTEGER NOT NULL,
    body     TEXT,                      -- JSON of its row; NULL: it was removed
    PRIMARY KEY (kind, name, from_seq)
) STRICT, WITHOUT ROWID;

INSERT INTO place_versions (kind, name, from_seq, body)
SELECT 'queue', name, (SELECT coalesce(max(seq), 0) FROM events),
       json_object('name', name, 'limit', "limit", 'weight', weight, 'own', own,
                   'paused_by', paused_by, 'paused_why', paused_why,
                   'paused_at', paused_at, 'version', version)
  FROM queues
UNION ALL
SELECT 'worker', name, (SELECT coalesce(max(seq), 0) FROM events), body FROM workers
UNION ALL
SELECT 'modes', '', (SELECT coalesce(max(seq), 0) FROM events), value
  FROM meta WHERE key = 'modes';

-- The counters as they stood at an event; the first is where the past begins.
CREATE TABLE checkpoints (
    seq      INTEGER PRIMARY KEY,
    clock    INTEGER NOT NULL,          -- the latest instant that any event up to it has
    next_job INTEGER NOT NULL,          -- all jobs up to it have smaller ids
    counts   TEXT NOT NULL              -- JSON: [[queue, tenant, priority, state, number], …]
) STRICT;

CREATE INDEX checkpoints_by_clock ON checkpoints (clock, seq);

INSERT INTO checkpoints (seq, clock, next_job, counts)
SELECT coalesce(max(seq), 0), coalesce(max(at), 0),
       coalesce((SELECT value FROM meta WHERE key = 'next_job'), 1),
       (SELECT json_group_array(json_array(queue, tenant, priority, state, number))
          FROM counters WHERE number <> 0)
  FROM events;
