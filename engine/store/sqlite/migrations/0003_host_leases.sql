-- How long an attempt's host goes on without being told to; it is fixed when the attempt starts.

ALTER TABLE attempts ADD COLUMN lease_ms INTEGER;
