-- The codes that pages by text message carry, by the number they went to (E.164). incidents holds their numbers, with commas
-- between. A code is given again once it is over.
CREATE TABLE reply_code (
    phone {key} NOT NULL,
    code {i64} NOT NULL,
    person {key} NOT NULL,
    incidents {longtext} NOT NULL,
    expires_at {i64} NOT NULL,
    PRIMARY KEY (phone, code)
){clustered};

-- Which addresses are known to reach a person, by a hash of the address; code is the hash of the one that is out. Times of 0 are
-- none.
CREATE TABLE contact (
    person {key} NOT NULL,
    address {id16} NOT NULL,
    verified_at {i64} NOT NULL,
    code {id16} NOT NULL,
    sent_at {i64} NOT NULL,
    guesses {i64} NOT NULL,
    sends {i64} NOT NULL,
    counted_from {i64} NOT NULL,
    PRIMARY KEY (person, address)
){clustered};
