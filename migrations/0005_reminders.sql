-- Things that will expire and are told in advance. ways is a JSON list of what is told through besides mail; email a list with commas.
CREATE TABLE reminder (
    id {i64} NOT NULL PRIMARY KEY,
    name {key} NOT NULL,
    content {longtext} NOT NULL,
    email {longtext} NOT NULL,
    ways {longtext} NOT NULL,
    owner {key},
    advance_days {i64} NOT NULL,
    expires_at {i64} NOT NULL,
    handled_at {i64},
    handled_by {longtext},
    created_at {i64} NOT NULL,
    changed_at {i64} NOT NULL
){table};

CREATE UNIQUE INDEX reminder_by_name ON reminder (name);

-- What was told: for the date (days since 1970 in the owner's zone), the stage (days ahead, negative after the date) and the way.
CREATE TABLE reminder_told (
    reminder {i64} NOT NULL,
    day {i64} NOT NULL,
    stage {i64} NOT NULL,
    way {key} NOT NULL,
    at {i64} NOT NULL,
    PRIMARY KEY (reminder, day, stage, way)
){clustered};
