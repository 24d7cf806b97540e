//! What may stand at a node, worked out while walking: the static tables, and for accounts, sources
//! and receiver entries the tables of their kinds. Checking, reading secret files, redaction and the
//! conversion to JSON all walk by it.

use balefire_channels::registry as channels;
use balefire_core::field::{Field, Kind};
use balefire_sources::registry as sources;

use super::{DOCUMENT, people};
use crate::tree::{Node, Shape};

/// What may stand at a node.
#[derive(Clone, Debug)]
pub enum Form {
    /// A scalar, a text or list of texts, or anything.
    Value(&'static Kind),
    /// A list.
    List(Of),
    /// A mapping with free keys.
    Map(Of),
    /// A mapping with known keys.
    Record(Record),
}

/// What the elements of a list or mapping are.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// All the same kind.
    Kind(&'static Kind),
    /// Receivers.
    Receiver,
    /// Entries of this `…_configs`.
    Entry(&'static str),
    /// Accounts, each by its own `kind`.
    Account,
    /// Sources, each by its own `kind`.
    Source,
}

/// Known keys.
#[derive(Clone, Debug)]
pub struct Record {
    /// Their tables; the first that has a key counts.
    pub tables: Vec<&'static [Field]>,
    /// Keys that are not in a table.
    pub beyond: Beyond,
}

/// Keys of a record that come from the registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// None.
    Nothing,
    /// The document's sections.
    Sections,
    /// A receiver's `…_configs`.
    Integrations,
    /// Any: the kind is unknown, and with it the keys.
    Anything,
}

impl Form {
    /// The whole document.
    pub fn document() -> Self {
        Self::Record(Record {
            tables: vec![&DOCUMENT],
            beyond: Beyond::Sections,
        })
    }

    /// By a table's word.
    pub fn of(kind: &'static Kind) -> Self {
        match kind {
            Kind::List(of) => Self::List(Of::Kind(of)),
            Kind::Map(of) => Self::Map(Of::Kind(of)),
            Kind::Record(fields) => Self::tables(vec![fields]),
            _ => Self::Value(kind),
        }
    }

    /// A mapping with the keys of these tables.
    pub fn tables(tables: Vec<&'static [Field]>) -> Self {
        Self::Record(Record {
            tables,
            beyond: Beyond::Nothing,
        })
    }

    /// The form of a mapping that stands where a text may stand, too; `None` where the form is what it is.
    pub fn of_mapping(&self, node: &Node) -> Option<Self> {
        match (self, &node.shape) {
            (Self::Value(Kind::TextOr(fields)), Shape::Map(_)) => Some(Self::tables(vec![fields])),
            _ => None,
        }
    }

    /// Whether what stands there is never shown.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Value(Kind::Secret | Kind::SecretUrl))
    }
}

impl Of {
    /// The form of one element.
    pub fn element(self, node: &Node) -> Form {
        match self {
            Self::Kind(kind) => Form::of(kind),
            Self::Receiver => Form::Record(Record {
                tables: vec![&people::RECEIVER],
                beyond: Beyond::Integrations,
            }),
            Self::Entry(key) => Form::tables(entry_tables(key)),
            Self::Account => {
                let spec = node.text_at("kind").and_then(channels::find);
                by_kind(spec.map(|spec| spec.account_fields), &people::ACCOUNT)
            }
            Self::Source => {
                let spec = node.text_at("kind").and_then(sources::find);
                by_kind(spec.map(|spec| spec.fields), &people::SOURCE)
            }
        }
    }
}

/// A kind's own keys before the common ones; where the kind is unknown, only those are known.
fn by_kind(own: Option<&'static [Field]>, common: &'static [Field]) -> Form {
    match own {
        Some(own) => Form::tables(vec![own, common]),
        None => Form::Record(Record {
            tables: vec![common],
            beyond: Beyond::Anything,
        }),
    }
}

/// The tables of an entry: those of every kind that shares the key, then the common one.
pub fn entry_tables(key: &str) -> Vec<&'static [Field]> {
    let own = channels::for_receiver_key(key).map(|spec| spec.receiver_fields);
    own.chain([&people::ENTRY as &'static [Field]]).collect()
}

impl Record {
    /// The form of the value at a key; `None` for an unknown key.
    pub fn at(&self, key: &str) -> Option<Form> {
        match (self.beyond, key) {
            (Beyond::Sections, "receivers") => return Some(Form::List(Of::Receiver)),
            (Beyond::Sections, "accounts") => return Some(Form::Map(Of::Account)),
            (Beyond::Sections, "sources") => return Some(Form::Map(Of::Source)),
            (Beyond::Integrations, _) => {
                if let Some(spec) = channels::for_receiver_key(key).next() {
                    return Some(Form::List(Of::Entry(spec.receiver_key)));
                }
            }
            _ => {}
        }
        let field = self.field(key).map(|field| Form::of(&field.kind));
        let anything = (self.beyond == Beyond::Anything).then_some(Form::Value(&Kind::Any));
        field.or(anything)
    }

    /// A key's line in the tables.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.tables
            .iter()
            .flat_map(|table| table.iter())
            .find(|field| field.name == key)
    }

    /// All keys.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.fields().map(|field| field.name).collect();
        if self.beyond == Beyond::Integrations {
            names.extend(channels::CHANNELS.iter().map(|spec| spec.receiver_key));
        }
        names
    }

    /// All lines of the tables.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.tables.iter().flat_map(|table| table.iter())
    }
}
