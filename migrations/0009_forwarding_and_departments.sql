-- What telephones were told to forward their calls to, when who is on call changed: a row for each time. series names the
-- telephone and is the group of its notifications; of two nodes that tell it of one change, the second finds the round taken.
-- person is the key of who is called, empty when it is nobody's number.
CREATE TABLE forwarding (
    series {i64} NOT NULL,
    round {i64} NOT NULL,
    at {i64} NOT NULL,
    person {longtext} NOT NULL,
    number {longtext} NOT NULL,
    notification {i64} NOT NULL,
    PRIMARY KEY (series, round)
){clustered};

-- Departments of /alarm_v2 that were set by API; they stand before those of the document. body is JSON; salt and
-- signing_secret are as callers have them, because signatures are made from them.
CREATE TABLE alarm_department (
    dep {key} NOT NULL PRIMARY KEY,
    salt {longtext},
    signing_secret {longtext},
    body {longtext} NOT NULL,
    changed_at {i64} NOT NULL
){table};

-- Alarms that another node than the one that took them tells, or the same one after a start; until then it has leave.
CREATE TABLE alarm_claim (
    seq {i64} NOT NULL PRIMARY KEY,
    node {i64} NOT NULL,
    until {i64} NOT NULL
){table};
