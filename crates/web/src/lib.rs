//! Balefire: web.
