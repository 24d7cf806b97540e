-- What people work on. incident_key names what it was opened for ("fault/…", "group/…"), so that it is opened once;
-- NULL for one that may stand beside others of its kind. state: 0 resolved, 1 open, 2 acknowledged; severity: 1 (worst) to 4.
CREATE TABLE incident (
    id {i64} NOT NULL PRIMARY KEY,
    incident_key {key},
    state {i64} NOT NULL,
    severity {i64} NOT NULL,
    title {longtext} NOT NULL,
    responsible {longtext},
    worker {longtext},
    started_at {i64} NOT NULL,
    ended_at {i64},
    cause {longtext},
    summary {longtext},
    report {longtext},
    acknowledged_by {longtext},
    acknowledged_at {i64},
    opened_at {i64} NOT NULL,
    changed_at {i64} NOT NULL
){table};

CREATE UNIQUE INDEX incident_by_key ON incident (incident_key);

-- Everything that happened to an incident, numbered from 1; never changed. detail is JSON. Whoever changes an incident
-- writes its next number, so that of two who do so at once the database takes one.
CREATE TABLE incident_event (
    incident {i64} NOT NULL,
    number {i64} NOT NULL,
    at {i64} NOT NULL,
    kind {key} NOT NULL,
    actor {longtext} NOT NULL,
    detail {longtext} NOT NULL,
    PRIMARY KEY (incident, number)
){table};

CREATE TABLE incident_file (
    incident {i64} NOT NULL,
    file {key} NOT NULL,
    PRIMARY KEY (incident, file)
){clustered};
