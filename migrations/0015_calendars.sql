-- Calendars that are fetched, by a hash of schedule and address: what became of the tries. layer is the name of the layer, empty
-- without one. tried_at is also the leave to fetch it: whoever moves it on from what they saw fetches, and whose it is not any more
-- writes nothing.
CREATE TABLE calendar (
    id {key} NOT NULL PRIMARY KEY,
    schedule {key} NOT NULL,
    layer {longtext} NOT NULL,
    tried_at {i64} NOT NULL,
    fetched_at {i64},
    failing_since {i64},
    error {longtext} NOT NULL,
    wait_until {i64},
    etag {longtext} NOT NULL,
    modified {longtext} NOT NULL
){table};

-- The copy that counts. body is JSON: what the calendar says, since when that counts, and who was on call by it before. Written together
-- with the revision in meta, which says when a copy in memory is old.
CREATE TABLE calendar_copy (
    id {key} NOT NULL PRIMARY KEY,
    body {longtext} NOT NULL
){table};
