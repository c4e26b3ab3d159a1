-- Which commit an attempt ran on.

ALTER TABLE attempts ADD COLUMN revision TEXT NOT NULL DEFAULT '';
