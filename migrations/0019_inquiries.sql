-- What a provider is asked after a while, because it says only then what became of what it took: a row for each of its ids,
-- written before the try counts as delivered, removed when nothing is left to ask. place is JSON, the options of an entry that
-- can ask. hash is over account and id, as in awaited.
CREATE TABLE inquiry (
    hash {id16} NOT NULL PRIMARY KEY,
    account {longtext} NOT NULL,
    provider_id {longtext} NOT NULL,
    place {longtext} NOT NULL,
    sent_at {i64} NOT NULL,
    asked {i64} NOT NULL,
    next_at {i64} NOT NULL
){clustered};

CREATE INDEX inquiry_by_time ON inquiry (next_at);
