-- What a person was paged for last, so that a restart does not page them more often than the document allows. body is JSON. One
-- row for each person, overwritten.
CREATE TABLE told_last (
    person {key} NOT NULL PRIMARY KEY,
    body {longtext} NOT NULL
){table};

-- A silence that recurs: when, and what of. body is JSON. Its occurrences are silences of the log; a row is never removed, one that
-- was ended says so.
CREATE TABLE silence_series (
    id {key} NOT NULL PRIMARY KEY,
    body {longtext} NOT NULL
){table};
