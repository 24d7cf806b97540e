-- Calls that phone agents were asked for. id is the text of the notification's stable id and seq its number, so that asking
-- again after a crash is the same call; tried is the notification's try that asks. phones holds commas between the numbers. state: 0 waiting,
-- 1 answered, 2 nobody answered, 3 no longer wanted; done of rounds are over. person is the key of who answered, if known.
CREATE TABLE phone_call (
    id {key} NOT NULL PRIMARY KEY,
    seq {i64} NOT NULL,
    tried {i64} NOT NULL,
    at {i64} NOT NULL,
    title {longtext} NOT NULL,
    phones {longtext} NOT NULL,
    state {i64} NOT NULL,
    rounds {i64} NOT NULL,
    done {i64} NOT NULL,
    ended_at {i64},
    answered_by {longtext},
    person {longtext},
    agent {longtext}
){table};

CREATE INDEX phone_call_seq ON phone_call (seq);

-- Phone agents by the name they are known under, and when they asked last.
CREATE TABLE phone_agent (
    name {key} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    address {longtext} NOT NULL
){table};
