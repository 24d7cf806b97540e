//! Balefire: testkit.
