-- What a person was told last, so that a restart does not tell them more often than the document allows. kind: page, or
-- notice; body is JSON. One row for each person and kind, overwritten.
CREATE TABLE told_last (
    person {key} NOT NULL,
    kind {key} NOT NULL,
    body {longtext} NOT NULL,
    PRIMARY KEY (person, kind)
){table};
