-- Who a person is at a platform, as its address book says, and whether they are still there. asked is a hash of what it was asked
-- about (account and address, or the document's own id): for another one this row says nothing. id is empty where nobody was found.
CREATE TABLE identity (
    person {key} NOT NULL,
    platform {key} NOT NULL,
    asked {id16} NOT NULL,
    id {text} NOT NULL,
    standing {key} NOT NULL,
    said {text} NOT NULL,
    asked_at {i64} NOT NULL,
    found_at {i64} NOT NULL,
    PRIMARY KEY (person, platform)
){table};

-- Who plays which part in an incident, as JSON; NULL where nobody does.
ALTER TABLE incident ADD COLUMN roles {longtext};
