-- What operators did can be found without looking at all that ever happened.

CREATE INDEX events_of_operators ON events (seq) WHERE type = 'operator.acted';
CREATE INDEX batches_since ON batches (seq) WHERE seq IS NOT NULL;
