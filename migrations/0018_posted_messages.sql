-- Messages at chat platforms that later ones answer or change: by group, account and place one, under a hash of the three. live is
-- 1 while the message itself is kept as things stand. body is JSON: the platform's own id, and what the message shows. at is when
-- it was last written.
CREATE TABLE posted (
    id {key} NOT NULL PRIMARY KEY,
    at {i64} NOT NULL,
    live {i64} NOT NULL,
    body {longtext} NOT NULL
){table};

CREATE INDEX posted_by_live ON posted (live);
