//! Balefire: engine.
