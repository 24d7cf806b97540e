-- MySQL and MariaDB know no partial index; the primary key is part of every index, so state orders by seq too.
ALTER TABLE notification ADD INDEX notification_pending (state);

ALTER TABLE notification ADD INDEX notification_due (state, next_try_at);
