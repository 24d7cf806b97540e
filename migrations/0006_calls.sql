-- Calls that phone agents were asked for. id is the notification's stable id, so that asking again after a crash is the
-- same call. phones is a JSON list. state: 0 waiting, 1 answered, 2 nobody answered, 3 no longer wanted.
CREATE TABLE phone_call (
    id {key} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    title {longtext} NOT NULL,
    phones {longtext} NOT NULL,
    incident {i64},
    state {i64} NOT NULL,
    rounds {i64} NOT NULL,
    ended_at {i64},
    answered_by {longtext},
    person {longtext},
    agent {longtext}
){table};

CREATE INDEX phone_call_at ON phone_call (at);

-- Phone agents by the model they say they are, and when they asked last.
CREATE TABLE phone_agent (
    model {key} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    address {longtext} NOT NULL
){table};
