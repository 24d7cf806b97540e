-- Only rare rows are in these indexes, so a delivered notification costs nothing here.
CREATE INDEX waiting_due ON waiting (next_try_at) WHERE next_try_at IS NOT NULL;

-- 1 is delivered.
CREATE INDEX attempt_rare ON attempt (state, id) WHERE state <> 1;
