-- What came in by /alarm_v2 and /alarm, suppressed or not. fields is the request's JSON without its signature; code is the
-- answer; the ways are the numbers of their notifications, NULL where there is none.
CREATE TABLE alarm (
    seq {i64} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    env {key} NOT NULL,
    owner {key} NOT NULL,
    level {key} NOT NULL,
    dep {key} NOT NULL,
    fields {longtext} NOT NULL,
    code {i64},
    dingtalk {i64},
    wecom {i64},
    email {i64}
){table};

-- Groups of owner and level that were set by API; they stand before those of the document. body is JSON.
CREATE TABLE alarm_group (
    id {key} NOT NULL PRIMARY KEY,
    owner {key} NOT NULL,
    level {i64} NOT NULL,
    body {longtext} NOT NULL,
    changed_at {i64} NOT NULL
){table};

-- Chat groups that Balefire made at a platform. id names the account and what the group is for; members is a JSON list.
CREATE TABLE chat_group (
    id {key} NOT NULL PRIMARY KEY,
    conversation_id {longtext} NOT NULL,
    members {longtext} NOT NULL,
    at {i64} NOT NULL
){table};
