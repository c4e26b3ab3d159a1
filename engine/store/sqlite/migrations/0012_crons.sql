-- Recurring work.

CREATE TABLE crons (
    name    TEXT PRIMARY KEY,
    wake_at INTEGER,                    -- when it wants to be looked at; NULL: not by time
    owes    INTEGER NOT NULL,           -- 1: runs of it wait until another one has ended
    version INTEGER NOT NULL,
    body    TEXT NOT NULL               -- JSON of engine.model.cron.Cron
) STRICT, WITHOUT ROWID;

CREATE INDEX crons_by_wake ON crons (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX crons_that_owe ON crons (name) WHERE owes = 1;
