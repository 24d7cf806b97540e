-- Heartbeats by name, as they were left. pace is what they were waited for with, so that another one is noticed. raised holds
-- the labels of the alert that is out, or is about to be, as JSON: it is there before the alert and goes after its end. took is in
-- microseconds. sender and body are those of the last signal.
CREATE TABLE heartbeat (
    name {key} NOT NULL PRIMARY KEY,
    pace {longtext} NOT NULL,
    pings {i64} NOT NULL,
    last_at {i64},
    last_signal {key},
    last_code {i64},
    waits_from {i64},
    started_at {i64},
    took {i64},
    excused_until {i64},
    paused_at {i64},
    down_since {i64},
    down_why {key},
    down_code {i64},
    raised {longtext},
    sender {longtext} NOT NULL,
    body {longtext} NOT NULL
){table};

-- Monitors by name, as they were looked at last. target is what was looked at, so that another one is noticed; expires_at and
-- detail are of the last look that saw it, error of one that did not. The telling is the reminder's of the same name.
CREATE TABLE monitor (
    name {key} NOT NULL PRIMARY KEY,
    target {longtext} NOT NULL,
    looked_at {i64},
    expires_at {i64},
    detail {longtext} NOT NULL,
    failing_since {i64},
    error {longtext} NOT NULL,
    complained_at {i64}
){table};
