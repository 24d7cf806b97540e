-- The log-structured store: what came in, what was decided, who must be told.
-- {…} are the portable column types and clauses of crates/store/src/dialect.rs.
-- Keys ascend, so that rows are appended and pages fill up; nothing hot has an index in random order.

-- Words that repeat on every row (receivers, accounts, integrations, configuration versions), as small numbers.
CREATE TABLE name (
    id {i64} NOT NULL PRIMARY KEY,
    word {longtext} NOT NULL
){table};

-- One row per group commit. id = node << 48 | first sequence number.
CREATE TABLE event (
    id {i64} NOT NULL PRIMARY KEY,
    last_seq {i64} NOT NULL,
    at {i64} NOT NULL,
    crc {i64} NOT NULL,
    body {bytes} NOT NULL
){table};

-- One row per dispatcher turn that decided something; upto is the event cursor it stood at.
CREATE TABLE decision (
    seq {i64} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    upto {i64} NOT NULL,
    config {i64} NOT NULL,
    crc {i64} NOT NULL,
    body {bytes} NOT NULL
){table};

-- One row per target, never changed: where it stands is in waiting, else in its last settling attempt.
-- detail holds what is not searched for.
CREATE TABLE notification (
    seq {i64} NOT NULL PRIMARY KEY,
    decision {i64} NOT NULL,
    grp {i64} NOT NULL,
    receiver {i64} NOT NULL,
    account {i64} NOT NULL,
    created_at {i64} NOT NULL,
    detail {bytes} NOT NULL
){table};

-- The notifications that are not settled. Small, so that a crash or a dead node is sorted out by reading it.
CREATE TABLE waiting (
    seq {i64} NOT NULL PRIMARY KEY,
    node {i64} NOT NULL,
    next_try_at {i64},
    attempts {i64} NOT NULL,
    last_error {longtext}
){table};

-- One row per try, and one for each end without a try. id = notification * 65536 + 2 * number of the try,
-- + 1 for an end without one; state is what the notification became by it, if it was settled.
CREATE TABLE attempt (
    id {i64} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    took {i64} NOT NULL,
    kind {i64},
    state {i64},
    error {longtext},
    answer {longtext},
    provider_id {longtext}
){table};

-- Messages as they were rendered, of dead letters.
CREATE TABLE kept (
    notification {i64} NOT NULL PRIMARY KEY,
    body {bytes} NOT NULL
){table};

-- The dispatcher's memory. A checkpoint counts once its row in this table is there; parts come first.
CREATE TABLE checkpoint (
    id {i64} NOT NULL PRIMARY KEY,
    upto {i64} NOT NULL,
    decision {i64} NOT NULL,
    at {i64} NOT NULL,
    parts {i64} NOT NULL
){table};

CREATE TABLE checkpoint_part (
    checkpoint {i64} NOT NULL,
    part {i64} NOT NULL,
    crc {i64} NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (checkpoint, part)
){table};

-- Requests that were refused, so that "it never arrived" can be answered.
CREATE TABLE rejected (
    seq {i64} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    source {longtext} NOT NULL,
    reason {longtext} NOT NULL,
    head {bytes} NOT NULL
){table};

-- Configurations by the hash of their content; every decision names one.
CREATE TABLE config_version (
    hash {key} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    document {longtext} NOT NULL,
    redacted {longtext} NOT NULL
){table};

-- Which alert a sender's own key stands for. hash is over source_key, which may be long.
CREATE TABLE alert_key (
    hash {id16} NOT NULL PRIMARY KEY,
    source_key {longtext} NOT NULL,
    fingerprint {i64} NOT NULL,
    at {i64} NOT NULL
){table};

CREATE TABLE meta (
    item {key} NOT NULL PRIMARY KEY,
    content {longtext} NOT NULL
){table};
