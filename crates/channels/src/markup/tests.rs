//! What alert content may not do, in every dialect.
