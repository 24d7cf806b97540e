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
