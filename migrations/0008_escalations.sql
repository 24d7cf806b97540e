-- An incident's escalation: the policy it began with, how many its policy had before, and where it stands as JSON (empty
-- until it is looked at first). live is 0 once the incident is over; seen is the last entry of the timeline that it has taken in.
CREATE TABLE escalation (
    incident {i64} NOT NULL PRIMARY KEY,
    policy {key} NOT NULL,
    ordinal {i64} NOT NULL,
    live {i64} NOT NULL,
    seen {i64} NOT NULL,
    body {longtext} NOT NULL
){table};

CREATE INDEX escalation_live ON escalation (live, incident);

CREATE INDEX escalation_policy ON escalation (policy);

-- A notification by which a person is paged for an incident. outcome: 0 not known yet, 1 delivered, 2 failed, 3 withdrawn.
CREATE TABLE page (
    incident {i64} NOT NULL,
    seq {i64} NOT NULL,
    person {longtext} NOT NULL,
    way {longtext} NOT NULL,
    at {i64} NOT NULL,
    outcome {i64} NOT NULL,
    PRIMARY KEY (incident, seq)
){clustered};

CREATE INDEX page_outcome ON page (outcome, seq);

-- What a group's last flush means for its incident, written with the decision and gone once it is done: that it is open, with
-- the policy that looks after it, or over. ordinal is the flush's.
CREATE TABLE group_word (
    grp {i64} NOT NULL PRIMARY KEY,
    ordinal {i64} NOT NULL,
    is_over {i64} NOT NULL,
    policy {key} NOT NULL,
    severity {i64} NOT NULL,
    title {longtext} NOT NULL,
    started_at {i64} NOT NULL
){table};
