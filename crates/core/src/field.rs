//! The form of a piece of configuration: one table from which checking, the JSON schema, the
//! reference pages and (later) the console's forms all come.

/// One key of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key as written.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// One sentence for the reference: what it is, unit, range, default.
    pub doc: &'static str,
    /// The default, as it would be written; empty when there is none.
    pub default: &'static str,
}

/// What may stand at a key.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that is never shown again.
    Secret,
    /// An http or https URL.
    Url,
    /// A URL that itself holds a credential (a robot's webhook), so it is treated as a secret.
    SecretUrl,
    /// A text that may be a Go template of Alertmanager's; kept as it is, never run by us.
    GoTemplate,
    /// A duration as Prometheus writes it: `1h30m`.
    Duration,
    /// A whole number in a range, ends included.
    Integer(i64, i64),
    /// A number.
    Number,
    /// true or false.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The name of an IANA time zone.
    TimeZone,
    /// A list of something.
    List(&'static Kind),
    /// A comma-separated text or a list of texts.
    TextOrList,
    /// A mapping with free keys.
    Map(&'static Kind),
    /// A mapping with these keys.
    Record(&'static [Field]),
    /// A text, or a mapping with these keys.
    TextOr(&'static [Field]),
    /// Anything.
    Any,
}

impl Field {
    /// A key that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            required: false,
            doc,
            default: "",
        }
    }

    /// A key that must be there.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            required: true,
            doc,
            default: "",
        }
    }

    /// The same key with a default.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }
}
