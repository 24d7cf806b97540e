//! What the value of an attribute is, by its name: Go's conservative guess.

/// The kinds of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attribute {
    #[default]
    Plain,
    Url,
    Style,
    Script,
    Srcset,
}

/// Attributes that hold an address.
const URLS: [&str; 18] = [
    "action",
    "archive",
    "background",
    "cite",
    "classid",
    "codebase",
    "data",
    "formaction",
    "href",
    "icon",
    "longdesc",
    "manifest",
    "poster",
    "profile",
    "src",
    "usemap",
    "xmlns",
    "ping",
];

/// Attributes whose value means nothing dangerous although the name looks so.
const PLAIN: [&str; 2] = ["srclang", "open"];

/// Attributes that a name out of data may not become.
const UNSAFE: [&str; 22] = [
    "accept-charset",
    "async",
    "challenge",
    "charset",
    "content",
    "crossorigin",
    "defer",
    "enctype",
    "form",
    "formenctype",
    "formmethod",
    "formnovalidate",
    "http-equiv",
    "keytype",
    "language",
    "method",
    "novalidate",
    "pattern",
    "rel",
    "sandbox",
    "type",
    "value",
];

impl Attribute {
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let name = match (name.strip_prefix("data-"), name.split_once(':')) {
            (None, Some(("xmlns", _))) => return Self::Url,
            (Some(name), _) | (None, Some((_, name))) => name,
            (None, None) => &name,
        };
        match name {
            "style" => Self::Style,
            "srcset" => Self::Srcset,
            name if URLS.contains(&name) => Self::Url,
            // A page within an attribute would need both escapings.
            name if name == "srcdoc" || name.starts_with("on") => Self::Script,
            name if !PLAIN.contains(&name)
                && ["src", "uri", "url"].iter().any(|part| name.contains(part)) =>
            {
                Self::Url
            }
            _ => Self::Plain,
        }
    }

    /// Whether a name that comes out of data may be written as an attribute's.
    pub(super) fn is_harmless(name: &str) -> bool {
        Self::of(name) == Self::Plain && !UNSAFE.contains(&name)
    }
}
