-- What providers will say something of: their own id of what they took, as a hash over account and id. There are rows only
-- for accounts whose callbacks are read, written before the try counts as delivered.
CREATE TABLE awaited (
    notification {i64} NOT NULL,
    hash {id16} NOT NULL,
    PRIMARY KEY (notification, hash)
){clustered};

CREATE INDEX awaited_by_hash ON awaited (hash);

-- What they said, numbered from 1; never changed. state: 1 delivered, 2 failed, 3 answered, 4 a key was pressed.
CREATE TABLE receipt (
    notification {i64} NOT NULL,
    number {i64} NOT NULL,
    at {i64} NOT NULL,
    state {i64} NOT NULL,
    provider_id {longtext} NOT NULL,
    detail {longtext} NOT NULL,
    PRIMARY KEY (notification, number)
){table};
