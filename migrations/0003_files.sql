-- Files that people and callers hand in. Their bytes are rows, so that every node hands them out and a backup has them.
CREATE TABLE file (
    id {key} NOT NULL PRIMARY KEY,
    name {key} NOT NULL,
    media_type {longtext} NOT NULL,
    size {i64} NOT NULL,
    at {i64} NOT NULL
){table};

-- Of files with the same name the newest is meant.
CREATE INDEX file_name ON file (name, at);

-- Pieces come first: a file counts once its row in file is there.
CREATE TABLE file_part (
    file {key} NOT NULL,
    part {i64} NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (file, part)
){table};
