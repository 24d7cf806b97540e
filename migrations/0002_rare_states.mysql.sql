-- MySQL and MariaDB know no partial index.
ALTER TABLE waiting ADD INDEX waiting_due (next_try_at);

ALTER TABLE attempt ADD INDEX attempt_rare (state);
