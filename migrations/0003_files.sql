-- Files that people and callers hand in. Their bytes are rows, so that every node hands them out and a backup has them.
-- seq ascends: of files with the same name the one with the highest is meant.
CREATE TABLE file (
    id {key} NOT NULL PRIMARY KEY,
    seq {i64} NOT NULL,
    at {i64} NOT NULL,
    size {i64} NOT NULL,
    name {key} NOT NULL,
    media_type {longtext} NOT NULL
){table};

CREATE UNIQUE INDEX file_by_seq ON file (seq);

CREATE INDEX file_by_name ON file (name, seq);

-- Pieces come first: a file counts once its row in file is there.
CREATE TABLE file_part (
    file {key} NOT NULL,
    part {i64} NOT NULL,
    crc {i64} NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (file, part)
){table};

-- Pieces that belong to no file: of one that is still coming in (at: its last piece), or of one that was removed (at: 0).
CREATE TABLE file_draft (
    id {key} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL
){table};
