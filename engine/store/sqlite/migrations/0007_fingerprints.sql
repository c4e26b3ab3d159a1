-- What failures that are alike have in common stands in their trouble; found by it.

ALTER TABLE jobs ADD COLUMN fp TEXT AS (json_extract(trouble, '$.fp')) VIRTUAL;

CREATE INDEX jobs_by_fp ON jobs (fp) WHERE fp IS NOT NULL;
