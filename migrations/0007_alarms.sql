-- What came in by /alarm_v2 and /alarm, suppressed or not; node is the one that took it. fields is the request's JSON without
-- its signature, webhook a hash that stands for the signed id it came with. code is the answer, NULL until it is known. A way
-- has the number of its first notification and how many there are, NULL where it was not told.
CREATE TABLE alarm (
    seq {i64} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    node {i64} NOT NULL,
    env {longtext} NOT NULL,
    owner {longtext} NOT NULL,
    level {longtext} NOT NULL,
    dep {longtext} NOT NULL,
    fields {longtext} NOT NULL,
    webhook {key},
    code {i64},
    dingtalk {i64},
    dingtalk_count {i64},
    wecom {i64},
    wecom_count {i64},
    email {i64},
    email_count {i64}
){table};

CREATE UNIQUE INDEX alarm_webhook ON alarm (webhook);

-- Groups of owner and level that were set by API; they stand before those of the document. body is JSON.
CREATE TABLE alarm_group (
    id {key} NOT NULL PRIMARY KEY,
    owner {key} NOT NULL,
    level {i64} NOT NULL,
    body {longtext} NOT NULL,
    changed_at {i64} NOT NULL
){table};

-- Chat groups that Balefire made at a platform. id names the account and what the group is for; members
-- names those it was made for.
-- conversation_id is empty while there is none; until then and no longer, one node makes the group of this round. made counts
-- the groups there have been.
CREATE TABLE chat_group (
    id {key} NOT NULL PRIMARY KEY,
    round {i64} NOT NULL,
    made {i64} NOT NULL,
    making_until {i64} NOT NULL,
    conversation_id {longtext} NOT NULL,
    members {longtext} NOT NULL,
    at {i64} NOT NULL
){table};
