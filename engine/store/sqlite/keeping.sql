-- Statements about what outlives attempts, by name.

-- put_blob --
-- A blob, or a later use of it.
INSERT INTO blobs (sha, size, used_at) VALUES (?, ?, ?)
    ON CONFLICT (sha) DO UPDATE SET used_at = max(used_at, excluded.used_at);

-- forget_blob --
-- Nothing is known of a blob any more.
DELETE FROM blobs WHERE sha = ?;

-- blobs --
-- Blobs past a name.
SELECT sha, size, used_at FROM blobs WHERE sha > :after ORDER BY sha LIMIT :limit;

-- blob_bytes --
-- How many blobs there are, and how large they are together.
SELECT count(*), coalesce(sum(size), 0) FROM blobs;

-- evictable_blobs --
-- Blobs that nothing needs, the one that was used longest ago first.
SELECT sha, size, used_at FROM blobs AS b
 WHERE used_at < :used_before_at
   AND NOT EXISTS (SELECT 1 FROM artifacts AS a WHERE a.sha = b.sha)
   AND NOT EXISTS (SELECT 1 FROM frozen AS f JOIN jobs AS j ON j.id = f.job
                    WHERE f.sha = b.sha
                      AND j.state IN ('pending', 'queued', 'running', 'retrying'))
 ORDER BY used_at, sha LIMIT :limit;

-- put_collection --
-- How far the outputs of an attempt have come.
INSERT INTO collections (attempt, job, worker, state, at, tries, missing, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (attempt) DO UPDATE SET
       state = excluded.state, at = excluded.at, tries = excluded.tries,
       missing = excluded.missing, note = excluded.note
     WHERE state = 'owed';

-- owed_collections --
-- Outputs that a worker still has for us.
SELECT attempt, job, worker, state, at, tries, missing, note FROM collections
 WHERE worker = :worker AND state = 'owed' ORDER BY at LIMIT :limit;

-- collection --
-- The outputs of one attempt.
SELECT attempt, job, worker, state, at, tries, missing, note FROM collections
 WHERE attempt = :attempt;

-- collections_of --
-- The outputs of a job's attempts.
SELECT attempt, job, worker, state, at, tries, missing, note FROM collections
 WHERE job = :job ORDER BY at, attempt;

-- put_artifact --
-- An artifact; one that is kept already stays as it is.
INSERT OR IGNORE INTO artifacts (job, attempt, name, type, path, sha, size, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- artifacts_all --
-- The newest artifacts.
SELECT id, job, attempt, name, type, path, sha, size, at FROM artifacts
 WHERE id < :below ORDER BY id DESC LIMIT :limit;

-- artifacts_of_type --
-- The newest artifacts of a type.
SELECT id, job, attempt, name, type, path, sha, size, at FROM artifacts
 WHERE type = :type AND id < :below ORDER BY id DESC LIMIT :limit;

-- artifacts_of_job --
-- The newest artifacts of a job, or of the one whose result it has.
SELECT id, job, attempt, name, type, path, sha, size, at FROM artifacts
 WHERE job = coalesce((SELECT of FROM reuses WHERE job = :job), :job)
   AND id < :below AND (:type IS NULL OR type = :type)
 ORDER BY id DESC LIMIT :limit;

-- artifact --
-- One artifact.
SELECT id, job, attempt, name, type, path, sha, size, at FROM artifacts WHERE id = :id;

-- drop_artifacts --
-- Forgets the oldest artifacts.
DELETE FROM artifacts
 WHERE id IN (SELECT id FROM artifacts WHERE at < :before_at ORDER BY at LIMIT :limit);

-- drop_memos --
-- Results to which artifacts belong that are about to be forgotten.
DELETE FROM memos
 WHERE job IN (SELECT job FROM artifacts WHERE at < :before_at ORDER BY at LIMIT :limit);

-- put_memo --
-- The key under which a job's result may be reused.
INSERT OR REPLACE INTO memos (job, key, at) VALUES (:job, :key, :at);

-- keep_memo --
-- What was noted under another key is not reused.
DELETE FROM memos WHERE job = :job AND key <> :key;

-- forget_memo --
-- A job has not run after all: what it has is another's.
DELETE FROM memos WHERE job = ?;

-- memo_keys --
-- Under which keys jobs were noted.
SELECT job, key FROM memos WHERE job IN (SELECT value FROM json_each(:jobs));

-- memo --
-- The job that succeeded last under a key, with all that it was to leave.
SELECT m.job FROM memos AS m JOIN jobs AS j ON j.id = m.job
 WHERE m.key = :key AND j.state = 'succeeded' AND j.ended_at >= :ended_after_at
   AND NOT EXISTS (SELECT 1 FROM collections AS c
                    WHERE c.job = m.job AND c.state <> 'kept')
 ORDER BY j.ended_at DESC LIMIT 1;

-- memo_number --
-- How many results there are to reuse.
SELECT count(*) FROM memos AS m JOIN jobs AS j ON j.id = m.job WHERE j.state = 'succeeded';

-- clear_memos --
-- Nothing of what ran until now is reused.
DELETE FROM memos;

-- put_reuse --
-- Another job's result stands in for a run.
INSERT OR REPLACE INTO reuses (job, of) VALUES (?, ?);

-- forget_reuse --
-- A job runs itself.
DELETE FROM reuses WHERE job = ?;

-- reused --
-- Whose results jobs have.
SELECT job, of FROM reuses WHERE job IN (SELECT value FROM json_each(:jobs));

-- add_cache_count --
-- Adds to what was counted.
INSERT INTO cache_counts (kind, name, hits, misses, restore_ms, store_ms, hit_run_ms,
                          miss_run_ms, size_bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, name) DO UPDATE SET
       hits = hits + excluded.hits, misses = misses + excluded.misses,
       restore_ms = restore_ms + excluded.restore_ms,
       store_ms = store_ms + excluded.store_ms,
       hit_run_ms = hit_run_ms + excluded.hit_run_ms,
       miss_run_ms = miss_run_ms + excluded.miss_run_ms,
       size_bytes = max(size_bytes, excluded.size_bytes);

-- cache_counts --
-- How often things were found.
SELECT kind, name, hits, misses, restore_ms, store_ms, hit_run_ms, miss_run_ms, size_bytes
  FROM cache_counts ORDER BY kind, name;

-- clear_cache_counts --
-- Begin to count anew.
DELETE FROM cache_counts;
