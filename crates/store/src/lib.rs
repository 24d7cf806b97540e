//! Balefire: store.
