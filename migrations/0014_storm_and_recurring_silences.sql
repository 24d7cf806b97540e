-- What a person was paged for last, so that a restart does not page them more often than the document allows. body is JSON. One
-- row for each person, overwritten.
CREATE TABLE told_last (
    person {key} NOT NULL PRIMARY KEY,
    body {longtext} NOT NULL
){table};
