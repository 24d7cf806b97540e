-- Runs of a heartbeat that say which they are and are under way, a line of id@microseconds; NULL without any. The one that says
-- nothing stays in started_at.
ALTER TABLE heartbeat ADD COLUMN runs {longtext};

-- Heartbeats that people make while the node runs, by name. token is the SHA-256 of its token, hexadecimal; body is what was asked
-- for, JSON. Whoever writes one first writes heartbeat_made.revision in meta, which is the lock between nodes and says when a copy
-- is old.
CREATE TABLE heartbeat_made (
    name {key} NOT NULL PRIMARY KEY,
    token {key} NOT NULL,
    body {longtext} NOT NULL,
    made_by {longtext} NOT NULL,
    made_at {i64} NOT NULL,
    changed_by {longtext} NOT NULL,
    changed_at {i64} NOT NULL
){table};

-- How often the address of a badge was renewed: the addresses before that are nobody's. No row is the first.
CREATE TABLE badge (
    subject {key} NOT NULL PRIMARY KEY,
    renewed {i64} NOT NULL
){table};

-- What the certificate says besides when it expires, JSON; NULL for other kinds of monitors.
ALTER TABLE monitor ADD COLUMN certificate {longtext};
