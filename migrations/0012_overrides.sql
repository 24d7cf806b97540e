-- Overrides and swaps that people make while the node runs; those of the document are not here. what is JSON; begins and ends
-- are its first and last instant. A row is never removed: one that was taken back says by whom and when.
CREATE TABLE schedule_override (
    schedule {key} NOT NULL,
    id {key} NOT NULL,
    begins {i64} NOT NULL,
    ends {i64} NOT NULL,
    what {longtext} NOT NULL,
    reason {longtext} NOT NULL,
    made_by {longtext} NOT NULL,
    made_at {i64} NOT NULL,
    cancelled_by {longtext},
    cancelled_at {i64},
    PRIMARY KEY (schedule, id)
){table};

CREATE INDEX schedule_override_by_end ON schedule_override (ends);
