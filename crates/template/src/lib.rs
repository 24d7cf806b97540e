//! Balefire: template.
