-- Workflows: jobs within composite jobs, edges that follow other ends, and what tasks say.

ALTER TABLE jobs ADD COLUMN flow INTEGER;
ALTER TABLE jobs ADD COLUMN task TEXT;

CREATE UNIQUE INDEX jobs_of_flow ON jobs (flow, task) WHERE flow IS NOT NULL;
CREATE INDEX jobs_of_flow_by_id ON jobs (flow, id) WHERE flow IS NOT NULL;
CREATE INDEX jobs_of_parent ON jobs (parent) WHERE parent IS NOT NULL;

CREATE TABLE flows (
    id      INTEGER PRIMARY KEY,        -- of the composite job
    name    TEXT NOT NULL,
    run     INTEGER NOT NULL,
    root    INTEGER NOT NULL,
    body    TEXT NOT NULL,              -- JSON of engine.model.workflow.Flow
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX flows_by_name ON flows (name, run) WHERE root = id;
CREATE INDEX flows_of_root ON flows (root);

-- What workflows were made from, by the SHA-256 of its text.
CREATE TABLE definitions (
    digest TEXT PRIMARY KEY,
    body   BLOB NOT NULL                -- JSON, as it was submitted
) STRICT, WITHOUT ROWID;

CREATE TABLE results (
    job     INTEGER PRIMARY KEY,
    attempt TEXT NOT NULL,
    at      INTEGER NOT NULL,
    body    BLOB NOT NULL               -- JSON
) STRICT;

-- Ends of a job that let those go on which depend on it like this (engine.model.workflow).
CREATE TABLE met_by (
    after TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (after, state)
) STRICT, WITHOUT ROWID;

INSERT INTO met_by (after, state) VALUES
    ('success', 'succeeded'),
    ('failure', 'failed'), ('failure', 'timeout'),
    ('end', 'succeeded'), ('end', 'failed'), ('end', 'timeout'), ('end', 'canceled'),
    ('end', 'skipped'),
    ('settled', 'succeeded'), ('settled', 'failed'), ('settled', 'timeout'),
    ('spare', 'succeeded'), ('spare', 'skipped');

ALTER TABLE deps ADD COLUMN after TEXT NOT NULL DEFAULT 'success';

DROP TRIGGER jobs_heard_news;

-- A job hears of an end by taking it into `unmet`. One that came meanwhile stays news.
CREATE TRIGGER jobs_heard_news AFTER UPDATE OF state, unmet ON jobs
    WHEN old.unmet > 0 AND (old.unmet <> new.unmet OR new.state <> 'pending')
BEGIN
    UPDATE deps SET news = 0
     WHERE job = new.id AND news = 1
       AND (new.state <> 'pending' OR (
            new.unmet = (SELECT count(*) FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
                          WHERE d.job = new.id
                            AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                             WHERE m.after = d.after AND m.state = j.state))
            AND NOT EXISTS (
                SELECT 1 FROM deps AS d JOIN jobs AS j ON j.id = d.on_job
                 WHERE d.job = new.id
                   AND j.state IN ('succeeded', 'failed', 'canceled', 'timeout', 'skipped')
                   AND NOT EXISTS (SELECT 1 FROM met_by AS m
                                    WHERE m.after = d.after AND m.state = j.state))));
END;
