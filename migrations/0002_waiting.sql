-- Only rows that wait are in these indexes, so a delivered notification costs nothing here.
CREATE INDEX notification_pending ON notification (seq) WHERE state = 0;

CREATE INDEX notification_due ON notification (next_try_at) WHERE state = 0 AND next_try_at IS NOT NULL;
